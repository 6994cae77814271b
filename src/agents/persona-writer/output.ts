import { z } from "zod";
import { Persona } from "../../schemas/persona.ts";
import { origin } from "../runtime/origin.ts";

export const PersonaWriterOutput = z.strictObject({
  persona: Persona,
  parts: z.int(),
  facts: z.int(),
  dropped_facts: z.int(),
  dropped_claims: z.int(),
  ...origin,
});
