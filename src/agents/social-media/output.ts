import { z } from "zod";
import { origin } from "../runtime/origin.ts";
import { platforms } from "./input.ts";

export const SocialMediaOutput = z.strictObject({
  posts: z.array(z.strictObject({ platform: z.enum(platforms), character_count: z.int() })),
  ...origin,
});
