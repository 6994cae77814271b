import type { ZodError } from "zod";

/**
 * Returns what a schema refused: one line for each issue, with its path.
 *
 * @param root the name of the value itself, for an issue without a path
 */
export function issuesOf({ issues }: ZodError, root = ""): string[] {
  return issues.map(({ path, message }) => {
    const place = path.join(".") || root;
    return place ? `${place}: ${message}` : message;
  });
}

/**
 * Returns an error message that Postgres can store: without NUL and lone surrogates, at most 2,000 UTF-16 units long.
 */
export function storableMessage(message: string): string {
  return message.replaceAll("\0", " ").slice(0, 2000).toWellFormed();
}
