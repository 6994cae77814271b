import { type LocalBackend, type LocalOptions, type SignedUp, startLocal } from "#groundwork/local";
import { AgentError, type JobOutcome, type Usage } from "../../../src/agents/index.ts";
import { jobQueueOverHttp } from "../../../src/jobs/job-queue-over-http.ts";
import type { JobQueue } from "../../../src/jobs/job-queue.ts";
import { type JobRunner, type JobWorkerOptions, runJobWorker } from "../../../src/jobs/job-worker.ts";

interface NewJob {
  agent_type?: string;
  campaign_id?: string;
  max_cost?: number;
  input_data?: { [key: string]: unknown };
}

/** Starts a backend with the job queue over HTTP, and a user who queues jobs. */
export async function startJobBackend(options: LocalOptions = {}) {
  const backend = await startLocal(options);
  const queue = jobQueueOverHttp(backend.adminClient());
  const user = await backend.signUp();
  const jobs = async () =>
    (await user.client.from("agent_jobs").select().order("created_at").order("id").throwOnError()).data;

  return {
    backend,
    queue,
    user,
    jobs,
    job: async (id: string) => (await jobs()).find((own) => own.id === id)!,
    ledger: async () => (await user.client.from("budget_entries").select().throwOnError()).data,
    /** Queues a job and returns its id. */
    enqueue: (job: NewJob = {}, by: SignedUp = user) => enqueue(by, job),
    /** Runs the worker until the queue is empty. */
    workOn: (run: JobRunner, more: Partial<JobWorkerOptions> = {}, on: JobQueue = queue) =>
      runJobWorker(on, run, { workerId: crypto.randomUUID(), ...more }),
    /** Deletes all jobs and their results. */
    clear: () => clear(backend),
  };
}

async function enqueue(by: SignedUp, job: NewJob): Promise<string> {
  const { data } = await by.client
    .rpc("enqueue_agent_job", { agent_type: "seo_writer", input_data: { topic: "Bees" }, ...job } as never)
    .throwOnError();
  return (data as { id: string }).id;
}

async function clear({ database }: LocalBackend): Promise<void> {
  for (const table of ["content_assets", "budget_entries", "agent_jobs", "campaigns"]) {
    await database.run(`delete from public.${table}`);
  }
}

export const done: JobOutcome = { output_data: { done: true }, assets: [], usage: [] };

/** The usage of a request that cost 60 cents, unless `changes` says otherwise. */
export const used = (changes: Partial<Usage> = {}): Usage => ({
  model: "gpt-4o-mini",
  kind: "output",
  quantity: 1_000_000,
  request_id: crypto.randomUUID(),
  ...changes,
});

/** Settles when the signal aborts, as a request to a model does. */
export const untilAborted = (signal: AbortSignal, usage: Usage[] = []) =>
  new Promise<never>((_, reject) => {
    const end = () => reject(new AgentError("aborted", "The worker stopped.", { usage }));
    if (signal.aborted) end();
    signal.addEventListener("abort", end);
  });
