import { EmbeddingError } from "./embedding-error.ts";

/** How many numbers a vector has, for every model: the columns are that wide. */
export const width = 1536;

/** A text's vector, at unit length, or why it has none. */
export type Embedded = { vector: Float32Array } | { error: EmbeddingError };

export interface Embeddings {
  /** One for each text, in the same order. */
  embedded: Embedded[];
  /** What the provider counted; undefined if it did not say. */
  tokens: number | undefined;
}

/** Turns texts into vectors whose cosine says how near their meanings are. Vectors of two models can't be compared. */
export interface EmbeddingModel {
  /** What it is registered under: the name that stands beside each of its vectors. */
  readonly name: string;
  /** How many texts one call takes at most. */
  readonly maxBatch: number;
  /** Throws `EmbeddingError` when the fault is not one of the texts. */
  embed(texts: string[], signal?: AbortSignal): Promise<Embeddings>;
}

/** The vector at unit length, checked: a model's answer is nothing to rely on. */
export function unitVector(numbers: readonly unknown[]): Embedded {
  if (numbers.length !== width) return { error: wrongWidth(numbers.length) };
  if (!areFinite(numbers)) {
    return { error: new EmbeddingError("not_finite", "The model answered something else than numbers.") };
  }
  // The largest number first: the squares of very large or small ones are no numbers any more.
  const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
  if (largest === 0) {
    return { error: new EmbeddingError("zero_vector", "The model answered zeros only, which have no direction.") };
  }
  const scaled = Float64Array.from(numbers, (number) => number / largest);
  const length = Math.sqrt(scaled.reduce((sum, number) => sum + number * number, 0));
  return { vector: Float32Array.from(scaled, (number) => number / length) };
}

function wrongWidth(found: number): EmbeddingError {
  return new EmbeddingError(
    "wrong_width",
    `The model answered ${found} numbers; Groundwork stores ${width}. Choose a model that takes ` +
      `\`dimensions: ${width}\`, such as text-embedding-3-small, or that is ${width} wide by itself.`,
  );
}

/** The vector as pgvector reads it. Seven decimals are more than a half-precision column keeps. */
export function vectorText(vector: Float32Array): string {
  return `[${Array.from(vector, (number) => Math.round(number * 1e7) / 1e7).join(",")}]`;
}

const areFinite = (numbers: readonly unknown[]): numbers is readonly number[] => numbers.every(Number.isFinite);
