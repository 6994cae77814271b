import { z } from "zod";
import type { AgentType } from "../../../src/jobs/agent-job.ts";
import type { NewAgentJob } from "../../../src/jobs/new-agent-job.ts";
import { readPost } from "./json-request.ts";
import { type RunJobNow, runJobNow } from "./run-job-now.ts";

/** What a body may say about how the job is run, beside the input of the agent. */
export const terms = {
  /** US dollars. */
  max_cost: z.number().min(0).max(10_000).optional(),
  /** A request with the same key is the same job. */
  idempotency_key: z.string().min(1).max(200).optional(),
};

/** What a handler does with the database. */
export type JobFunctionEffects<Type extends AgentType> = Omit<RunJobNow, "agentType" | "enqueue"> & {
  enqueue: (job: NewAgentJob<Type>) => ReturnType<RunJobNow["enqueue"]>;
};

/**
 * Makes a handler for POST requests whose body is the input of an agent. It answers with what the agent has made.
 *
 * @param limits the bytes that a body may have, and what to send, for the hint
 */
export function createJobHandler<Type extends AgentType>(
  agentType: Type,
  Input: z.ZodObject,
  limits: { maxBytes: number; example: string },
) {
  const Body = Input.extend(terms);
  return async (request: Request, effects: JobFunctionEffects<Type>): Promise<Response> => {
    const post = await readPost(request, Body, limits);
    if ("refused" in post) return post.refused;
    return answerWithJob(agentType, post.body as Body<Type>, effects);
  };
}

type Body<Type extends AgentType> = NewAgentJob<Type>["input_data"] & Terms;
type Terms = z.infer<z.ZodObject<typeof terms>>;

/** Queues the job that a body asks for, works on it at once, and answers with its result. */
export function answerWithJob<Type extends AgentType>(
  agentType: Type,
  body: Body<Type>,
  effects: JobFunctionEffects<Type>,
): Promise<Response> {
  const { max_cost, idempotency_key, ...input_data } = body;
  const job = {
    agent_type: agentType,
    input_data,
    ...(max_cost !== undefined && { max_cost }),
    ...(idempotency_key !== undefined && { idempotency_key }),
  } as NewAgentJob<Type>;
  return runJobNow({ ...effects, agentType, enqueue: () => effects.enqueue(job) });
}
