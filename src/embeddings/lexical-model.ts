import { type EmbeddingModel, type Embedded, unitVector, width } from "./embedding-model.ts";
import { rotate } from "./rotation.ts";

/** The version is part of the name, because any change of the vectors makes another model. */
export const lexicalModelName = "groundwork-lexical-1";

/** Only this many characters of a text count. */
const maxCharacters = 1_000_000;

/**
 * Makes the lexical model, the embedding model that needs no provider. It measures how many words, and parts of words,
 * two texts have in common. It knows no synonyms.
 *
 * It uses feature hashing (Weinberger et al., 2009). The features are words, and runs of 3 to 5 characters within a
 * word and its two boundaries; in Chinese, Japanese and Korean, runs of 1 and 2 characters. Each feature is hashed to
 * one of 1536 places and a sign, and adds the square root of its frequency there. The sum is rotated, so that its signs
 * alone are informative, and scaled to unit length. Nothing depends on other texts, on the runtime or on chance, so the
 * same text has the same vector everywhere.
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

/** Returns the sum of a text's features, before the rotation. */
export function hashFeatures(text: string): Float64Array {
  const vector = new Float64Array(width);
  for (const [hash, square] of squaredFeatures(text)) {
    const place = (hash & 0x7fff_ffff) % width;
    vector[place]! += Math.sign(hash) * Math.sqrt(square);
  }
  // All texts without a word, or whose features cancel each other out, get the same vector.
  if (vector.every((number) => number === 0)) vector[0] = 1;
  return vector;
}

/**
 * The weight of a part of a word. All parts together weigh somewhat more than the word, so that its other forms are
 * found.
 */
const partWeight = 0.375;

const wordPattern = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|\p{Extended_Pictographic}/gu;
const syllabic = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** Adds up the squares of the weights: the root of n squared weights is the weight times the root of n. */
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

/** Makes texts equal that differ only in case, in accents or in their encoding. */
function fold(text: string): string {
  const bare = text
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "");
  return bare.normalize("NFC");
}

/**
 * Short words get a low weight, because most of them occur in every text. This works in all languages without a list.
 */
function wordWeight(word: string): number {
  if (/\P{L}/u.test(word)) return 1;
  if (word.length <= 2) return 0.25;
  return word.length === 3 ? 0.5 : 1;
}

/** FNV-1a over the code units, with the last step of MurmurHash3. After it, every bit depends on every other bit. */
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
