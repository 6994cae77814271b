import { EmbeddingError } from "./embedding-error.ts";

/** How many numbers an embedding has, for every model. The columns have this width. */
export const width = 1536;

/**
 * Only this many characters of a text are sent to a provider: models take about 8,000 tokens, and cut off or refuse
 * more.
 */
export const maxCharacters = 8000;

/** The embedding of a text, at unit length, or the reason why it has none. */
export type Embedded = { vector: Float32Array } | { error: EmbeddingError };

export interface Embeddings {
  /** One entry for each text, in the same order. */
  embedded: Embedded[];
  /** The number of tokens that the provider counted; undefined if it did not report it. */
  tokens: number | undefined;
}

/**
 * Computes embeddings of texts, whose cosine says how near their meanings are. Embeddings of two models cannot be
 * compared.
 */
export interface EmbeddingModel {
  /** The name under which the model is registered. It is stored with each of its embeddings. */
  readonly name: string;
  /** True if the model runs in this process: it sends no request, and costs nothing. */
  readonly isLocal?: boolean;
  /** The most texts of one call. */
  readonly maxBatch: number;
  /** Computes embeddings. Throws `EmbeddingError` if the reason is not one of the texts. */
  embed(texts: string[], signal?: AbortSignal): Promise<Embeddings>;
}

/** Checks the numbers of a model's answer, and scales them to unit length. */
export function unitVector(numbers: ArrayLike<unknown>): Embedded {
  if (numbers.length !== width) return { error: wrongWidth(numbers.length) };
  // Plain loops are used here and below, because each vector has 1536 numbers and each batch has a hundred vectors.
  let maxMagnitude = 0;
  for (let place = 0; place < width; place += 1) {
    const number = numbers[place];
    if (typeof number !== "number" || !Number.isFinite(number)) {
      return { error: new EmbeddingError("not_finite", "The model's answer has values that are not numbers.") };
    }
    maxMagnitude = Math.max(maxMagnitude, Math.abs(number));
  }
  if (maxMagnitude === 0) {
    return { error: new EmbeddingError("zero_vector", "The model's answer has only zeros, which have no direction.") };
  }
  // Divides by the largest number first, because the squares of very large or very small numbers would be infinite or
  // 0.
  let squares = 0;
  for (let place = 0; place < width; place += 1) squares += ((numbers[place] as number) / maxMagnitude) ** 2;
  const length = Math.sqrt(squares);
  const vector = new Float32Array(width);
  for (let place = 0; place < width; place += 1) vector[place] = (numbers[place] as number) / maxMagnitude / length;
  return { vector };
}

function wrongWidth(found: number): EmbeddingError {
  return new EmbeddingError(
    "wrong_width",
    `The model's vectors have ${found} numbers; Groundwork stores ${width}. Choose a model that takes ` +
      `\`dimensions: ${width}\`, such as text-embedding-3-small, or that is ${width} wide by itself.`,
  );
}
