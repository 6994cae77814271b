import type { AgentModel } from "./model.ts";
import { offlineModel } from "./offline-model.ts";
import { providerModel } from "./provider-model.ts";

/**
 * Makes the model that the environment names.
 *
 * @param env AI_BASE_URL (with its path, such as `https://api.openai.com/v1`), AI_API_KEY and AI_MODEL
 * @returns the provider's model; the offline model if none of the three is set
 * @throws if only some of the three are set
 * @example const model = modelFromEnvironment(process.env);
 */
export function modelFromEnvironment(env: Record<string, string | undefined>): AgentModel {
  const { AI_BASE_URL: baseUrl, AI_API_KEY: apiKey, AI_MODEL: model } = env;
  if (baseUrl && apiKey && model) return providerModel({ baseUrl, apiKey, model });

  const names = ["AI_BASE_URL", "AI_API_KEY", "AI_MODEL"];
  const missing = names.filter((name) => !env[name]);
  if (missing.length === names.length) return offlineModel();
  throw new Error(`${missing.join(" and ")} not set. Set all of ${names.join(", ")}, or none of them to work offline.`);
}
