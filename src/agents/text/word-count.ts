const segmenter = new Intl.Segmenter("en", { granularity: "word" });

/** How many words a text has, also where no spaces part them. Marks of Markdown are none. */
export function wordCount(text: string): number {
  let words = 0;
  for (const { isWordLike } of segmenter.segment(text)) if (isWordLike) words += 1;
  return words;
}
