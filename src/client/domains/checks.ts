/**
 * What is checked before it is sent, by the schemas that the functions use. The domains load this file, and zod with it, when
 * there is something to check.
 */
import { type ZodType, z } from "zod";
import { agentInputs } from "../../agents/inputs.ts";
import { CommunicationPreferences, CustomHours, Timezone } from "../../schemas/preferences.ts";
import { GroundworkError } from "../http/groundwork-error.ts";

const schemas = {
  ...agentInputs,
  communication_preferences: CommunicationPreferences,
  custom_hours: CustomHours,
  timezone: Timezone,
};

/** @throws GroundworkError `validation`: what is wrong with a value, in the words of its schema */
export function check(of: keyof typeof schemas, value: unknown, name: string = of): void {
  // A name that comes out of a form may be any.
  const schema: ZodType = schemas[of] ?? z.never(`There is no agent ${of}.`);
  const { error } = schema.safeParse(value);
  if (error) throw new GroundworkError("validation", `${name}:\n${z.prettifyError(error)}`, { cause: error });
}
