import { z } from "zod";
import { origin } from "../runtime/origin.ts";

export const EmailMarketerOutput = z.strictObject({
  mails: z.array(
    z.strictObject({
      subject: z.string(),
      preview_text: z.string(),
      /** Days after the first mail. */
      send_after_days: z.int(),
      /** The first mail has position 1. */
      position: z.int(),
      of: z.int(),
    }),
  ),
  ...origin,
});
