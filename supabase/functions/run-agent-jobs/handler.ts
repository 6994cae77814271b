import { z } from "zod";
import { jobRunner } from "../../../src/agents/runtime/job-runner.ts";
import type { JobQueue } from "../../../src/jobs/job-queue.ts";
import { QueueError } from "../../../src/shared/queue-error.ts";
import type { AgentModel } from "../../../src/agents/models/model.ts";
import { runJobWorker } from "../../../src/jobs/job-worker.ts";
import { readPost } from "../_shared/json-request.ts";
import { queueUnavailable } from "../_shared/queue-unavailable.ts";
import { pricedModel } from "../_shared/priced-model.ts";

interface Effects {
  queue: JobQueue;
  /** Throws when the environment names no usable model. */
  makeModel: () => AgentModel;
  /** Aborts when the process is about to end. */
  shutdownSignal?: AbortSignal;
  /** Gets one line for each fault. */
  log?: (line: string) => void;
}

/**
 * How long jobs may still run after `max_seconds`, in milliseconds. The platform wants an answer within 150 seconds,
 * and a process that is reused may have only half of them left. With the default of `max_seconds`, a call has ended
 * by then.
 */
const graceMs = 50_000;

const Body = z.strictObject({
  /** How many jobs run at once. */
  batch_size: z.int().min(1).max(50).default(5),
  /** For how long jobs are claimed. Jobs that run at that time may still finish. */
  max_seconds: z.number().min(1).max(90).default(20),
});

/** Answers `POST /functions/v1/run-agent-jobs`: works on the queue until it is empty or the time is up. */
export function createRunAgentJobsHandler({ queue, makeModel, shutdownSignal, log }: Effects) {
  return async (request: Request): Promise<Response> => {
    const post = await readPost(request, Body, {
      maxBytes: 1024,
      example: 'nothing, or {"batch_size": 5, "max_seconds": 20}',
    });
    if ("refused" in post) return post.refused;

    try {
      const model = await pricedModel(queue, makeModel);
      if (model instanceof Response) return model;
      const { batch_size, max_seconds } = post.body;
      const summary = await runJobWorker(queue, jobRunner(queue, model), {
        workerId: `run-agent-jobs/${crypto.randomUUID()}`,
        concurrency: batch_size,
        deadline: Date.now() + max_seconds * 1000,
        graceMs,
        abandon: shutdownSignal,
        log,
      });
      return Response.json({ data: summary });
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      return queueUnavailable(error, log);
    }
  };
}
