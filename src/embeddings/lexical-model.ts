import { type EmbeddingModel, type Embedded, unitVector, width } from "./embedding-model.ts";
import { rotate } from "./rotation.ts";

/** The version is part of the name: another way to make vectors would be another model. */
export const lexicalModelName = "groundwork-lexical-1";

/** What comes after so many characters of a text does not count. */
const maxCharacters = 1_000_000;

/**
 * The embedding model without a model: says how many words, and parts of words, two texts share. It knows no synonyms.
 *
 * Feature hashing (Weinberger et al., 2009): every word, and every run of 3 to 5 characters within a word and its two
 * boundaries, is hashed to one of 1536 places and a sign, and adds the square root of how often it occurs. Of Chinese,
 * Japanese and Korean, runs of 1 and 2 characters count instead. The sum is rotated, so that
 * its signs are informative by themselves, and brought to unit length. Nothing depends on other texts, on the runtime or
 * on chance, so the same text has the same vector everywhere.
 */
export function lexicalModel(): EmbeddingModel {
  return {
    name: lexicalModelName,
    isLocal: true,
    maxBatch: 1000,
    async embed(texts) {
      return { embedded: texts.map(embedText), tokens: undefined };
    },
  };
}

function embedText(text: string): Embedded {
  return unitVector(rotate(hashFeatures(text.slice(0, maxCharacters))));
}

/** The sum of a text's features, before the rotation. */
export function hashFeatures(text: string): Float64Array {
  const vector = new Float64Array(width);
  for (const [hash, square] of squaredFeatures(text)) {
    const place = (hash & 0x7fff_ffff) % width;
    vector[place]! += Math.sign(hash) * Math.sqrt(square);
  }
  // A text without a word, or whose features cancel each other out, is like all others of that kind.
  if (vector.every((number) => number === 0)) vector[0] = 1;
  return vector;
}

/** All parts of a word together are worth somewhat more than the word, so that its other forms are found. */
const partWeight = 0.375;

const wordPattern = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|\p{Extended_Pictographic}/gu;
const syllabic = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** The squares of the weights, added up: the root of n squares is the weight times the root of n. */
function squaredFeatures(text: string): Map<number, number> {
  const squares = new Map<number, number>();
  const add = (hash: number, weight: number) => squares.set(hash, (squares.get(hash) ?? 0) + weight * weight);
  const addRuns = (word: string, minLength: number, maxLength: number, weight: number) => {
    for (let length = minLength; length <= maxLength; length += 1) {
      for (let start = 0; start + length <= word.length; start += 1) add(hashOf(word, start, length, 2), weight);
    }
  };
  for (const [match] of fold(text).matchAll(wordPattern)) {
    const word = match.replace(/['’]/g, "");
    if (syllabic.test(word)) addRuns(word, 1, 2, 1);
    else {
      const weight = wordWeight(word);
      add(hashOf(word, 0, word.length, 1), weight);
      addRuns(`<${word}>`, 3, 5, weight * partWeight);
    }
  }
  return squares;
}

/** What differs only in case, in accents or in how it is encoded becomes the same. */
function fold(text: string): string {
  const bare = text
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "");
  return bare.normalize("NFC");
}

/** Short words are mostly those that every text has. It is the same for all languages, and needs no list. */
function wordWeight(word: string): number {
  if (/\P{L}/u.test(word)) return 1;
  if (word.length <= 2) return 0.25;
  return word.length === 3 ? 0.5 : 1;
}

/** FNV-1a over the code units, with the last step of MurmurHash3, which lets every bit depend on every other. */
function hashOf(text: string, start: number, length: number, kind: number): number {
  let hash = 0x811c_9dc5 ^ kind;
  for (let at = start; at < start + length; at += 1) {
    const unit = text.charCodeAt(at);
    hash = Math.imul(hash ^ (unit & 0xff), 0x0100_0193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x0100_0193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
