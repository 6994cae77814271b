// @ts-types="../_shared/assert-equals.d.ts"
import { assertEquals } from "@std/assert/equals";
import type { ClaimedJob, JobQueue, JobResult } from "../../../src/jobs/job-queue.ts";
import { QueueError } from "../../../src/shared/queue-error.ts";
import { offlineModel } from "../../../src/agents/models/offline-model.ts";
import { createRunAgentJobsHandler } from "./handler.ts";

const free = { input: 0, cached_input: 0, output: 0, reasoning: 0 };

/** A queue in memory, which keeps the results that it was sent. */
function queueOf(jobs: ClaimedJob[], changes: Partial<JobQueue> = {}) {
  const results: JobResult[] = [];
  const queue: JobQueue = {
    exchange(request) {
      results.push(...request.results);
      const claimed = jobs.splice(0, request.batchSize);
      return Promise.resolve({ claimed, refused: [], picked: claimed.length });
    },
    heartbeat: (leases) => Promise.resolve(leases.map(({ job_id }) => job_id)),
    bookLateUsage: () => Promise.resolve(),
    prices: () => Promise.resolve(free),
    campaignFigures: () => Promise.resolve([]),
    memoriesToConsolidate: () => Promise.reject(new Error("No job asks for memories.")),
    thoughtsToOrganize: () => Promise.reject(new Error("There are no thoughts here.")),
    ...changes,
  };
  return { queue, results };
}

function job(changes: Partial<ClaimedJob> = {}): ClaimedJob {
  return {
    id: crypto.randomUUID(),
    user_id: crypto.randomUUID(),
    agent_type: "seo_writer",
    input_data: { topic: "Beekeeping in a city" },
    campaign_id: null,
    retry_count: 0,
    max_retries: 3,
    max_cost: 1,
    lease_token: crypto.randomUUID(),
    lease_expires_at: "2026-01-01T00:00:00Z",
    ...changes,
  };
}

const headers = { "content-type": "application/json" };
const post = (body?: string) => new Request("http://localhost/run-agent-jobs", { method: "POST", headers, body });

Deno.test("works until the queue is empty, and says what became of the jobs", async () => {
  const { queue, results } = queueOf([job(), job({ input_data: {} }), job()]);
  const handle = createRunAgentJobsHandler({ queue, makeModel: offlineModel });

  const response = await handle(post('{"batch_size": 2}'));

  assertEquals(response.status, 200);
  assertEquals(await response.json(), { data: { completed: 2, failed: 1, released: 0, refused: 0 } });
  assertEquals(results.map(({ outcome }) => outcome).toSorted(), ["completed", "completed", "failed"]);
});

Deno.test("an empty queue is no fault", async () => {
  const handle = createRunAgentJobsHandler({ queue: queueOf([]).queue, makeModel: offlineModel });

  const response = await handle(post());

  assertEquals(await response.json(), { data: { completed: 0, failed: 0, released: 0, refused: 0 } });
});

Deno.test("claims nothing more when the process is about to end", async () => {
  const { queue, results } = queueOf([job(), job()]);
  const shutdownSignal = AbortSignal.abort();
  const handle = createRunAgentJobsHandler({ queue, makeModel: offlineModel, shutdownSignal });

  const response = await handle(post());

  assertEquals(await response.json(), { data: { completed: 0, failed: 0, released: 0, refused: 0 } });
  assertEquals(results, []);
});

Deno.test("refuses what is not a POST, and what is no body of it", async () => {
  const handle = createRunAgentJobsHandler({ queue: queueOf([job()]).queue, makeModel: offlineModel });
  const bodies = [
    "nonsense",
    "[]",
    '{"batch_size": 0}',
    '{"max_seconds": 1000}',
    '{"colour": "red"}',
    " ".repeat(2000),
  ];

  const get = await handle(new Request("http://localhost/run-agent-jobs"));
  const answers = await Promise.all(bodies.map((body) => handle(post(body))));

  assertEquals(get.status, 405);
  assertEquals(get.headers.get("allow"), "POST");
  assertEquals((await get.json()).error.code, "method_not_allowed");
  for (const answer of answers) {
    assertEquals(answer.status, 400);
    assertEquals((await answer.json()).error.code, "invalid_body");
  }
});

Deno.test("claims nothing when the model is not configured, or has no price", async () => {
  const { queue, results } = queueOf([job()], { prices: () => Promise.resolve(null) });
  const unpriced = createRunAgentJobsHandler({ queue, makeModel: offlineModel });
  const unconfigured = createRunAgentJobsHandler({
    queue,
    makeModel: () => {
      throw new Error("AI_MODEL not set.");
    },
  });

  const answers = await Promise.all([unpriced(post()), unconfigured(post())]);

  assertEquals(
    answers.map(({ status }) => status),
    [500, 500],
  );
  const errors = await Promise.all(answers.map(async (answer) => (await answer.json()).error));
  assertEquals(
    errors.map(({ code }) => code),
    ["unpriced_model", "no_model"],
  );
  assertEquals(results, []);
});

Deno.test("says that the queue can't be used when the database refuses it", async () => {
  const refuse = () => Promise.reject(new QueueError("permission denied for function", "42501"));
  const lines: string[] = [];
  const { queue } = queueOf([], { exchange: refuse });
  const handle = createRunAgentJobsHandler({ queue, makeModel: offlineModel, log: (line) => lines.push(line) });

  const response = await handle(post());

  assertEquals(response.status, 503);
  assertEquals((await response.json()).error.code, "queue_unavailable");
  assertEquals(lines, ["The queue can't be used: 42501 permission denied for function"]);
});
