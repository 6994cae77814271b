import { readFileSync } from "node:fs";

interface Subject {
  subject: string;
  thoughts: string[];
}

/** The words of each subject, as often as they occur in the tests' labelled thoughts. */
const vocabularies = ["thoughts-by-subject", "thoughts-in-varied-words"].flatMap((name) => {
  const file = new URL(`../../test/data/${name}.json`, import.meta.url);
  const subjects = JSON.parse(readFileSync(file, "utf8")) as Subject[];
  return subjects.map(({ thoughts }) => thoughts.join(" ").split(/\s+/));
});
const subjectsOfUser = 4;

/** Writes a text of eight to twenty words of one of the user's subjects. The same text almost never comes twice. */
export function writeText(user: number, random: () => number): string {
  const subject = user * 5 + Math.floor(random() * subjectsOfUser) * 7;
  const vocabulary = vocabularies[subject % vocabularies.length]!;
  const length = 8 + Math.floor(random() * 13);
  return Array.from({ length }, () => vocabulary[Math.floor(random() * vocabulary.length)]!).join(" ");
}
