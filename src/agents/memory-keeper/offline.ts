import type { MemoryPair } from "./memories-to-consolidate.ts";

interface Comparison {
  relation: "same" | "contradicts" | "unrelated";
  newer: "a" | "b";
}

/**
 * Compares two memories by their English words alone. It knows no synonyms. If in doubt, it answers "unrelated":
 *
 * - same: the same words in the same order. Small words and endings do not count;
 * - contradicts: the same words, once with and once without a negation; or the same beginning, with two different ends,
 *   if the beginning can have only one true end ("I live in", "I work as", "my favourite … is").
 */
export function compareMemories({ a, b }: MemoryPair): Comparison {
  const newer = isLater(a, b) ? "a" : "b";
  const [one, other] = [statementOf(a.content), statementOf(b.content)];
  if (one.words.length === 0 || other.words.length === 0) return { relation: "unrelated", newer };
  if (one.words.map(({ stem }) => stem).join(" ") === other.words.map(({ stem }) => stem).join(" ")) {
    return { relation: one.isNegated === other.isNegated ? "same" : "contradicts", newer };
  }
  const isDenied = one.isNegated || other.isNegated;
  return { relation: !isDenied && haveOneEnd(one.words, other.words) ? "contradicts" : "unrelated", newer };
}

type Times = Pick<MemoryPair["a"], "valid_from" | "created_at">;

function isLater(a: Times, b: Times): boolean {
  const [fromA, fromB] = [Date.parse(a.valid_from), Date.parse(b.valid_from)];
  return fromA === fromB ? Date.parse(a.created_at) > Date.parse(b.created_at) : fromA > fromB;
}

interface Word {
  /** The word without its ending. */
  stem: string;
  /** A `name` begins with a capital letter, a `number` with a digit. */
  kind: "name" | "number" | "word";
}

interface Statement {
  /** The words that are left without small words and negations. */
  words: Word[];
  isNegated: boolean;
}

const negations = new Set(["not", "no", "never", "neither", "nor", "without"]);

/** Words that do not change the meaning of a sentence, or only its strength. */
const smallWords = new Set(
  (
    "a an the do does did to really very quite just also too still now currently presently actually simply always " +
    "much lot so today anymore longer any"
  ).split(" "),
);

const contractions: [RegExp, string][] = [
  [/\bcan(?:'t|not)\b/gi, "can not"],
  [/\bwon't\b/gi, "will not"],
  [/n't\b/gi, " not"],
  [/\bany more\b/gi, "anymore"],
  [/\b(i)'m\b/gi, "$1 am"],
  [/\b(he|she|it|that|there|what|who)'s\b/gi, "$1 is"],
  [/\b(you|we|they)'re\b/gi, "$1 are"],
];

function statementOf(text: string): Statement {
  let plain = text.normalize("NFKC").replaceAll("\u2019", "'");
  for (const [pattern, words] of contractions) plain = plain.replace(pattern, words);
  const found = plain.match(/[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}'.-]*[\p{L}\p{M}\p{N}])?/gu) ?? [];
  const isNegated = found.filter((word) => negations.has(word.toLowerCase())).length % 2 === 1;
  return { words: found.filter(isContentWord).map(readWord), isNegated };
}

function isContentWord(word: string): boolean {
  return !negations.has(word.toLowerCase()) && !smallWords.has(word.toLowerCase());
}

function readWord(word: string): Word {
  const kind = /^\p{Lu}/u.test(word) ? "name" : /^\p{N}/u.test(word) ? "number" : "word";
  return { stem: withoutEnding(word.toLowerCase()), kind };
}

/** Turns "lives" into "live" and "cats" into "cat". "is", "this" and "glass" stay as they are. */
function withoutEnding(word: string): string {
  return word.length > 3 && /[^isu']s$/.test(word) ? word.slice(0, -1) : word;
}

/** Beginnings that can have only one true end. * stands for any one word. */
const singular = [
  "work as",
  "name is",
  "favourite * is",
  "favorite * is",
  "birthday is",
  "birthday is on",
  "married to",
];
/**
 * The same, but only if both ends are names or both are numbers: somebody who lives in Lisbon may also live in a house.
 */
const singularOfNames = ["live in", "live at", "reside in", "work at", "work for", "study at", "born in", "born on"];

/** How many words may stand before the pattern. They say whom the statement is about. */
const maxSubjectWords = 4;

/**
 * Returns true if both begin in the same way, the beginning can have only one true end, and the ends differ. An end
 * that has all words of the other one only adds detail: "in Lisbon, Portugal" does not contradict "in Lisbon".
 */
function haveOneEnd(one: Word[], other: Word[]): boolean {
  const stems = (words: Word[]) => words.map(({ stem }) => stem);
  for (let length = 1; length < Math.min(one.length, other.length); length += 1) {
    if (one[length - 1]!.stem !== other[length - 1]!.stem) return isAge(stems(one), stems(other));
    const beginning = stems(one.slice(0, length));
    const [first, second] = [one[length]!, other[length]!];
    const isOfNames = first.kind === second.kind && first.kind !== "word";
    const patterns = isOfNames ? [...singular, ...singularOfNames] : singular;
    if (!patterns.some((pattern) => endsWith(beginning, pattern.split(" ")))) continue;
    const [end, otherEnd] = [stems(one.slice(length)), stems(other.slice(length))];
    if (!isPartOf(end, otherEnd) && !isPartOf(otherEnd, end)) return true;
  }
  return isAge(stems(one), stems(other));
}

/** Returns true for "I am 34 years old" and the same sentence with another number. */
function isAge(one: string[], other: string[]): boolean {
  const pattern = /^(.+) (?:am|is|are) \d+ year(?: old)?$/;
  const [first, second] = [pattern.exec(one.join(" ")), pattern.exec(other.join(" "))];
  return first !== null && second !== null && first[1] === second[1];
}

/** Returns true if the words end with the pattern, and the subject before it is not too long. */
function endsWith(words: string[], pattern: string[]): boolean {
  const start = words.length - pattern.length;
  if (start < 0 || start > maxSubjectWords) return false;
  return pattern.every((part, index) => part === "*" || part === words[start + index]);
}

function isPartOf(words: string[], others: string[]): boolean {
  return words.every((word) => others.includes(word));
}
