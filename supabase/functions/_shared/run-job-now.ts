import { delay } from "@std/async/delay";
import { STATUS_CODE } from "@std/http/status";
import type { AgentType } from "../../../src/jobs/agent-job.ts";
import type { JobQueue } from "../../../src/jobs/job-queue.ts";
import { QueueError } from "../../../src/shared/queue-error.ts";
import { jobRunner } from "../../../src/agents/runtime/job-runner.ts";
import type { AgentModel } from "../../../src/agents/models/model.ts";
import { runJobWorker } from "../../../src/jobs/job-worker.ts";
import type { Database } from "../../../src/database.ts";
import { errorResponse } from "./error-response.ts";
import { pricedModel } from "./priced-model.ts";
import { queueUnavailable } from "./queue-unavailable.ts";
import { RpcError } from "./rpc-answer.ts";

type Job = Database["public"]["Tables"]["agent_jobs"]["Row"];

export interface RunJobNow {
  agentType: AgentType;
  /** Queues the job, as the user. Throws `RpcError`. */
  enqueue: () => Promise<Job>;
  /** Reads the job, as the user. Throws `RpcError`. */
  read: (jobId: string) => Promise<Job>;
  queue: JobQueue;
  /** Throws when the environment names no usable model. */
  makeModel: () => AgentModel;
  /** How long the caller waits for the answer, in milliseconds. Default 60,000. */
  timeoutMs?: number;
  /** Aborts when the process is about to end. */
  shutdownSignal?: AbortSignal | undefined;
  /** Gets one line for each fault. */
  log?: ((line: string) => void) | undefined;
}

/** How often a job is read while another worker runs it, in milliseconds. */
const lookEveryMs = 250;

/**
 * Queues a job of a user, and works on jobs of its type until that job is settled, so that the answer has its result.
 * The job has a reservation, retries and ledger entries like any other. A job that must wait stays in the queue.
 *
 * @returns 200 with the result, 202 with the reason why the job waits, or the error of the database or of the job
 */
export async function runJobNow(effects: RunJobNow): Promise<Response> {
  const { agentType, queue, read, shutdownSignal, log, timeoutMs = 60_000 } = effects;
  try {
    const model = await pricedModel(queue, effects.makeModel);
    if (model instanceof Response) return model;
    const queued = await effects.enqueue();
    if (isOver(queued)) return answerTo(queued);

    const deadline = Date.now() + timeoutMs;
    const settled = new AbortController();
    await runJobWorker(queue, jobRunner(queue, model), {
      workerId: `${agentType}/${crypto.randomUUID()}`,
      concurrency: 1,
      agentTypes: [agentType],
      deadline,
      graceMs: 20_000,
      stop: settled.signal,
      abandon: shutdownSignal,
      log,
      onResult: ({ id }) => {
        if (id === queued.id) settled.abort();
      },
    });
    // Another worker may have claimed the job first.
    let job = await read(queued.id);
    while (job.status === "running" && Date.now() < deadline) {
      await delay(lookEveryMs);
      job = await read(queued.id);
    }
    return answerTo(job);
  } catch (error) {
    if (error instanceof RpcError) return error.toResponse();
    if (!(error instanceof QueueError)) throw error;
    return queueUnavailable(error, log);
  }
}

const isOver = ({ status }: Job) => status !== "pending" && status !== "running";

/** The errors that the user can correct. The model, its provider or the operator caused the others. */
const errorsOfUser: ReadonlySet<Job["error_code"]> = new Set(["invalid_input", "over_max_cost"]);

function answerTo({ id, status, cost, waiting_for, run_after, error_code, error_message, output_data }: Job): Response {
  switch (status) {
    case "completed":
      return Response.json({ data: { job: { id, status, cost }, ...(output_data as object) } });
    case "failed":
      return errorsOfUser.has(error_code)
        ? errorResponse(
            STATUS_CODE.UnprocessableEntity,
            error_code!,
            `${error_message} (job ${id})`,
            "Ask for something else; with another idempotency key, if you gave one.",
          )
        : errorResponse(
            STATUS_CODE.BadGateway,
            "job_failed",
            `${error_message} (job ${id})`,
            "Send it back with retry_agent_job(job_id).",
          );
    case "cancelled":
      return errorResponse(
        STATUS_CODE.Conflict,
        "job_cancelled",
        `The job ${id} was cancelled.`,
        "Ask again; with another idempotency key, if you gave one.",
      );
    default:
      return Response.json(
        { data: { job: { id, status, waiting_for, run_after, error_message } } },
        { status: STATUS_CODE.Accepted },
      );
  }
}
