import { cosine } from "./vectors.ts";

/** To how many of its nearest a thought is tied. */
const neighbours = 8;
/** How likely a walk goes on after each step. */
const persistence = 0.92;
/** After so many steps a walk that still goes on, one in thirty, is cut off. */
const steps = 40;

/**
 * How far apart items are for somebody who walks from neighbour to neighbour: 0 for those whose walks lead to the same
 * places, 1 for those whose walks never meet.
 *
 * Each item is tied to its nearest by cosine, as strongly as they are similar, and random walks with restart go over that
 * graph (Pan, Yang, Faloutsos and Duygulu: Automatic Multimedia Cross-modal Correlation Discovery, 2004). Two short texts
 * on one subject may not share a word, but share words with the same others; and no threshold of similarity has to be
 * known, which would be another one for each embedding model.
 *
 * @param vectors at unit length
 * @returns a square matrix, row by row
 */
export function diffusionDistances(vectors: Float32Array[]): Float32Array {
  const size = vectors.length;
  const ties = tieNeighbours(vectors);
  const strength = ties.map((row) => row.reduce((sum, { weight }) => sum + weight, 0));

  const places = vectors.map((_, start) => {
    let walker = new Float64Array(size);
    walker[start] = 1;
    const visits = new Float64Array(size);
    for (let step = 0; step < steps; step += 1) {
      const next = new Float64Array(size);
      for (let at = 0; at < size; at += 1) {
        const share = walker[at]!;
        if (share === 0) continue;
        visits[at]! += share;
        const row = ties[at]!;
        for (const { to, weight } of row) next[to]! += (share * persistence * weight) / strength[at]!;
      }
      walker = next;
    }
    // What is near to everything is not near to anything in particular.
    return unitOf(visits.map((visit, at) => visit / Math.sqrt(strength[at] || 1)));
  });

  const distances = new Float32Array(size * size);
  for (let one = 0; one < size; one += 1) {
    for (let other = one + 1; other < size; other += 1) {
      const distance = Math.max(0, 1 - cosine(places[one]!, places[other]!));
      distances[one * size + other] = distance;
      distances[other * size + one] = distance;
    }
  }
  return distances;
}

interface Tie {
  to: number;
  weight: number;
}

/** Both ways, if either is among the nearest of the other. */
function tieNeighbours(vectors: Float32Array[]): Tie[][] {
  const size = vectors.length;
  const similarities = new Float32Array(size * size);
  for (let one = 0; one < size; one += 1) {
    for (let other = one + 1; other < size; other += 1) {
      const similarity = Math.max(0, cosine(vectors[one]!, vectors[other]!));
      similarities[one * size + other] = similarity;
      similarities[other * size + one] = similarity;
    }
  }
  const tied = vectors.map(() => new Set<number>());
  for (let one = 0; one < size; one += 1) {
    const row = similarities.subarray(one * size, (one + 1) * size);
    const nearest = Array.from(row.keys())
      .filter((other) => other !== one && row[other]! > 0)
      .toSorted((left, right) => row[right]! - row[left]! || left - right)
      .slice(0, neighbours);
    for (const other of nearest) {
      tied[one]!.add(other);
      tied[other]!.add(one);
    }
  }
  return tied.map((others, one) =>
    [...others].toSorted((left, right) => left - right).map((to) => ({ to, weight: similarities[one * size + to]! })),
  );
}

function unitOf(row: Float64Array): Float32Array {
  const length = Math.sqrt(row.reduce((sum, number) => sum + number * number, 0));
  return Float32Array.from(row, (number) => number / (length || 1));
}
