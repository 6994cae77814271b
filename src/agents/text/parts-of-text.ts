/** In UTF-16 units. */
interface PartSizes {
  /** No part is longer. */
  maxLength: number;
  /** How much of a part the next one begins with, so that nothing is cut in two for both. */
  overlap: number;
}

/** Where a text is cut, best first: after a paragraph, a sentence, a word. */
const boundaries = [/\n\s*\n/g, /[.!?…。！？]["'”’)]*\s/g, /\s/g];

/** The text in parts that overlap. Together they are the whole text; a short text is one part. */
export function partsOfText(text: string, { maxLength, overlap }: PartSizes): string[] {
  const parts: string[] = [];
  let start = 0;
  while (text.length - start > maxLength) {
    const end = lastBoundary(text, start + Math.floor(maxLength * 0.8), start + maxLength);
    parts.push(text.slice(start, end));
    start = lastBoundary(text, end - overlap, end - Math.floor(overlap / 2));
  }
  parts.push(text.slice(start));
  return parts;
}

/** The end of the last boundary between two places, or the second of them if there is none. */
function lastBoundary(text: string, from: number, to: number): number {
  const stretch = text.slice(from, to);
  for (const boundary of boundaries) {
    const last = [...stretch.matchAll(boundary)].at(-1);
    if (last) return from + last.index + last[0].length;
  }
  const isHalfACharacter = /[\uD800-\uDBFF]/.test(text[to - 1] ?? "");
  return isHalfACharacter ? to - 1 : to;
}
