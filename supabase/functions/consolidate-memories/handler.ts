import { z } from "zod";
import type { NewAgentJob } from "../../../src/agents/enqueue-agent-job.ts";
import { readPost } from "../_shared/json-request.ts";
import { type RunJobNow, runJobNow } from "../_shared/run-job-now.ts";

const Body = z.strictObject({
  /** Absent: all that were not compared yet. */
  memory_ids: z.array(z.guid()).min(1).max(1000).optional(),
  /** US dollars. */
  max_cost: z.number().min(0).max(10_000).optional(),
  /** The same key is the same job. */
  idempotency_key: z.string().min(1).max(200).optional(),
});

type NewJob = NewAgentJob<"memory_keeper">;

type Effects = Omit<RunJobNow, "agentType" | "enqueue"> & {
  enqueue: (job: NewJob) => ReturnType<RunJobNow["enqueue"]>;
};

/** Answers `POST /functions/v1/consolidate-memories`: merges what a person has said twice, and ends what is contradicted. */
export async function consolidateMemories(request: Request, effects: Effects): Promise<Response> {
  const post = await readPost(request, Body, { largest: 65_536, example: "nothing" });
  if ("refused" in post) return post.refused;
  const { memory_ids, ...options } = post.body;
  const job: NewJob = {
    agent_type: "memory_keeper",
    input_data: memory_ids === undefined ? {} : { memory_ids },
    ...options,
  };
  return runJobNow({ ...effects, agentType: job.agent_type, enqueue: () => effects.enqueue(job) });
}
