import { maxCharacters } from "./embedding-model.ts";

/** The share of one user in the usage of a request to an embedding model. */
export interface EmbeddingUsage {
  user_id: string;
  /** At least 1. */
  tokens: number;
}

/** An estimate for providers that do not report the number of tokens. */
const charactersPerToken = 4;
/** A token has at least one byte, and a character at most four bytes. */
const maxTokensPerCharacter = 4;

/**
 * Divides the tokens of a request among users, in proportion to the length of their texts. Providers count only the
 * whole request.
 *
 * @param tokens the number that the provider counted; undefined if it did not report it
 */
export function usageOf(
  texts: readonly { user_id: string; content: string }[],
  tokens: number | undefined,
): EmbeddingUsage[] {
  const lengths = new Map<string, number>();
  let total = 0;
  for (const { user_id, content } of texts) {
    const length = Math.max(1, Math.min(content.length, maxCharacters));
    lengths.set(user_id, (lengths.get(user_id) ?? 0) + length);
    total += length;
  }
  const counted = Math.min(tokens ?? total / charactersPerToken, total * maxTokensPerCharacter);
  return [...lengths].map(([user_id, length]) => ({
    user_id,
    tokens: Math.max(1, Math.ceil((counted * length) / total)),
  }));
}
