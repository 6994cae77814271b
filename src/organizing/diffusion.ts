import { cosine } from "./vectors.ts";

/** The number of nearest neighbours to which a thought is linked. */
const neighbours = 8;
/** The probability that a walk continues after each step. */
const persistence = 0.92;
/** Walks that have not ended after this many steps are cut off: about one in thirty. */
const steps = 40;

/**
 * Computes distances by random walks from neighbour to neighbour: 0 for items whose walks lead to the same places, 1
 * for items whose walks never meet.
 *
 * Each item is linked to its nearest neighbours by cosine. The weight of a link is the similarity. Random walks with
 * restart run on this graph (Pan, Yang, Faloutsos and Duygulu: Automatic Multimedia Cross-modal Correlation Discovery,
 * 2004). Two short texts on one subject may have no word in common, but they have words in common with the same other
 * texts. The method needs no threshold of similarity, which would be different for each embedding model.
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
    // Divides by the root of the strength, so that items that are near to all others do not dominate.
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

/** Links two items in both directions if one of them is among the nearest of the other. */
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
