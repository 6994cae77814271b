import { readFileSync } from "node:fs";
import { lexicalModel } from "../../../src/embeddings/lexical-model.ts";

interface Subject {
  subject: string;
  thoughts: string[];
}

const read = (name: string): Subject[] =>
  JSON.parse(readFileSync(new URL(`../../data/${name}.json`, import.meta.url), "utf8"));

/** 300 simple notes on 12 subjects, 25 each, as users write them: the nouns of a subject repeat. */
export const subjects = read("thoughts-by-subject");

/** As many notes on the same subjects, in words that rarely repeat. Words alone do not show their subjects. */
export const variedSubjects = read("thoughts-in-varied-words");

export async function lexicalVectors(texts: string[]): Promise<Float32Array[]> {
  const { embedded } = await lexicalModel().embed(texts);
  return embedded.map((one) => {
    if ("error" in one) throw one.error;
    return one.vector;
  });
}

/**
 * Computes the adjusted Rand index of two partitions of the same items (Hubert and Arabie, 1985): 1 for equal
 * partitions, about 0 for random ones.
 */
export function adjustedRandIndex(one: unknown[], other: unknown[]): number {
  const pairs = (count: number) => (count * (count - 1)) / 2;
  const pairsWithin = (keys: unknown[]) => {
    const counts = new Map<unknown, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts.values()].reduce((sum, count) => sum + pairs(count), 0);
  };
  const both = pairsWithin(one.map((key, at) => `${key} ${other[at]}`));
  const [ofOne, ofOther] = [pairsWithin(one), pairsWithin(other)];
  const expected = (ofOne * ofOther) / pairs(one.length);
  return (both - expected) / ((ofOne + ofOther) / 2 - expected);
}
