import type { JSONSchema7 } from "ai";
import type { Usage } from "../../jobs/agent-job.ts";

/** One question to a model. */
export interface ModelRequest {
  /** The system prompt. It contains nothing that comes from a user. */
  system: string;
  /** The user message: everything that comes from a user, as JSON between `<data>` and `</data>`. */
  data: string;
  /** The JSON schema of the answer. */
  schema: JSONSchema7;
  maxOutputTokens: number;
  /** Computes the answer that the offline model gives. */
  offlineAnswer: () => unknown;
  /** Makes an id for the request. It is used if the provider gives none. */
  newId: () => string;
  signal?: AbortSignal | undefined;
}

export interface ModelAnswer {
  /** The answer as JSON, if the model followed the schema. Nothing has been checked. */
  text: string;
  usage: Usage[];
}

/** A model as `runJob` uses it. */
export interface AgentModel {
  /** The name under which its prices are stored. */
  readonly name: string;
  /** Sends one request, without retries. Throws `AgentError` with the usage of the failed request. */
  generate(request: ModelRequest): Promise<ModelAnswer>;
}
