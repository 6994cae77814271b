import type { z } from "zod";

/**
 * The body of a POST request, checked; or the refusal to answer with.
 *
 * @param largest how many bytes it may have
 * @param example what to send, for the hint
 */
export async function readPost<Body>(
  request: Request,
  schema: z.ZodType<Body>,
  { largest, example }: { largest: number; example: string },
): Promise<{ body: Body } | { refused: Response }> {
  if (request.method !== "POST") {
    const message = `${request.method} is not possible here.`;
    const refused = refusal(405, "method_not_allowed", message, "Send a POST request.");
    refused.headers.set("allow", "POST");
    return { refused };
  }
  const json = await readJson(request, largest);
  const parsed = schema.safeParse(json);
  if (parsed.success) return { body: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).join("; ");
  return { refused: refusal(400, "invalid_body", problems, `Send ${example}.`) };
}

/** The body; an empty one is an empty object, and what is no JSON, or too much, undefined. */
async function readJson(request: Request, largest: number): Promise<unknown> {
  if (Number(request.headers.get("content-length")) > largest) return undefined;
  const text = await request.text();
  if (new TextEncoder().encode(text).length > largest) return undefined;
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function refusal(status: number, code: string, message: string, hint: string): Response {
  return Response.json({ error: { code, message, hint } }, { status });
}
