import type { ZodError } from "zod";

/** What a schema refused, a line each, with its path. */
export function issuesOf({ issues }: ZodError): string[] {
  return issues.map(({ path, message }) => (path.length > 0 ? `${path.join(".")}: ${message}` : message));
}
