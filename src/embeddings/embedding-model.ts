import { EmbeddingError } from "./embedding-error.ts";

/** How many numbers a vector has, for every model: the columns are that wide. */
export const width = 1536;

/** What comes after so many characters of a text no provider is sent: models take some 8,000 tokens, and cut or refuse more. */
export const maxCharacters = 8000;

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
  /** It makes vectors itself: nobody is asked, and nobody paid. */
  readonly isLocal?: boolean;
  /** How many texts one call takes at most. */
  readonly maxBatch: number;
  /** Throws `EmbeddingError` when the fault is not one of the texts. */
  embed(texts: string[], signal?: AbortSignal): Promise<Embeddings>;
}

/** The vector at unit length, checked: a model's answer is nothing to rely on. */
export function unitVector(numbers: ArrayLike<unknown>): Embedded {
  if (numbers.length !== width) return { error: wrongWidth(numbers.length) };
  // Plain loops here and below: there are 1536 numbers in each vector, and a hundred vectors in each batch.
  let maxMagnitude = 0;
  for (let place = 0; place < width; place += 1) {
    const number = numbers[place];
    if (typeof number !== "number" || !Number.isFinite(number)) {
      return { error: new EmbeddingError("not_finite", "The model answered something else than numbers.") };
    }
    maxMagnitude = Math.max(maxMagnitude, Math.abs(number));
  }
  if (maxMagnitude === 0) {
    return { error: new EmbeddingError("zero_vector", "The model answered zeros only, which have no direction.") };
  }
  // Divided by the largest number first: the squares of very large or small numbers are none any more.
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
    `The model answered ${found} numbers; Groundwork stores ${width}. Choose a model that takes ` +
      `\`dimensions: ${width}\`, such as text-embedding-3-small, or that is ${width} wide by itself.`,
  );
}
