import { STATUS_CODE } from "@std/http/status";
import { z } from "zod";
import { PersonaWriterInput } from "../../../src/agents/persona-writer/input.ts";
import type { Database } from "../../../src/database.ts";
import { type JobFunctionEffects, answerWithJob, terms } from "../_shared/job-handler.ts";
import { readPost } from "../_shared/json-request.ts";
import { errorResponse } from "../_shared/error-response.ts";
import { RpcError } from "../_shared/rpc-answer.ts";

/** The largest body, in bytes: more than any accepted text needs, however its JSON is written. */
const maxBodyBytes = 1_250_000;
/** The largest input of a job, in bytes, with room for how Postgres writes it. */
const maxInputBytes = 1_048_576 - 1024;

const Body = PersonaWriterInput.extend({
  // It is checked below, where the messages are clearer.
  raw_text: z.string(),
  ...terms,
});

type PersonaRow = Database["public"]["Tables"]["personas"]["Row"];

type Effects = JobFunctionEffects<"persona_writer"> & {
  /** Whether the user has such a persona. Throws `RpcError`. */
  hasPersona: (id: string) => Promise<boolean>;
  /** Reads the persona that the job made; null if the user has deleted it. Throws `RpcError`. */
  readPersona: (jobId: string) => Promise<PersonaRow | null>;
};

/** Answers `POST /functions/v1/generate-persona`: makes a persona from a text. */
export async function generatePersona(request: Request, effects: Effects): Promise<Response> {
  const post = await readPost(request, Body, {
    maxBytes: maxBodyBytes,
    example: '{"raw_text": "…", "title": "…"}',
    tooLarge,
  });
  if ("refused" in post) return post.refused;

  const { max_cost: _, idempotency_key: __, ...input_data } = post.body;
  const refused = refuseText(input_data.raw_text);
  if (refused) return refused;
  if (new TextEncoder().encode(JSON.stringify(input_data)).length > maxInputBytes) return tooLarge();

  try {
    if (input_data.replaces !== undefined && !(await effects.hasPersona(input_data.replaces))) {
      return errorResponse(
        STATUS_CODE.NotFound,
        "GW401",
        "There is no such persona.",
        "Let replaces be the id of one of your own personas.",
      );
    }
    const response = await answerWithJob("persona_writer", post.body, effects);
    return response.status === STATUS_CODE.OK ? await withPersona(response, effects) : response;
  } catch (error) {
    if (error instanceof RpcError) return error.toResponse();
    throw error;
  }
}

function tooLarge(): Response {
  const hint =
    "Send at most 1,000,000 characters, and 1 MiB with everything else; leave out what is not about the person.";
  return errorResponse(STATUS_CODE.ContentTooLarge, "text_too_large", "The text is too large.", hint);
}

/** Control characters that no text has, and the replacement character for bytes that are not UTF-8. */
const noText = /[^\P{Cc}\s\u0085]|\uFFFD/u;

function refuseText(text: string): Response | undefined {
  if (!/\S/.test(text)) {
    return errorResponse(
      STATUS_CODE.BadRequest,
      "blank_text",
      "raw_text is blank.",
      "Send the text that the persona is to be made of.",
    );
  }
  if (noText.test(text) || !text.isWellFormed()) {
    const message = "raw_text is no text: it has control characters, or bytes that are no characters.";
    return errorResponse(
      STATUS_CODE.BadRequest,
      "not_text",
      message,
      "Send plain text in UTF-8. Documents have to be converted first.",
    );
  }
  if (text.length > 1_000_000) return tooLarge();
  return undefined;
}

/** 201 with the row that the job made. */
async function withPersona(response: Response, { readPersona }: Effects): Promise<Response> {
  const { data } = await response.json();
  const persona = await readPersona(data.job.id);
  if (!persona) {
    const message = "The persona that this job made was deleted.";
    return errorResponse(
      STATUS_CODE.Gone,
      "persona_deleted",
      message,
      "Ask again; with another idempotency key, if you gave one.",
    );
  }
  const { job, parts, facts, dropped_facts, dropped_claims } = data;
  return Response.json(
    { data: { persona, job, parts, facts, dropped_facts, dropped_claims } },
    { status: STATUS_CODE.Created },
  );
}
