import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type AgentType, type Groundwork, type Job, createGroundwork, groundwork } from "#groundwork";
import { agentInputs } from "#groundwork/agents";
import { startLocal } from "#groundwork/local";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { agentOutputs } from "#groundwork/agents";
import { packageName } from "../../scripts/package/package-name.ts";
import { until } from "../setup/until.ts";
import { startRealtimeServer } from "./setup/realtime-server.ts";

const backend = await startLocal();
afterAll(() => backend.close());

let gw: Groundwork;
let token: string;
beforeEach(async () => {
  const { client, session } = await backend.signUp();
  gw = groundwork(client);
  token = session.access_token;
});

const topic = { topic: "Pear trees" };
const work = () => backend.adminClient().functions.invoke("run-agent-jobs", { method: "POST" });

test("the database checks the inputs of every agent by the same fields as its schema", async () => {
  const known = await backend.database.query<{ agent_type: string; required_inputs: string[]; inputs: object }>(
    "select name as agent_type, to_jsonb(required_inputs) as required_inputs, inputs from groundwork.agent_types order by 1",
  );

  const expected = Object.entries(agentInputs).map(([agent_type, schema]) => {
    const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
    const typeOf = (property: object) => {
      const { type } = property as { type: string };
      return type === "integer" ? "number" : type;
    };
    return {
      agent_type,
      required_inputs: required,
      inputs: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, typeOf(value as object)])),
    };
  });
  const byType = (one: { agent_type: string }, other: { agent_type: string }) =>
    one.agent_type < other.agent_type ? -1 : 1;
  expect(known.toSorted(byType)).toEqual(expected.toSorted(byType));
});

describe("enqueue", () => {
  test("queues a job with the given input and options, once for each idempotency key", async () => {
    const input = { ...topic, keywords: ["pear"] };
    const terms = { idempotency_key: "pears", priority: 7, max_cost: 0.25, max_retries: 1 };

    const first = await gw.jobs.enqueue("seo_writer", input, terms);
    const again = await gw.jobs.enqueue("seo_writer", input, terms);

    expect(first).toMatchObject({ status: "pending", agent_type: "seo_writer", input_data: input, ...terms });
    expect(again.id).toBe(first.id);
    expect(await gw.jobs.count()).toBe(1);
    await expect(gw.jobs.enqueue("seo_writer", { topic: "Plums" }, terms)).rejects.toMatchObject({
      code: "conflict",
      backendCode: "GW707",
    });
  });

  test("an input that is not valid is refused before anything is sent, and the message names the wrong field", async () => {
    await expect(gw.jobs.enqueue("seo_writer", { ...topic, length: 3 })).rejects.toMatchObject({
      name: "GroundworkError",
      code: "validation",
      message: "seo_writer:\n✖ Too small: expected number to be >=100\n  → at length",
      cause: expect.any(z.ZodError),
    });
    const many = [
      { agent_type: "seo_writer" as const, input_data: topic },
      { agent_type: "email_marketer" as const, input_data: { goal: " " } },
    ];
    await expect(gw.jobs.enqueueMany(many)).rejects.toMatchObject({ code: "validation", message: /^jobs\[1\]:\n/ });
    expect(await gw.jobs.count()).toBe(0);
  });

  test("another user's campaign is not_found, and a full queue is limit_exceeded", async () => {
    const other = groundwork((await backend.signUp()).client);
    const { id: campaign_id } = await other.campaigns.create({ name: "Theirs", start_date: "2026-01-01T00:00:00Z" });
    const { id: user_id } = await gw.account.get();
    await backend.adminClient().from("user_spend_limits").insert({ user_id, max_queued_jobs: 1 }).throwOnError();

    await expect(gw.jobs.enqueue("seo_writer", topic, { campaign_id })).rejects.toMatchObject({ code: "not_found" });
    await gw.jobs.enqueue("seo_writer", topic);
    await expect(gw.jobs.enqueue("seo_writer", topic)).rejects.toMatchObject({
      code: "limit_exceeded",
      backendCode: "GW706",
    });
    expect(await gw.budget.limits()).toMatchObject({ max_queued_jobs: 1, monthly_limit: null });
  });

  test("cancel and retry are refused if the job's status does not allow them", async () => {
    const job = await gw.jobs.enqueue("seo_writer", topic);

    await expect(gw.jobs.retry(job.id)).rejects.toMatchObject({ code: "conflict", backendCode: "GW702" });
    expect(await gw.jobs.cancel(job.id)).toMatchObject({ id: job.id, status: "cancelled" });
    await expect(gw.jobs.cancel(job.id)).rejects.toMatchObject({ code: "conflict", backendCode: "GW702" });
    await expect(gw.jobs.cancel(crypto.randomUUID())).rejects.toMatchObject({
      code: "not_found",
      backendCode: "GW704",
    });
  });
});

test("the output of each of our agents matches its schema", async () => {
  await gw.campaigns.create({ name: "Spring", start_date: "2026-03-01T00:00:00Z", budget: 100 });
  const inputs = {
    seo_writer: topic,
    email_marketer: { goal: "Win people back", type: "sequence" },
    social_media: topic,
    analyst: { question: "How is it going?" },
    optimizer: { goal: "More clicks", total_budget: 50 },
    thought_organizer: {},
    memory_keeper: {},
    persona_writer: { raw_text: "John is a baker in Leeds. He bakes bread every morning and likes the sea." },
  } satisfies { [Type in AgentType]?: z.input<(typeof agentInputs)[Type]> };
  // An agent that an adopter has added is tested by its own tests.
  const types = Object.keys(inputs) as (keyof typeof inputs)[];
  const ids = await gw.jobs.enqueueMany(
    types.map((agent_type) => ({ agent_type, input_data: inputs[agent_type] }) as never),
  );
  expect((await work()).error).toBeNull();

  for (const id of ids) {
    const job = await gw.jobs.wait(id);
    expect.soft([job.status, job.error_message], job.agent_type).toEqual(["completed", null]);
    expect.soft(agentOutputs[job.agent_type].parse(job.output_data), job.agent_type).toEqual(job.output_data);
    expect.soft(agentInputs[job.agent_type].safeParse(job.input_data).success, job.agent_type).toBe(true);
  }
});

test("many jobs are queued at once, and all their ids are returned", async () => {
  const jobs = Array.from({ length: 1200 }, () => ({ agent_type: "analyst", input_data: {} }) as const);

  const ids = await gw.jobs.enqueueMany(jobs);

  expect(new Set(ids).size).toBe(1200);
  await backend.database.run("delete from public.agent_jobs");
});

describe("watch without Realtime", () => {
  test("yields the job as it is, then each change, and ends when the job has ended", async () => {
    const { id } = await gw.jobs.enqueue("seo_writer", topic);
    const admin = backend.adminClient();
    const states: string[] = [];

    for await (const { status } of gw.jobs.watch(id, { intervalMs: 20 })) {
      states.push(status);
      if (status === "pending") await admin.rpc("claim_agent_jobs", { worker_id: "w", batch_size: 100 }).throwOnError();
      if (status === "running") await gw.jobs.cancel(id);
    }

    expect(states).toEqual(["pending", "running", "cancelled"]);
    expect(gw.supabase.getChannels()).toEqual([]);
  });

  test("yields a job that has ended once, without opening a channel", async () => {
    const { id } = await gw.jobs.enqueue("seo_writer", topic);
    await gw.jobs.cancel(id);

    const seen = await Array.fromAsync(gw.jobs.watch(id));

    expect(seen.map(({ status }) => status)).toEqual(["cancelled"]);
    expect(await gw.jobs.wait(id)).toEqual(seen[0]);
  });

  test("throws not_found for a job that does not exist, or is deleted meanwhile", async () => {
    await expect(gw.jobs.wait(crypto.randomUUID())).rejects.toMatchObject({ code: "not_found" });

    const { id } = await gw.jobs.enqueue("seo_writer", topic);
    const watching = Array.fromAsync(gw.jobs.watch(id, { intervalMs: 20 }));
    await until("it watches", () => gw.supabase.getChannels().length === 1);
    await backend.database.query("delete from public.agent_jobs where id = $1", [id]);

    await expect(watching).rejects.toMatchObject({ code: "not_found" });
    expect(gw.supabase.getChannels()).toEqual([]);
  });

  test("closes everything if it is left early or aborted", async () => {
    const { id } = await gw.jobs.enqueue("seo_writer", topic);
    for await (const _ of gw.jobs.watch(id)) break;
    expect(gw.supabase.getChannels()).toEqual([]);

    const abort = new AbortController();
    const reason = new Error("The page was left.");
    const watching = Array.fromAsync(gw.jobs.watch(id, { signal: abort.signal, intervalMs: 600_000 }));
    await until("it watches", () => gw.supabase.getChannels().length === 1);
    abort.abort(reason);

    await expect(watching).rejects.toBe(reason);
    expect(gw.supabase.getChannels()).toEqual([]);
  });

  test("a process that has watched ends by itself", async () => {
    const { id } = await gw.jobs.enqueue("seo_writer", topic);
    const program = `
      import { createGroundwork } from "${packageName}";
      const [url, key, token, id] = process.argv.slice(-4);
      const gw = createGroundwork(url, key, { accessToken: async () => token });
      const states = [];
      for await (const { status } of gw.jobs.watch(id, { intervalMs: 50 })) {
        states.push(status);
        if (status === "pending") setTimeout(() => gw.jobs.cancel(id), 100);
      }
      console.log(states.join());
    `;
    const command = [
      "--input-type=module-typescript",
      "--eval",
      program,
      "--",
      backend.url,
      backend.publishableKey,
      token,
      id,
    ];

    const { stdout } = await promisify(execFile)("node", command, { timeout: 120_000 });

    expect(stdout).toBe("pending,cancelled\n");
  });
});

describe("watch with Realtime", () => {
  test("follows the changes that Realtime reports, and does not poll", async () => {
    await using realtime = await startRealtimeServer();
    let reads = 0;
    const user = withRealtime(realtime.port, () => reads++);
    const { id } = await user.jobs.enqueue("seo_writer", topic);
    const states: Job[] = [];
    const watching = (async () => {
      for await (const job of user.jobs.watch(id, { intervalMs: 600_000 })) states.push(job);
    })();
    await until("it has looked once more after it subscribed", () => realtime.filters().length === 1 && reads === 2);
    expect(realtime.filters()).toEqual([`id=eq.${id}`]);

    await backend.adminClient().rpc("claim_agent_jobs", { worker_id: "w", batch_size: 100 }).throwOnError();
    realtime.tell();
    await until("it has seen the job running", () => states.length === 2);
    realtime.tell();
    await until("it has looked", () => reads === 4);
    expect(states.map(({ status }) => status)).toEqual(["pending", "running"]);

    await gw.jobs.cancel(id);
    realtime.tell();
    await watching;
    expect(states.map(({ status }) => status)).toEqual(["pending", "running", "cancelled"]);
    await until("the subscription is gone", () => realtime.filters().length === 0);
  });

  test("polls when Realtime breaks", async () => {
    await using realtime = await startRealtimeServer();
    const user = withRealtime(realtime.port);
    const { id } = await user.jobs.enqueue("seo_writer", topic);
    const watching = Array.fromAsync(user.jobs.watch(id, { intervalMs: 20 }));
    await until("it has subscribed", () => realtime.filters().length === 1);

    realtime.cut();
    await gw.jobs.cancel(id);

    expect((await watching).map(({ status }) => status)).toEqual(["pending", "cancelled"]);
  });

  /** Makes a client of the same user whose Realtime is at this port. */
  function withRealtime(port: number, onRead = () => {}): Groundwork {
    class Transport extends WebSocket {
      constructor(address: string | URL, protocols?: string | string[]) {
        const url = new URL(address);
        url.port = String(port);
        super(url, protocols);
      }
    }
    return createGroundwork(backend.url, backend.publishableKey, {
      accessToken: async () => token,
      realtime: { transport: Transport as never },
      global: {
        fetch: (input, init) => {
          if (String(input).includes("/rest/v1/agent_jobs?")) onRead();
          return fetch(input, init);
        },
      },
    });
  }
});
