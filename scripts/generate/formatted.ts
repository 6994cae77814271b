import { format, resolveConfig } from "prettier";

/** Formats the content as `npm run format` would format that file. */
export async function formatted(file: string, content: string): Promise<string> {
  return format(content, { ...(await resolveConfig(file)), filepath: file });
}
