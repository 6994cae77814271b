import { width } from "./embedding-model.ts";

/** A power of two, as the Walsh–Hadamard transform needs. */
const block = 512;

interface Round {
  /** 1 or -1 for each position. */
  signs: Int8Array;
  /** The new position of the number at each position. */
  places: Uint16Array;
}

/** Never change these numbers: vectors made before and after the change could not be compared. */
const seeds = [0x6d2b79f5, 0x1b873593];

let rounds: Round[] | undefined;

/**
 * Rotates a vector by a fixed rotation, which keeps all lengths and angles. It does the following twice: random signs,
 * a Walsh–Hadamard transform of each block of 512, and a permutation that mixes the blocks (the "fast
 * Johnson–Lindenstrauss" construction of Ailon and Chazelle). A few large numbers among zeros become many small
 * numbers, so that the signs alone show how near two vectors are.
 *
 * @param vector 1536 numbers, which are overwritten
 */
export function rotate(vector: Float64Array): Float64Array {
  rounds ??= seeds.map(makeRound);
  let turned = vector;
  for (const { signs, places } of rounds) {
    const next = new Float64Array(width);
    for (let place = 0; place < width; place += 1) turned[place]! *= signs[place]!;
    for (let start = 0; start < width; start += block) transform(turned, start);
    for (let place = 0; place < width; place += 1) next[places[place]!] = turned[place]!;
    turned = next;
  }
  // Each of the two transforms made the vector longer by the root of 512. Division by this power of two is exact.
  for (let place = 0; place < width; place += 1) turned[place]! /= block;
  return turned;
}

/** The Walsh–Hadamard transform of one block, in place. */
function transform(vector: Float64Array, start: number): void {
  for (let half = 1; half < block; half *= 2) {
    for (let pair = start; pair < start + block; pair += 2 * half) {
      for (let place = pair; place < pair + half; place += 1) {
        const one = vector[place]!;
        const other = vector[place + half]!;
        vector[place] = one + other;
        vector[place + half] = one - other;
      }
    }
  }
}

function makeRound(seed: number): Round {
  const next = xorshift(seed);
  const signs = Int8Array.from({ length: width }, () => (next() & 1 ? 1 : -1));
  const places = Uint16Array.from({ length: width }, (_, place) => place);
  for (let last = width - 1; last > 0; last -= 1) {
    const other = next() % (last + 1);
    [places[last], places[other]] = [places[other]!, places[last]!];
  }
  return { signs, places };
}

/** Marsaglia's xorshift: integers from 1 to 2³² - 1, the same everywhere. */
function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
