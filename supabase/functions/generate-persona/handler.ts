import { z } from "zod";
import type { NewAgentJob } from "../../../src/agents/enqueue-agent-job.ts";
import { PersonaWriterInput } from "../../../src/agents/inputs.ts";
import type { Database } from "../../../src/database.ts";
import { readPost } from "../_shared/json-request.ts";
import { refusal } from "../_shared/refusal.ts";
import { RpcError } from "../_shared/rpc-answer.ts";
import { type RunJobNow, runJobNow } from "../_shared/run-job-now.ts";

/** Bytes: more than any text that is taken, in whichever way its JSON is written. */
const largestBody = 1_250_000;
/** What the queue takes as the input of a job, with room for how Postgres writes it. */
const largestInput = 1_048_576 - 1024;

const Body = PersonaWriterInput.extend({
  // Looked at below, for clearer words.
  raw_text: z.string(),
  /** US dollars. */
  max_cost: z.number().min(0).max(10_000).optional(),
  /** The same key is the same job. */
  idempotency_key: z.string().min(1).max(200).optional(),
});

type NewJob = NewAgentJob<"persona_writer">;
type PersonaRow = Database["public"]["Tables"]["personas"]["Row"];

type Effects = Omit<RunJobNow, "agentType" | "enqueue"> & {
  enqueue: (job: NewJob) => ReturnType<RunJobNow["enqueue"]>;
  /** Whether the person has such a persona. Throws `RpcError`. */
  hasPersona: (id: string) => Promise<boolean>;
  /** What the job made; null if the person has deleted it. Throws `RpcError`. */
  readPersona: (jobId: string) => Promise<PersonaRow | null>;
};

/** Answers `POST /functions/v1/generate-persona`: makes a persona of a text. */
export async function generatePersona(request: Request, effects: Effects): Promise<Response> {
  const type = request.headers.get("content-type") ?? "";
  if (request.method === "POST" && !/^application\/json\b/i.test(type)) {
    const message = `${type || "A body without a type"} is not taken.`;
    return refusal(415, "unsupported_media_type", message, "Send JSON, with content-type: application/json.");
  }
  const post = await readPost(request, Body, {
    largest: largestBody,
    example: '{"raw_text": "…", "title": "…"}',
    tooLarge,
  });
  if ("refused" in post) return post.refused;

  const { max_cost, idempotency_key, ...input_data } = post.body;
  const refused = refuseText(input_data.raw_text);
  if (refused) return refused;
  if (new TextEncoder().encode(JSON.stringify(input_data)).length > largestInput) return tooLarge();

  try {
    if (input_data.replaces !== undefined && !(await effects.hasPersona(input_data.replaces))) {
      return refusal(404, "GW401", "There is no such persona.", "Let replaces be the id of one of your own personas.");
    }
    const job: NewJob = {
      agent_type: "persona_writer",
      input_data,
      ...(max_cost !== undefined && { max_cost }),
      ...(idempotency_key !== undefined && { idempotency_key }),
    };
    const response = await runJobNow({ ...effects, agentType: job.agent_type, enqueue: () => effects.enqueue(job) });
    return response.status === 200 ? await withPersona(response, effects) : response;
  } catch (error) {
    if (error instanceof RpcError) return error.toResponse();
    throw error;
  }
}

function tooLarge(): Response {
  const hint =
    "Send at most 1,000,000 characters, and 1 MiB with everything else; leave out what is not about the person.";
  return refusal(413, "text_too_large", "The text is too large.", hint);
}

/** Control characters that no text has, and what stands for bytes that are no characters. */
const noText = /[^\P{Cc}\s\u0085]|\uFFFD/u;

function refuseText(text: string): Response | undefined {
  if (!/\S/.test(text)) {
    return refusal(400, "blank_text", "raw_text is blank.", "Send the text that the persona is to be made of.");
  }
  if (noText.test(text) || !text.isWellFormed()) {
    const message = "raw_text is no text: it has control characters, or bytes that are no characters.";
    return refusal(400, "not_text", message, "Send plain text in UTF-8. Documents have to be converted first.");
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
    return refusal(410, "persona_deleted", message, "Ask again, with another idempotency key.");
  }
  const { job, parts, facts, dropped_facts, dropped_claims } = data;
  return Response.json({ data: { persona, job, parts, facts, dropped_facts, dropped_claims } }, { status: 201 });
}
