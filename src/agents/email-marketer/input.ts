import { z } from "zod";
import { words } from "../text/words.ts";

export const EmailMarketerInput = z.strictObject({
  goal: words(500),
  type: z.enum(["single", "sequence"]).default("single"),
  audience: words(200).optional(),
  tone: words(100).optional(),
  offer: words(500).optional(),
});
export type EmailMarketerInput = z.infer<typeof EmailMarketerInput>;
