import { type ZodType, z } from "zod";
import { GroundworkError } from "./groundwork-error.ts";

/** Throws what is wrong with a value before it is sent, in the words of its schema. */
export function validate(schema: ZodType, value: unknown, name: string): void {
  const { error } = schema.safeParse(value);
  if (error) throw new GroundworkError("validation", `${name}:\n${z.prettifyError(error)}`, { cause: error });
}
