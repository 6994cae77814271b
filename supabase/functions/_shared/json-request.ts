import { STATUS_CODE } from "@std/http/status";
import { parseMediaType } from "@std/media-types/parse-media-type";
import type { z } from "zod";
import { issuesOf } from "../../../src/shared/error-text.ts";
import { errorResponse, methodNotAllowed } from "./error-response.ts";

/**
 * The body of a POST request, checked; or the refusal to answer with.
 *
 * @param maxBytes how many bytes it may have
 * @param example what to send, for the hint
 * @param tooLarge what to answer when it has more; absent: what any other wrong body is answered
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
 * The body as text; undefined if it turns out to be larger, whatever its header says. Of what is too large nothing is kept.
 * It is read on for a while all the same: who is still sending when the connection ends does not get the answer.
 */
async function readText(request: Request, maxBytes: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  // Leaving the loop cancels what has not been read.
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

/** An empty body is an empty object, and what is no JSON undefined. */
function parseJson(text: string | undefined): unknown {
  try {
    return text === "" ? {} : JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
