import { z } from "zod";

/** The passage of the text from which a field of the persona was made. */
const Evidence = z.looseObject({
  /** The field that it supports, such as `traits`. */
  field: z.string(),
  /** The value of the field, or one of its values. */
  value: z.string(),
  /** The passage as it is written in `raw_text`. */
  quote: z.string(),
});

/**
 * `personas.persona`: the structured description of a person. Every field is optional. Other fields are allowed:
 * parsing keeps them, and `update_persona()` does not change them.
 */
export const Persona = z.looseObject({
  name: z.string().optional(),
  /** A few sentences. */
  summary: z.string().optional(),
  occupation: z.string().optional(),
  location: z.string().optional(),
  communication_style: z.string().optional(),
  traits: z.array(z.string()).optional(),
  interests: z.array(z.string()).optional(),
  values: z.array(z.string()).optional(),
  goals: z.array(z.string()).optional(),
  /** Other people and their relation to the person: "sister Ana". */
  relationships: z.array(z.string()).optional(),
  /** If an agent made the persona: one quote for each value of the fields above, except the summary. */
  evidence: z.array(Evidence).optional(),
});
export type Persona = z.infer<typeof Persona>;
