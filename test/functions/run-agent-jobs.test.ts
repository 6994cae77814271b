import { afterAll, afterEach, describe, expect, test } from "vitest";
import { startJobBackend } from "../jobs/setup/job-backend.ts";
import { postToFunction } from "./setup/post-to-function.ts";

const { backend, user, enqueue, job, clear } = await startJobBackend();
afterAll(() => backend.close());
afterEach(() => clear());

describe("the Edge Function run-agent-jobs", () => {
  const call = (headers: Record<string, string>, body?: object) =>
    postToFunction(backend, "run-agent-jobs", headers, body);

  test("runs a user's job: the result waits for the user's review, and only the user sees it", async () => {
    const id = await enqueue({ input_data: { topic: "Beekeeping in a city", keywords: ["bees"] } });

    const response = await call({ apikey: backend.secretKey });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: { completed: 1, failed: 0, released: 0, refused: 0 } });
    expect(await job(id)).toMatchObject({ status: "completed", cost: 0, retry_count: 0 });
    expect((await job(id)).tokens_used).toBeGreaterThan(0);
    const { data: assets } = await user.client.from("content_assets").select().throwOnError();
    expect(assets).toMatchObject([{ agent_job_id: id, status: "review", content_type: "blog" }]);
    const stranger = await backend.signUp();
    expect((await stranger.client.from("content_assets").select().throwOnError()).data).toEqual([]);
    expect((await stranger.client.from("agent_jobs").select().throwOnError()).data).toEqual([]);
  });

  test("an empty queue is not an error", async () => {
    const response = await call({ apikey: backend.secretKey }, { batch_size: 10, max_seconds: 5 });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: { completed: 0, failed: 0, released: 0, refused: 0 } });
  });

  test("is refused without the secret key, and answers a preflight", async () => {
    const id = await enqueue();
    const keys: Record<string, string>[] = [
      {},
      { apikey: backend.publishableKey },
      { apikey: backend.publishableKey, authorization: `Bearer ${user.session.access_token}` },
      { authorization: `Bearer ${backend.secretKey}` },
    ];

    for (const headers of keys) expect((await call(headers)).status).toBe(401);

    expect((await job(id)).status).toBe("pending");
    const preflight = await fetch(`${backend.url}/functions/v1/run-agent-jobs`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:3000" },
    });
    expect(preflight.ok).toBe(true);
  });

  test("a job with an input that is not valid fails with the reason, and is not tried again", async () => {
    const id = await enqueue({ input_data: { topic: "Bees", length: 5 } });

    const response = await call({ apikey: backend.secretKey });

    expect(await response.json()).toEqual({ data: { completed: 0, failed: 1, released: 0, refused: 0 } });
    expect(await job(id)).toMatchObject({
      status: "failed",
      error_code: "invalid_input",
      error_message: expect.stringContaining("length"),
    });
  });
});
