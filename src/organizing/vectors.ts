/** The cosine of the angle between two vectors of unit length. */
export function cosine(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += one[at]! * other[at]!;
  return sum;
}

export function sumOf(vectors: Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) for (let at = 0; at < sum.length; at += 1) sum[at]! += vector[at]!;
  return sum;
}

/** Returns the vector at unit length. A vector of zeros is returned as it is. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(cosine(vector, vector));
  return length === 0 ? vector : vector.map((number) => number / length);
}

/**
 * Subtracts the mean of all vectors, and returns the vectors at unit length again. The texts of one user have their
 * language and its small words in common, which says nothing about which texts are similar.
 */
export function centred(vectors: Float32Array[]): Float32Array[] {
  const sum = sumOf(vectors);
  return vectors.map((vector) => unit(vector.map((number, at) => number - sum[at]! / vectors.length)));
}
