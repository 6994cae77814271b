import { capitalised, cut } from "../text/safe-text.ts";

/** A name for a group, from words that are more frequent in it than elsewhere. */
interface GroupWords {
  name: string;
  description: string;
  tags: string[];
}

const wordPattern = /\p{L}[\p{L}\p{M}]*/gu;
/** Shorter words are mostly words that occur in every text. */
const minWordLength = 4;
const maxTags = 3;

/**
 * Names groups of texts without a model, by their most distinctive words.
 *
 * @param groups the texts of each group
 * @param others all other known texts of the user. They show which words are usual
 * @param taken names that must not be used, in lower case
 */
export function wordsOfGroups(groups: string[][], others: string[], taken: ReadonlySet<string>): GroupWords[] {
  const all = [...groups.flat(), ...others].map(wordsOf);
  const usual = countTexts(all);
  const names = new Set(taken);
  return groups.map((texts) => {
    const words = distinctive(texts.map(wordsOf), usual, all.length);
    const name = freeName(words.slice(0, 2).map(capitalised).join(" and ") || "Thoughts", names);
    names.add(name.toLowerCase());
    return {
      name,
      description: words.length > 0 ? `Thoughts about ${words.join(", ")}.` : "Thoughts that belong together.",
      tags: words.length > 0 ? words.slice(0, maxTags) : ["thoughts"],
    };
  });
}

function wordsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(wordPattern) ?? [];
  return new Set(
    words.filter((word) => word.length >= minWordLength || /\P{Script=Latin}/u.test(word)).map((word) => cut(word, 30)),
  );
}

function countTexts(texts: Set<string>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const words of texts) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Returns at most four words that occur in many texts of the group and in few others. */
function distinctive(texts: Set<string>[], usual: Map<string, number>, total: number): string[] {
  const weight = ([word, count]: [string, number]) => (count / texts.length) * Math.log((total + 1) / usual.get(word)!);
  const counted = [...countTexts(texts)].filter(([, count]) => count > 1 || texts.length === 1);
  return counted
    .toSorted((one, other) => weight(other) - weight(one) || (one[0] < other[0] ? -1 : 1))
    .slice(0, 4)
    .map(([word]) => word);
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${name} ${number}`;
  return free;
}
