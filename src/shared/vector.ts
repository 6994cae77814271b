/**
 * Writes a vector in the form that the API takes.
 *
 * @example encodeVector([0.25, -1]) // "[0.25,-1]"
 */
export const encodeVector = (vector: readonly number[]): string => JSON.stringify(vector);

/**
 * Reads a vector in the form that the API returns, such as the column `embedding` of `thought_embeddings`.
 *
 * @example decodeVector("[0.25,-1]") // [0.25, -1]
 */
export const decodeVector = (vector: string): number[] => JSON.parse(vector) as number[];

/**
 * Writes a vector of unit length in the form that the API takes, rounded to ten-millionths. A half-precision column
 * keeps fewer digits. It is several times as fast as `encodeVector`.
 */
export function encodeUnitVector(vector: Float32Array): string {
  let text = "";
  // Integers are written several times as fast as fractions.
  for (const number of vector) text += `,${Math.round(number * 1e7)}e-7`;
  return `[${text.slice(1)}]`;
}
