import { z } from "zod";
import { words } from "../text/words.ts";

export const PersonaWriterInput = z.strictObject({
  raw_text: words(1_000_000),
  title: words(200).optional(),
  source: words(500).optional(),
  /** The id of the persona that the new one replaces. */
  replaces: z.guid().optional(),
});
export type PersonaWriterInput = z.infer<typeof PersonaWriterInput>;
