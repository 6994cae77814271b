import { z } from "zod";
import { Persona } from "../../schemas/persona.ts";
import { origin, words } from "../runtime/schema-parts.ts";

export const PersonaWriterInput = z.strictObject({
  raw_text: words(1_000_000),
  title: words(200).optional(),
  source: words(500).optional(),
  /** The id of the persona that is made anew. */
  replaces: z.guid().optional(),
});
export type PersonaWriterInput = z.infer<typeof PersonaWriterInput>;

export const PersonaWriterOutput = z.strictObject({
  persona: Persona,
  parts: z.int(),
  facts: z.int(),
  dropped_facts: z.int(),
  dropped_claims: z.int(),
  ...origin,
});
