import type { JSONSchema7 } from "ai";
import type { Usage } from "../../jobs/agent-job.ts";

/** One question to a model. */
export interface ModelRequest {
  /** The prompt: nothing of it comes from a user. */
  system: string;
  /** The user message: everything that comes from a user, as JSON in its envelope. */
  data: string;
  /** What the answer has to look like. */
  schema: JSONSchema7;
  maxOutputTokens: number;
  /** An answer that needs no model. */
  offlineAnswer: () => unknown;
  /** Names a request that the provider gives no id. */
  newId: () => string;
  signal?: AbortSignal | undefined;
}

export interface ModelAnswer {
  /** JSON, if the model did as it was told. Nothing about it is checked. */
  text: string;
  usage: Usage[];
}

/** What `runJob` needs of a model. */
export interface AgentModel {
  /** The name that prices are listed under. */
  readonly name: string;
  /** Asks once, without retries. Throws `AgentError` with the usage of the failed request. */
  generate(request: ModelRequest): Promise<ModelAnswer>;
}
