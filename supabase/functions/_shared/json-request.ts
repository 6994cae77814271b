import { STATUS_CODE } from "@std/http/status";
import { parseMediaType } from "@std/media-types/parse-media-type";
import type { z } from "zod";
import { issuesOf } from "../../../src/shared/error-text.ts";
import { errorResponse, methodNotAllowed } from "./error-response.ts";

/**
 * Reads and checks the body of a POST request.
 *
 * @param maxBytes how many bytes the body may have
 * @param example what to send, for the hint
 * @param tooLarge makes the answer to a body that is larger. By default it is answered like any other wrong body
 * @returns the body, or the answer that refuses the request
 */
export async function readPost<Body>(
  request: Request,
  schema: z.ZodType<Body>,
  { maxBytes, example, tooLarge }: { maxBytes: number; example: string; tooLarge?: () => Response },
): Promise<{ body: Body } | { refused: Response }> {
  if (request.method !== "POST") return { refused: methodNotAllowed(request, "POST") };
  const text = await readText(request, maxBytes);
  const type = request.headers.get("content-type");
  if (text !== "" && (type === null || !isJson(type))) {
    const message = `${type ?? "A body without a type"} is not taken.`;
    const hint = "Send JSON, with content-type: application/json.";
    return { refused: errorResponse(STATUS_CODE.UnsupportedMediaType, "unsupported_media_type", message, hint) };
  }
  if (text === undefined && tooLarge) return { refused: tooLarge() };
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return { body: parsed.data };
  const problems = issuesOf(parsed.error, "body").join("; ");
  return { refused: errorResponse(STATUS_CODE.BadRequest, "invalid_body", problems, `Send ${example}.`) };
}

/**
 * Reads the body as text. Returns undefined if it is too large, whatever its header says, and then keeps nothing of it.
 *
 * It reads up to ten times the limit all the same, because a client that is still sending when the connection ends
 * does not get the answer.
 */
async function readText(request: Request, maxBytes: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  // Leaving the loop cancels the rest of the body.
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes * 10) return undefined;
    text = bytes > maxBytes ? "" : text + decoder.decode(chunk, { stream: true });
  }
  return bytes > maxBytes ? undefined : text + decoder.decode();
}

function isJson(type: string): boolean {
  try {
    return parseMediaType(type)[0] === "application/json";
  } catch {
    return false;
  }
}

/** Returns an empty object for an empty body, and undefined for a body that is not JSON. */
function parseJson(text: string | undefined): unknown {
  try {
    return text === "" ? {} : JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
