import { z } from "zod";

/** The schema of a text in an input: not blank, and at most `max` UTF-16 units. */
export function words(max: number) {
  return z.string().max(max).regex(/\S/, { error: "must not be blank" });
}
