import { cosine, sumOf } from "./vectors.ts";

/** What says whether something is near a group. */
export interface Centre {
  /** At unit length. */
  centroid: Float32Array;
  /** The mean cosine of the members, each with the middle of the others. */
  typical: number;
  /** The standard deviation of that. */
  spread: number;
}

/** With fewer members nothing can be said about how near they usually are. */
export const minMembers = 3;

/** How much farther from the centre than a usual member something may be, in standard deviations. */
const tolerance = 1.5;

export function isNear(similarity: number, { typical, spread }: Centre): boolean {
  return similarity >= typical - tolerance * spread;
}

/** How a group of at least two lies. Each member is compared with the others only, lest it were near to itself. */
export class Group {
  #sum: Float32Array;
  #square: number;

  constructor(vectors: Float32Array[]) {
    this.#sum = sumOf(vectors);
    this.#square = cosine(this.#sum, this.#sum);
  }

  /** The cosine with the middle of the group, or of the others for a member. */
  similarity(vector: Float32Array, isMember: boolean): number {
    const along = cosine(vector, this.#sum);
    const length = Math.sqrt(isMember ? Math.max(this.#square - 2 * along + 1, 1e-12) : this.#square);
    return (isMember ? along - 1 : along) / (length || 1);
  }
}

/** The centre of a group that has these members. */
export function centreOf(vectors: Float32Array[]): Centre {
  const group = new Group(vectors);
  const similarities = vectors.map((vector) => group.similarity(vector, true));
  const typical = similarities.reduce((sum, value) => sum + value, 0) / vectors.length;
  const variance = similarities.reduce((sum, value) => sum + (value - typical) ** 2, 0) / vectors.length;
  const sum = sumOf(vectors);
  const length = Math.sqrt(cosine(sum, sum)) || 1;
  return { centroid: sum.map((number) => number / length), typical, spread: Math.sqrt(variance) };
}
