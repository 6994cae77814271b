import { z } from "zod";

/** The prompt version and the model of an output. Each output has them. */
export const origin = {
  /** `<agent_type>/<number>` */
  prompt_version: z.string(),
  model_used: z.string(),
};

/** The same for an agent that may finish a job without asking a model. */
export const originIfAny = {
  prompt_version: origin.prompt_version.optional(),
  model_used: origin.model_used.optional(),
};
