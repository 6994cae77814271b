const segmenter = new Intl.Segmenter("en", { granularity: "word" });

/** Counts the words of a text, also in languages without spaces between words. Marks of Markdown do not count. */
export function wordCount(text: string): number {
  let words = 0;
  for (const { isWordLike } of segmenter.segment(text)) if (isWordLike) words += 1;
  return words;
}
