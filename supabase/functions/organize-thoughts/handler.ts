import { z } from "zod";
import type { NewAgentJob } from "../../../src/agents/enqueue-agent-job.ts";
import { readPost } from "../_shared/json-request.ts";
import { type RunJobNow, runJobNow } from "../_shared/run-job-now.ts";

const Body = z.strictObject({
  /** Says what would be done, and does nothing. */
  dry_run: z.boolean().optional(),
  /** US dollars. */
  max_cost: z.number().min(0).max(10_000).optional(),
  /** The same key is the same job. */
  idempotency_key: z.string().min(1).max(200).optional(),
});

type NewJob = NewAgentJob<"thought_organizer">;

type Effects = Omit<RunJobNow, "agentType" | "enqueue"> & {
  enqueue: (job: NewJob) => ReturnType<RunJobNow["enqueue"]>;
};

/** Answers `POST /functions/v1/organize-thoughts`: gathers a person's thoughts into circles. */
export async function organizeThoughts(request: Request, effects: Effects): Promise<Response> {
  const post = await readPost(request, Body, { largest: 4096, example: 'nothing, or {"dry_run": true}' });
  if ("refused" in post) return post.refused;
  const { dry_run, ...options } = post.body;
  const job: NewJob = {
    agent_type: "thought_organizer",
    input_data: dry_run === undefined ? {} : { dry_run },
    ...options,
  };
  return runJobNow({ ...effects, agentType: job.agent_type, enqueue: () => effects.enqueue(job) });
}
