/** In UTF-16 units. */
interface PartSizes {
  /** The greatest length of a part. */
  maxLength: number;
  /**
   * How much of a part is repeated at the start of the next one. A passage that is cut in one part is whole in the
   * other.
   */
  overlap: number;
}

/** Where a text may be cut, the best place first: after a paragraph, a sentence, a word. */
const boundaries = [/\n\s*\n/g, /[.!?…。！？]["'”’)]*\s/g, /\s/g];

/** Cuts a text into parts that overlap and together contain all of it. A short text is one part. */
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

/** Returns the end of the last boundary between two positions, or `to` if there is no boundary. */
function lastBoundary(text: string, from: number, to: number): number {
  const stretch = text.slice(from, to);
  for (const boundary of boundaries) {
    const last = [...stretch.matchAll(boundary)].at(-1);
    if (last) return from + last.index + last[0].length;
  }
  const isHalfACharacter = /[\uD800-\uDBFF]/.test(text[to - 1] ?? "");
  return isHalfACharacter ? to - 1 : to;
}
