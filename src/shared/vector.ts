/**
 * Writes a vector as the API takes it.
 *
 * @example encodeVector([0.25, -1]) // "[0.25,-1]"
 */
export const encodeVector = (vector: readonly number[]): string => JSON.stringify(vector);

/**
 * Reads a vector as the API gives it, such as the column `embedding` of `thought_embeddings`.
 *
 * @example decodeVector("[0.25,-1]") // [0.25, -1]
 */
export const decodeVector = (vector: string): number[] => JSON.parse(vector) as number[];
