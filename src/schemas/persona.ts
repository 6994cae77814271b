import { z } from "zod";

/** A sentence of the text that a field of the persona was drawn from. */
const Evidence = z.looseObject({
  /** The field that it stands behind, such as `traits`. */
  field: z.string(),
  /** The field's value, or one of them. */
  value: z.string(),
  /** As it stands in `raw_text`. */
  quote: z.string(),
});

/**
 * `personas.persona`: what is known of somebody. Every field is optional, and fields of one's own are kept: they pass
 * through parsing, and `update_persona()` leaves them alone.
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
  /** Who is who to them: "sister Ana". */
  relationships: z.array(z.string()).optional(),
  /** One for each value of the fields above, but for the summary, when an agent made the persona. */
  evidence: z.array(Evidence).optional(),
});
export type Persona = z.infer<typeof Persona>;
