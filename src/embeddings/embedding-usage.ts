import { maxCharacters } from "./embedding-model.ts";

/** What a user's part in a request to an embedding model is. */
export interface EmbeddingUsage {
  user_id: string;
  /** At least 1. */
  tokens: number;
}

/** As a rule of thumb, for providers that do not count. */
const charactersPerToken = 4;
/** No token is less than a byte, and no character more than four. */
const maxTokensPerCharacter = 4;

/**
 * Whose share of a request how many tokens are, by the length of the texts: providers count the whole request only.
 *
 * @param tokens what the provider counted; undefined if it did not say
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
