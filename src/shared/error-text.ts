import type { ZodError } from "zod";

/**
 * What a schema refused, a line for each issue, with its path.
 *
 * @param root names the value itself, for an issue that has no path
 */
export function issuesOf({ issues }: ZodError, root = ""): string[] {
  return issues.map(({ path, message }) => {
    const place = path.join(".") || root;
    return place ? `${place}: ${message}` : message;
  });
}

/** An error message that Postgres can store: without NUL and lone surrogates, and at most 2,000 UTF-16 units long. */
export function storableMessage(message: string): string {
  return message.replaceAll("\0", " ").slice(0, 2000).toWellFormed();
}
