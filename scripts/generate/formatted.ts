import { format, resolveConfig } from "prettier";

/** The content as `npm run format` would leave it in that file. */
export async function formatted(file: string, content: string): Promise<string> {
  return format(content, { ...(await resolveConfig(file)), filepath: file });
}
