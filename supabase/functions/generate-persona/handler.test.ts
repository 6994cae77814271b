// @ts-types="../_shared/assert-equals.d.ts"
import { assertEquals } from "@std/assert/equals";
import type { NewAgentJob } from "../../../src/jobs/new-agent-job.ts";
import type { ClaimedJob, JobQueue, JobResult } from "../../../src/jobs/job-queue.ts";
import { offlineModel } from "../../../src/agents/models/offline-model.ts";
import type { Database } from "../../../src/database.ts";
import { RpcError } from "../_shared/rpc-answer.ts";
import { generatePersona } from "./handler.ts";

type Job = Database["public"]["Tables"]["agent_jobs"]["Row"];
type PersonaRow = Database["public"]["Tables"]["personas"]["Row"];

const free = { input: 0, cached_input: 0, output: 0, reasoning: 0 };
const former = crypto.randomUUID();

/** One user's backend in memory: a queue of one job, and the persona that its completion makes. */
function backend({ waitingFor }: { waitingFor?: Job["waiting_for"] } = {}) {
  const queued: NewAgentJob<"persona_writer">[] = [];
  let job = { id: crypto.randomUUID(), status: "pending", cost: 0, waiting_for: waitingFor ?? null } as Job;
  let persona: PersonaRow | null = null;
  const settle = (result: JobResult) => {
    if (result.outcome === "completed") {
      job = { ...job, status: "completed", output_data: result.output_data };
      persona = { id: "made", agent_job_id: job.id, persona: result.output_data.persona } as PersonaRow;
    } else if (result.outcome === "failed") {
      const { error_code, error_message } = result;
      job = { ...job, status: "failed", error_code, error_message };
    }
  };
  const claimed = (): ClaimedJob => ({
    id: job.id,
    user_id: "somebody",
    agent_type: "persona_writer",
    input_data: queued[0]!.input_data,
    campaign_id: null,
    retry_count: 0,
    max_retries: 3,
    max_cost: 1,
    lease_token: "lease",
    lease_expires_at: "2030-01-01T00:00:00Z",
  });
  const queue = {
    exchange({ results, batchSize }) {
      results.forEach(settle);
      const isThere = queued.length > 0 && job.status === "pending" && !waitingFor && batchSize > 0;
      if (isThere) job = { ...job, status: "running" };
      return Promise.resolve({ claimed: isThere ? [claimed()] : [], refused: [], picked: isThere ? 1 : 0 });
    },
    heartbeat: () => Promise.resolve([]),
    prices: () => Promise.resolve(free),
  } as Partial<JobQueue> as JobQueue;

  const effects = {
    queue,
    makeModel: offlineModel,
    enqueue: (wanted: NewAgentJob<"persona_writer">) => {
      queued.push(wanted);
      return Promise.resolve(job);
    },
    read: () => Promise.resolve(job),
    hasPersona: (id: string) => Promise.resolve(id === former),
    readPersona: (id: string) => Promise.resolve(persona?.agent_job_id === id ? persona : null),
  };
  return { effects, queued, forget: () => (persona = null) };
}

const headers = { "content-type": "application/json" };
const post = (body: string | object, more: RequestInit = {}) =>
  new Request("http://localhost/generate-persona", {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...more,
  });
const ana = "My name is Ana. I am curious and I love old maps.";

Deno.test("makes a persona, and answers its row with what was dropped", async () => {
  const { effects, queued } = backend();

  const response = await generatePersona(
    post({ raw_text: ana, title: "Ana", source: "a letter", replaces: former, max_cost: 0.2, idempotency_key: "k" }),
    effects,
  );

  assertEquals(response.status, 201);
  const { data } = await response.json();
  assertEquals(data.persona.id, "made");
  assertEquals(data.persona.persona.traits, ["curious"]);
  assertEquals(data.job.status, "completed");
  assertEquals([data.dropped_facts, data.dropped_claims], [0, 0]);
  assertEquals(queued, [
    {
      agent_type: "persona_writer",
      input_data: { raw_text: ana, title: "Ana", source: "a letter", replaces: former },
      max_cost: 0.2,
      idempotency_key: "k",
    },
  ]);
});

Deno.test("answers 202 and the reason when the job has to wait", async () => {
  const { effects } = backend({ waitingFor: "monthly_limit" });

  const response = await generatePersona(post({ raw_text: ana }), { ...effects, timeoutMs: 10 });

  assertEquals(response.status, 202);
  const { data } = await response.json();
  assertEquals([data.job.status, data.job.waiting_for], ["pending", "monthly_limit"]);
});

Deno.test("says why a text makes no persona", async () => {
  const { effects } = backend();

  const response = await generatePersona(post({ raw_text: "It rains." }), effects);

  assertEquals(response.status, 422);
  const { error } = await response.json();
  assertEquals(error.code, "invalid_input");
  assertEquals(error.message.startsWith("The text says nothing about a person."), true);
});

Deno.test("does not answer with a persona that was deleted", async () => {
  const { effects } = backend();

  const response = await generatePersona(post({ raw_text: ana }), {
    ...effects,
    readPersona: () => Promise.resolve(null),
  });

  assertEquals([response.status, (await response.json()).error.code], [410, "persona_deleted"]);
});

Deno.test("refuses, with a code, what it can't work with, and queues nothing", async () => {
  const { effects, queued } = backend();
  const refusals: [Request, number, string][] = [
    [new Request("http://localhost/generate-persona"), 405, "method_not_allowed"],
    [post({ raw_text: ana }, { headers: { "content-type": "text/plain" } }), 415, "unsupported_media_type"],
    [post("nonsense"), 400, "invalid_body"],
    [post("[]"), 400, "invalid_body"],
    [post({}), 400, "invalid_body"],
    [post({ raw_text: 5 }), 400, "invalid_body"],
    [post({ raw_text: ana, user_id: former }), 400, "invalid_body"],
    [post({ raw_text: ana, title: " " }), 400, "invalid_body"],
    [post({ raw_text: ana, replaces: "x" }), 400, "invalid_body"],
    [post({ raw_text: ana, max_cost: -1 }), 400, "invalid_body"],
    [post({ raw_text: "" }), 400, "blank_text"],
    [post({ raw_text: " \n\t\u00a0" }), 400, "blank_text"],
    [post({ raw_text: `${ana}\0` }), 400, "not_text"],
    [post({ raw_text: "%PDF-1.7 \u0001\u0002" }), 400, "not_text"],
    [post({ raw_text: `${ana} \ufffd\ufffd` }), 400, "not_text"],
    [post('{"raw_text": "half \\ud800"}'), 400, "not_text"],
    [post({ raw_text: "x".repeat(1_000_001) }), 413, "text_too_large"],
    [post({ raw_text: "ä".repeat(600_000) }), 413, "text_too_large"],
    [post({ raw_text: "x".repeat(5_000_000) }), 413, "text_too_large"],
    [post({ raw_text: ana, replaces: crypto.randomUUID() }), 404, "GW401"],
  ];

  for (const [request, status, code] of refusals) {
    const response = await generatePersona(request, effects);

    assertEquals([response.status, (await response.json()).error.code], [status, code]);
  }
  assertEquals(queued, []);
});

Deno.test("takes a text of a million characters, with line breaks", async () => {
  const { effects } = backend();
  const text = `${ana}\n`.repeat(999_999 / (ana.length + 1));

  const response = await generatePersona(post({ raw_text: text }), effects);

  assertEquals(response.status, 201);
  assertEquals((await response.json()).data.persona.persona.name, "Ana");
});

Deno.test("stops reading a body that is too large, also when it does not say so", async () => {
  const { effects } = backend();
  const chunk = new Uint8Array(65_536).fill(120);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += chunk.length;
      controller.enqueue(chunk);
    },
  });

  const response = await generatePersona(post("", { body }), effects);

  assertEquals(response.status, 413);
  assertEquals((await response.json()).error.code, "text_too_large");
  assertEquals(sent < 15_000_000, true);
});

Deno.test("hands on what the database says", async () => {
  const { effects } = backend();
  const refused = new RpcError({ message: "Too many of your jobs wait.", code: "GW706", hint: "Wait." }, 429);
  const lost = new RpcError({ message: "no connection", code: "", hint: "" }, 0);

  const quota = await generatePersona(post({ raw_text: ana }), { ...effects, enqueue: () => Promise.reject(refused) });
  const gone = await generatePersona(post({ raw_text: ana, replaces: former }), {
    ...effects,
    hasPersona: () => Promise.reject(lost),
  });

  assertEquals([quota.status, (await quota.json()).error.code], [429, "GW706"]);
  assertEquals([gone.status, (await gone.json()).error.code], [503, "database_unavailable"]);
});
