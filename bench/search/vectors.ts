/** Makes vectors like those of texts: users have topics, and their texts on a topic are near the topic's centre. */
import { hashFeatures } from "../../src/embeddings/lexical-model.ts";
import { rotate } from "../../src/embeddings/rotation.ts";
import { writeText } from "./texts.ts";

export const width = 1536;
const topics = 200;
const topicsOfUser = 10;
/** The number of directions in which texts of all topics differ, as real texts differ in length, tone and tense. */
const directions = 64;

/** Shares of a vector's squared length. Two vectors of one topic have a cosine similarity of about `topic`. */
const mixtures = {
  /** Like embeddings of texts: many of the differences are in a few directions. */
  clustered: { topic: 0.52, directions: 0.44, noise: 0.04 },
  /** The most difficult case: all vectors of a topic are almost equally near to each other. */
  isotropic: { topic: 0.52, directions: 0, noise: 0.48 },
};
/** `lexical` stands for embeddings that the offline model makes from texts. */
export type Mixture = keyof typeof mixtures | "lexical";

export interface VectorSource {
  /** Returns a vector of length 1 on one of the user's topics. Each call returns another one. */
  next(user: number): Float32Array;
}

/** Makes a source of vectors. The same seed gives the same vectors. */
export function vectorSource(mixture: Mixture, seed: number): VectorSource {
  if (mixture === "lexical") return lexicalSource(seed);
  const gaussian = gaussians(seed);
  const centres = Array.from({ length: topics }, (_, topic) => unit(filled(gaussians(1_000 + topic))));
  const bases = Array.from({ length: directions }, (_, direction) => unit(filled(gaussians(2_000 + direction))));
  const share = mixtures[mixture];
  return {
    next(user) {
      // Spreads the topics of a user over all topics.
      const choice = Math.floor(Math.abs(gaussian()) * 1000) % topicsOfUser;
      const centre = centres[(user * 37 + choice * 19) % topics]!;
      const topicWeight = Math.sqrt(share.topic);
      const noiseWeight = Math.sqrt(share.noise / width);
      const vector = centre.map((value) => topicWeight * value + noiseWeight * gaussian());
      if (share.directions > 0) {
        const directionWeight = Math.sqrt(share.directions / directions);
        for (const basis of bases) {
          const weight = directionWeight * gaussian();
          for (let i = 0; i < width; i += 1) vector[i]! += weight * basis[i]!;
        }
      }
      return unit(vector);
    },
  };
}

function lexicalSource(seed: number): VectorSource {
  const uniform = uniforms(seed);
  const random = () => (uniform() + 1) / 2;
  return { next: (user) => unit(Float32Array.from(rotate(hashFeatures(writeText(user, random))))) };
}

function filled(next: () => number): Float32Array {
  return Float32Array.from({ length: width }, next);
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}

/** Makes a generator of uniform numbers from -1 to 1 (xorshift). */
function uniforms(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 31 - 1;
  };
}

/** Makes a generator of normally distributed numbers (Marsaglia's polar method). */
function gaussians(seed: number): () => number {
  const uniform = uniforms(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const x = uniform();
      const y = uniform();
      const square = x * x + y * y;
      if (square === 0 || square >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  };
}
