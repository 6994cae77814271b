import { startLocal } from "#groundwork/local";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type ScheduledTask, startScheduler } from "../../src/local/scheduler.ts";
import { done, startJobBackend } from "../jobs/setup/job-backend.ts";
import { until } from "../setup/until.ts";

const { backend, enqueue, job, workOn, clear } = await startJobBackend();
afterAll(() => backend.close());
afterEach(() => clear());

describe("the scheduler of the embedded stack", () => {
  test("does not run jobs, unless it is told to", async () => {
    const id = await enqueue();
    const { data } = await backend.adminClient().from("agent_jobs").select("status").eq("id", id).throwOnError();

    const [listener] = await backend.database.query(
      "select from groundwork.job_listeners where worker_id = 'embedded stack'",
    );

    expect(data).toEqual([{ status: "pending" }]);
    expect(listener).toBeUndefined();
  });

  test("runs jobs when they are queued or become due", async () => {
    const lines: string[] = [];
    await using ringing = await startLocal({ runAgentJobs: true, log: (line) => lines.push(line) });
    const { client } = await ringing.signUp();
    const input_data = { topic: "Bees" };
    const dueSoon = new Date(Date.now() + 500).toISOString();

    await client.rpc("enqueue_agent_job", { agent_type: "seo_writer", input_data, run_after: dueSoon }).throwOnError();
    await client.rpc("enqueue_agent_job", { agent_type: "social_media", input_data }).throwOnError();

    await until("both are done", async () => {
      const { data } = await client.from("agent_jobs").select("status").throwOnError();
      return data.length === 2 && data.every(({ status }) => status === "completed");
    });
    expect((await client.from("content_assets").select("status").throwOnError()).data).toContainEqual({
      status: "review",
    });
    expect(lines).toEqual([]);
  });

  test("logs in one line why jobs do not run, tries again, and makes no call without work", async () => {
    const lines: string[] = [];
    const answers = [
      async () => Response.json({ error: { message: "AI_MODEL not set." } }, { status: 500 }),
      async () => Response.json({ data: await workOn(async () => done) }),
    ];
    let calls = 0;
    const call = () => answers[(calls += 1) - 1]!();
    const tasks: ScheduledTask[] = [{ hasWork: "has_agent_work", call, failureMessage: "Agent jobs do not run" }];
    const scheduler = await startScheduler({ database: backend.database, tasks, log: (line) => lines.push(line) });
    await using _closed = { [Symbol.asyncDispose]: () => scheduler.close() };
    const listed = async () =>
      (await backend.database.query("select from groundwork.job_listeners where is_idle")).length > 0;
    await until("it listens", listed);
    expect(calls).toBe(0);

    const id = await enqueue();

    await until("the job is done", async () => (await job(id)).status === "completed");
    await until("it listens again", listed);
    expect(lines).toEqual(["Agent jobs do not run: AI_MODEL not set."]);
    expect(calls).toBe(2);
  });

  test("makes no calls for a database without a queue", async () => {
    const statements: string[] = [];
    const query = async <Row>(sql: string) => (statements.push(sql), [] as Row[]);
    const call = () => Promise.reject(new Error("must not be called"));

    const tasks: ScheduledTask[] = [{ hasWork: "has_agent_work", call, failureMessage: "Agent jobs do not run" }];
    const scheduler = await startScheduler({ database: { ...backend.database, query }, tasks, log: () => {} });

    await scheduler.close();
    expect(statements).toHaveLength(1);
  });
});
