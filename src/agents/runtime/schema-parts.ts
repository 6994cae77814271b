import { z } from "zod";

/** A text of an input: not blank, and at most so many UTF-16 units. */
export const words = (max: number) => z.string().max(max).regex(/\S/, { error: "must not be blank" });

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
