import { wordCount } from "./word-count.ts";

/** A text in which quotes can be found. */
export interface QuotableText {
  /**
   * Finds a quote in the text. White space, quotation marks, dashes and capitals may differ.
   *
   * @returns the passage as it is written in the text; undefined if there is none, or if the quote is too short to be
   *   evidence
   */
  find(quote: string): string | undefined;
}

export function quotableText(text: string): QuotableText {
  const original = text.normalize("NFC");
  const { folded, places } = fold(original);
  return {
    find(quote) {
      const wanted = fold(quote.normalize("NFC")).folded.trim();
      if (!isLongEnough(wanted)) return undefined;
      for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) {
        const end = at + wanted.length;
        if (isInAWord(folded, at) || isInAWord(folded, end)) continue;
        return original.slice(places[at], places[end]).trimEnd();
      }
      return undefined;
    },
  };
}

/** Returns true for three words, or for two that are not very short. "a" and "he is" occur in every text. */
function isLongEnough(quote: string): boolean {
  if (spaceless.test(quote)) return quote.length >= 4;
  const words = wordCount(quote);
  return words >= 3 ? quote.length >= 4 : words === 2 && quote.length >= 8;
}

/** Scripts without spaces between words. In these, a word may end after any character. */
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/u;
const letter = /[\p{L}\p{N}]/u;

function isInAWord(text: string, at: number): boolean {
  const [before = "", after = ""] = [text[at - 1], text[at]];
  return letter.test(before) && letter.test(after) && !spaceless.test(before) && !spaceless.test(after);
}

/** Characters that count as equal. */
const alike = new Map(
  (
    [
      ["'", "\u2018\u2019\u201A\u201B\u2032\u0060\u00B4"],
      ['"', "\u201C\u201D\u201E\u201F\u2033\u00AB\u00BB"],
      ["-", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"],
      ["...", "\u2026"],
      // Soft hyphens and characters without width.
      ["", "\u00AD\u200B\u200C\u200D\u2060\uFEFF"],
    ] as const
  ).flatMap(([sign, characters]) => Array.from(characters, (character): [string, string] => [character, sign])),
);

/**
 * Normalises the text for comparison. `places` has the position of each unit in the original, and at the end the
 * original's length.
 */
function fold(text: string): { folded: string; places: number[] } {
  const signs: string[] = [];
  const places: number[] = [];
  let place = 0;
  for (const character of text) {
    const sign = alike.get(character) ?? (/\s/.test(character) ? " " : character.toLowerCase());
    if (sign !== " " || signs.at(-1) !== " ") {
      if (sign !== "") signs.push(sign);
      for (let unit = 0; unit < sign.length; unit += 1) places.push(place);
    }
    place += character.length;
  }
  places.push(place);
  return { folded: signs.join(""), places };
}
