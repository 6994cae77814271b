import { z } from "zod";
import { origin, words } from "../runtime/schema-parts.ts";

export const EmailMarketerInput = z.strictObject({
  goal: words(500),
  type: z.enum(["single", "sequence"]).default("single"),
  audience: words(200).optional(),
  tone: words(100).optional(),
  offer: words(500).optional(),
});
export type EmailMarketerInput = z.infer<typeof EmailMarketerInput>;

export const EmailMarketerOutput = z.strictObject({
  mails: z.array(
    z.strictObject({
      subject: z.string(),
      preview_text: z.string(),
      /** Days after the first mail. */
      send_after_days: z.int(),
      /** From 1. */
      position: z.int(),
      of: z.int(),
    }),
  ),
  ...origin,
});
