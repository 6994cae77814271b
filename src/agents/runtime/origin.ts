import { z } from "zod";

/** Who wrote an output. Each output has it. */
export const origin = {
  /** `<agent_type>/<number>` */
  prompt_version: z.string(),
  model_used: z.string(),
};

/** The same for an agent that has nothing to ask a model sometimes. */
export const originIfAny = {
  prompt_version: origin.prompt_version.optional(),
  model_used: origin.model_used.optional(),
};
