// @ts-types="../_shared/assert-equals.d.ts"
import { assertEquals } from "@std/assert/equals";
import type { ClaimedJob, JobQueue } from "../../../src/jobs/job-queue.ts";
import { QueueError } from "../../../src/shared/queue-error.ts";
import { offlineModel } from "../../../src/agents/models/offline-model.ts";
import type { Database } from "../../../src/database.ts";
import { RpcError } from "../_shared/rpc-answer.ts";
import { organizeThoughts } from "./handler.ts";

type Job = Database["public"]["Tables"]["agent_jobs"]["Row"];
type Effects = Parameters<typeof organizeThoughts>[1];

const free = { input: 0, cached_input: 0, output: 0, reasoning: 0 };

/** A queue and a row of agent_jobs in memory. */
function backendWith(changes: Partial<Job> = {}, queueChanges: Partial<JobQueue> = {}) {
  const job = { id: crypto.randomUUID(), status: "pending", cost: 0, waiting_for: null, ...changes } as Job;
  const wanted: unknown[] = [];
  const claims: unknown[] = [];
  const queue: JobQueue = {
    exchange({ results, batchSize, agentTypes }) {
      claims.push(agentTypes);
      for (const result of results) {
        job.status = result.outcome === "completed" ? "completed" : "failed";
        if (result.outcome === "completed") job.output_data = result.output_data as Job["output_data"];
        if (result.outcome === "failed") job.error_message = result.error_message;
      }
      if (job.status !== "pending" || job.waiting_for || batchSize === 0) {
        return Promise.resolve({ claimed: [], refused: [], picked: 0 });
      }
      job.status = "running";
      const claimed: ClaimedJob = {
        id: job.id,
        user_id: crypto.randomUUID(),
        agent_type: "thought_organizer",
        input_data: { dry_run: true },
        campaign_id: null,
        retry_count: 0,
        max_retries: 3,
        max_cost: 1,
        lease_token: crypto.randomUUID(),
        lease_expires_at: "2026-01-01T00:00:00Z",
      };
      return Promise.resolve({ claimed: [claimed], refused: [], picked: 1 });
    },
    heartbeat: (leases) => Promise.resolve(leases.map(({ job_id }) => job_id)),
    bookLateUsage: () => Promise.resolve(),
    prices: () => Promise.resolve(free),
    campaignFigures: () => Promise.resolve([]),
    memoriesToConsolidate: () => Promise.reject(new Error("No job asks for memories.")),
    thoughtsToOrganize: () =>
      Promise.resolve({
        embedding_model: "groundwork-lexical-1",
        unchanged: false,
        not_embedded: 2,
        remaining: 0,
        thoughts: [],
        circles: [],
        novelty: [],
      }),
    ...queueChanges,
  };
  const effects: Effects = {
    enqueue(wish) {
      wanted.push(wish);
      return Promise.resolve(job);
    },
    read: () => Promise.resolve(job),
    queue,
    makeModel: offlineModel,
    timeoutMs: 1000,
  };
  return { job, effects, wanted, claims };
}

const headers = { "content-type": "application/json" };
const post = (body?: string) => new Request("http://localhost/organize-thoughts", { method: "POST", headers, body });

Deno.test("queues the job as it was asked for, works on jobs of its type, and answers the result", async () => {
  const { job, effects, wanted, claims } = backendWith();

  const response = await organizeThoughts(post('{"dry_run": true, "max_cost": 0.1, "idempotency_key": "a"}'), effects);

  assertEquals(response.status, 200);
  const { data } = await response.json();
  assertEquals(data.job, { id: job.id, status: "completed", cost: 0 });
  assertEquals([data.dry_run, data.circles, data.not_embedded], [true, [], 2]);
  assertEquals(wanted, [
    { agent_type: "thought_organizer", input_data: { dry_run: true }, max_cost: 0.1, idempotency_key: "a" },
  ]);
  assertEquals(new Set(claims.flat()), new Set(["thought_organizer"]));
});

Deno.test("answers with 202 and the reason when the job must wait", async () => {
  const { job, effects } = backendWith({ waiting_for: "monthly_limit" });

  const response = await organizeThoughts(post(), effects);

  assertEquals(response.status, 202);
  const { data } = await response.json();
  assertEquals(data.job, { id: job.id, status: "pending", waiting_for: "monthly_limit" });
});

Deno.test("waits for another worker that was faster, and answers its result", async () => {
  const { job, effects } = backendWith({ status: "running" });
  let reads = 0;
  const read = () => {
    reads += 1;
    if (reads === 2) Object.assign(job, { status: "completed", output_data: { left: 1 } });
    return Promise.resolve(job);
  };

  const response = await organizeThoughts(post(), { ...effects, read });

  assertEquals(await response.json(), { data: { job: { id: job.id, status: "completed", cost: 0 }, left: 1 } });
});

Deno.test("a job that is settled already is answered as it is, without a worker", async () => {
  const completed = backendWith({ status: "completed", output_data: { left: 3 } });
  const failed = backendWith({ status: "failed", error_message: "It did not work." });
  const cancelled = backendWith({ status: "cancelled" });

  const answers = [];
  for (const { effects } of [completed, failed, cancelled]) answers.push(await organizeThoughts(post(), effects));

  assertEquals(
    answers.map(({ status }) => status),
    [200, 502, 409],
  );
  assertEquals((await answers[0]!.json()).data.left, 3);
  assertEquals((await answers[1]!.json()).error.message, `It did not work. (job ${failed.job.id})`);
  assertEquals((await answers[2]!.json()).error.code, "job_cancelled");
  assertEquals(
    [completed, failed, cancelled].map(({ claims }) => claims.length),
    [0, 0, 0],
  );
});

Deno.test("passes on what the database refuses, and says when the queue or the model can't be used", async () => {
  const quota = new RpcError({ message: "Too many of your jobs wait.", code: "GW706", hint: "Wait." }, 429);
  const refused = await organizeThoughts(post(), { ...backendWith().effects, enqueue: () => Promise.reject(quota) });
  const lines: string[] = [];
  const broken = backendWith({}, { exchange: () => Promise.reject(new QueueError("permission denied", "42501")) });
  const away = await organizeThoughts(post(), { ...broken.effects, log: (line) => lines.push(line) });
  const unpriced = backendWith({}, { prices: () => Promise.resolve(null) });
  const priceless = await organizeThoughts(post(), unpriced.effects);

  assertEquals([refused.status, away.status, priceless.status], [429, 503, 500]);
  assertEquals((await refused.json()).error.code, "GW706");
  assertEquals((await away.json()).error.code, "queue_unavailable");
  assertEquals((await priceless.json()).error.code, "unpriced_model");
  // Nothing is queued that nobody could do.
  assertEquals(unpriced.wanted, []);
  assertEquals(lines, ["The queue can't be used: 42501 permission denied"]);
});

Deno.test("refuses what is not a POST, and what is no body of it", async () => {
  const { effects, wanted } = backendWith();
  const get = await organizeThoughts(new Request("http://localhost/organize-thoughts"), effects);
  const bodies = ["nonsense", "[]", '{"dry_run": "yes"}', '{"max_cost": -1}', '{"user_id": "x"}', " ".repeat(5000)];

  const answers = await Promise.all(bodies.map((body) => organizeThoughts(post(body), effects)));

  assertEquals(get.status, 405);
  assertEquals(
    answers.map(({ status }) => status),
    bodies.map(() => 400),
  );
  assertEquals(wanted, []);
});
