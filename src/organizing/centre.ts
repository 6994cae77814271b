import { cosine, sumOf } from "./vectors.ts";

/** The centre of a group, and how near its members are to it. */
export interface Centre {
  /** At unit length. */
  centroid: Float32Array;
  /** The mean similarity (cosine) of the members: each is compared with the centroid of the others. */
  typical: number;
  /** The standard deviation of these similarities. */
  spread: number;
}

/** A smaller group does not show how near its members usually are. */
export const minMembers = 3;

/** How much farther from the centre than the average member a new member may be, in standard deviations. */
const tolerance = 1.5;

export function isNear(similarity: number, { typical, spread }: Centre): boolean {
  return similarity >= typical - tolerance * spread;
}

/**
 * A group of at least two vectors. A member is compared with the centroid of the others, because its own vector would
 * make it too similar.
 */
export class Group {
  #sum: Float32Array;
  #square: number;

  constructor(vectors: Float32Array[]) {
    this.#sum = sumOf(vectors);
    this.#square = cosine(this.#sum, this.#sum);
  }

  /** Returns the cosine with the group's centroid. For a member, its own vector is left out of the centroid. */
  similarity(vector: Float32Array, isMember: boolean): number {
    const along = cosine(vector, this.#sum);
    const length = Math.sqrt(isMember ? Math.max(this.#square - 2 * along + 1, 1e-12) : this.#square);
    return (isMember ? along - 1 : along) / (length || 1);
  }
}

/** Computes the centre of a group with these members. */
export function centreOf(vectors: Float32Array[]): Centre {
  const group = new Group(vectors);
  const similarities = vectors.map((vector) => group.similarity(vector, true));
  const typical = similarities.reduce((sum, value) => sum + value, 0) / vectors.length;
  const variance = similarities.reduce((sum, value) => sum + (value - typical) ** 2, 0) / vectors.length;
  const sum = sumOf(vectors);
  const length = Math.sqrt(cosine(sum, sum)) || 1;
  return { centroid: sum.map((number) => number / length), typical, spread: Math.sqrt(variance) };
}
