import { z } from "zod";

/** A text of an input: not blank, and at most so many UTF-16 units. */
export function words(max: number) {
  return z.string().max(max).regex(/\S/, { error: "must not be blank" });
}
