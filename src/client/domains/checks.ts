/**
 * Checks of values before they are sent, with the schemas that the Edge Functions use. The domains load this file, and
 * zod with it, when they check a value for the first time.
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

/** @throws GroundworkError `validation`: the message of the schema says what is wrong with the value */
export function check(of: keyof typeof schemas, value: unknown, name: string = of): void {
  // The types allow known agents only, but a name may come from a form.
  const schema: ZodType = schemas[of] ?? z.never(`There is no agent ${of}.`);
  const { error } = schema.safeParse(value);
  if (error) throw new GroundworkError("validation", `${name}:\n${z.prettifyError(error)}`, { cause: error });
}
