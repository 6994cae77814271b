import { EmbeddingError } from "./embedding-error.ts";
import type { EmbeddingModel } from "./embedding-model.ts";
import { lexicalModel, lexicalModelName } from "./lexical-model.ts";
import { providerModel } from "./provider-model.ts";

/**
 * Makes the embedding model of this name: the offline model, or else a model of the provider. The database, not the
 * environment, decides which model is active.
 *
 * @param env AI_BASE_URL (with its path, such as `https://api.openai.com/v1`) and AI_API_KEY
 * @param options `timeoutMs`: the time limit for an answer of the provider, in milliseconds
 * @throws {EmbeddingError} `not_configured`
 * @example const model = embeddingModelByName("text-embedding-3-small", process.env);
 */
export function embeddingModelByName(
  name: string,
  env: Record<string, string | undefined>,
  options: { timeoutMs?: number } = {},
): EmbeddingModel {
  if (name === lexicalModelName) return lexicalModel();
  const { AI_BASE_URL: baseUrl, AI_API_KEY: apiKey } = env;
  if (baseUrl && apiKey) return providerModel({ ...options, baseUrl, apiKey, model: name });

  const missing = ["AI_BASE_URL", "AI_API_KEY"].filter((variable) => !env[variable]);
  throw new EmbeddingError(
    "not_configured",
    `The embedding model ${name} needs a provider, and ${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} ` +
      `not set. Set both, or go back to the offline model: npm run reembed -- --model ${lexicalModelName}`,
  );
}
