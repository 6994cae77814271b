/** A message that Postgres stores: it takes neither NUL nor half a character. */
export function storableMessage(message: string): string {
  return message.replaceAll("\0", " ").slice(0, 2000).toWellFormed();
}
