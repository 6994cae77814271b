// @ts-types="../_shared/assert-equals.d.ts"
import { assertEquals } from "@std/assert/equals";
import type { NewAgentJob } from "../../../src/jobs/new-agent-job.ts";
import type { JobQueue } from "../../../src/jobs/job-queue.ts";
import { offlineModel } from "../../../src/agents/models/offline-model.ts";
import type { Database } from "../../../src/database.ts";
import { consolidateMemories } from "./handler.ts";

type Job = Database["public"]["Tables"]["agent_jobs"]["Row"];

const free = { input: 0, cached_input: 0, output: 0, reasoning: 0 };
const id = crypto.randomUUID();

/** A queue whose job another worker has completed. */
function effectsOf(queued: NewAgentJob<"memory_keeper">[]) {
  const job = {
    id,
    status: "completed",
    cost: 0.01,
    output_data: { looked_at: [id], proposals: [] },
  } as unknown as Job;
  return {
    queue: { prices: () => Promise.resolve(free) } as Partial<JobQueue> as JobQueue,
    makeModel: offlineModel,
    enqueue: (wanted: NewAgentJob<"memory_keeper">) => {
      queued.push(wanted);
      return Promise.resolve(job);
    },
    read: () => Promise.resolve(job),
  };
}

const headers = { "content-type": "application/json" };
const post = (body?: string) => new Request("http://localhost/consolidate-memories", { method: "POST", headers, body });

Deno.test("queues a job of the memory keeper and answers its result", async () => {
  const queued: NewAgentJob<"memory_keeper">[] = [];

  const all = await consolidateMemories(post(), effectsOf(queued));
  await consolidateMemories(
    post(JSON.stringify({ memory_ids: [id], max_cost: 0.1, idempotency_key: "k" })),
    effectsOf(queued),
  );

  assertEquals(all.status, 200);
  assertEquals(await all.json(), {
    data: { job: { id, status: "completed", cost: 0.01 }, looked_at: [id], proposals: [] },
  });
  assertEquals(queued, [
    { agent_type: "memory_keeper", input_data: {} },
    { agent_type: "memory_keeper", input_data: { memory_ids: [id] }, max_cost: 0.1, idempotency_key: "k" },
  ]);
});

Deno.test("refuses what is not a POST, and what is no body of it", async () => {
  const queued: NewAgentJob<"memory_keeper">[] = [];
  const bodies = [
    "nonsense",
    "[]",
    '{"memory_ids": []}',
    '{"memory_ids": ["x"]}',
    '{"user_id": "x"}',
    '{"max_cost": -1}',
  ];

  const get = await consolidateMemories(new Request("http://localhost/consolidate-memories"), effectsOf(queued));
  const answers = await Promise.all(bodies.map((body) => consolidateMemories(post(body), effectsOf(queued))));

  assertEquals(get.status, 405);
  for (const answer of answers) {
    assertEquals(answer.status, 400);
    assertEquals((await answer.json()).error.code, "invalid_body");
  }
  assertEquals(queued, []);
});
