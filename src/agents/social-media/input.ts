import { z } from "zod";
import { words } from "../text/words.ts";

export const platforms = ["twitter", "linkedin", "facebook", "instagram"] as const;
export type Platform = (typeof platforms)[number];

export const SocialMediaInput = z.strictObject({
  topic: words(500),
  platforms: z
    .array(z.enum(platforms))
    .min(1)
    .refine((list) => new Set(list).size === list.length, { error: "names a platform twice" })
    .default([...platforms]),
  audience: words(200).optional(),
  tone: words(100).optional(),
  /** Every post contains this link. */
  link: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional(),
});
export type SocialMediaInput = z.infer<typeof SocialMediaInput>;
