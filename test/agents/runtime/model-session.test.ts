import { expect, test } from "vitest";
import { z } from "zod";
import type { Question } from "../../../src/agents/runtime/agent.ts";
import { type AgentModel, type ModelRequest, runJob, type Usage } from "../../../src/agents/index.ts";
import { startModelSession } from "../../../src/agents/runtime/model-session.ts";
import { maxInputTokens, tokenPrices } from "../../../src/agents/runtime/spend-cap.ts";
import { gpt, job, ledgerCost, offline } from "../setup/jobs.ts";

/** Gives the offline answer, and reports all usage that it is allowed. */
function greedyModel(requests: ModelRequest[] = []): AgentModel {
  return {
    name: "gpt",
    async generate(request) {
      requests.push(request);
      const request_id = `request ${requests.length}`;
      const usage: Usage[] = [
        { model: "gpt", kind: "input", quantity: maxInputTokens(request), request_id },
        { model: "gpt", kind: "output", quantity: request.maxOutputTokens, request_id },
      ];
      return { text: JSON.stringify(request.offlineAnswer()), usage };
    },
  };
}

function question(
  version: string,
  offlineAnswer: () => { word: string } = () => ({ word: version }),
): Question<{ word: string }> {
  return {
    prompt: { version, system: "Answer with a word." },
    answer: z.strictObject({ word: z.string() }),
    material: {},
    outputTokens: { min: 10, max: 1000 },
    problems: ({ word }) => (word === "bad" ? ["word: it is bad"] : []),
    offlineAnswer,
  };
}

function start(model: AgentModel, max_cost: number) {
  let ids = 0;
  return startModelSession({
    job: job("analyst", {}, { max_cost }),
    model,
    prices: tokenPrices("gpt", gpt),
    signal: undefined,
    newId: () => `id ${(ids += 1)}`,
  });
}

test("several questions are answered one after the other, and their whole usage is known", async () => {
  const requests: ModelRequest[] = [];
  const session = start(greedyModel(requests), 1);

  expect(await session.ask(question("extract/1"))).toEqual({ word: "extract/1" });
  expect(await session.ask(question("extract/1", () => ({ word: "again" })))).toEqual({ word: "again" });
  expect(await session.ask(question("compose/2"))).toEqual({ word: "compose/2" });

  expect(requests).toHaveLength(3);
  expect(session.usage.map(({ kind, request_id }) => `${kind} of ${request_id}`)).toEqual([
    "input of request 1",
    "output of request 1",
    "input of request 2",
    "output of request 2",
    "input of request 3",
    "output of request 3",
  ]);
  expect([...session.promptVersions]).toEqual(["extract/1", "compose/2"]);
});

test("all questions of a job together cost at most its max_cost", async () => {
  for (const max_cost of [0.02, 0.0215, 0.05]) {
    const requests: ModelRequest[] = [];
    const session = start(greedyModel(requests), max_cost);
    const askOn = async () => {
      for (;;) await session.ask(question("next"));
    };

    await expect(askOn()).rejects.toMatchObject({ code: "over_max_cost" });

    const cost = ledgerCost([...session.usage], gpt);
    expect(cost).toBeLessThanOrEqual(max_cost);
    // The rest would not pay for a question with the shortest answer.
    const next = maxInputTokens(requests[0]!) * gpt.input! + 10 * gpt.output!;
    expect(max_cost - cost).toBeLessThan(next + 0.00001);
    expect(requests.length).toBeGreaterThan(1);
  }
});

test("an error names the amount that is needed, including the cost of earlier questions", async () => {
  const session = start(greedyModel(), 0.01);
  await session.ask(question("first"));

  const second = session.ask({ ...question("second"), outputTokens: { min: 1000, max: 1000 } });

  await expect(second).rejects.toThrow(/may cost 0\.01[78]\d* US dollars with gpt; max_cost is 0\.01\./);
});

test("an answer with problems is requested once more, for every question", async () => {
  const requests: ModelRequest[] = [];
  const session = start(greedyModel(requests), 1);
  await session.ask(question("first"));
  const words = ["bad", "good"];

  expect(await session.ask(question("second", () => ({ word: words.shift()! })))).toEqual({ word: "good" });
  await expect(session.ask(question("third", () => ({ word: "bad" })))).rejects.toMatchObject({
    code: "invalid_answer",
  });

  expect(requests.map(({ data }) => data.includes("it is bad"))).toEqual([false, false, true, false, true]);
});

test("the usage is not lost if the worker fails afterwards", async () => {
  const fault = new Error("connection lost");
  const usage = [{ model: "offline", kind: "input" as const, quantity: 7, request_id: "r" }];
  let calls = 0;
  const model: AgentModel = {
    name: "offline",
    async generate() {
      calls += 1;
      if (calls > 1) throw fault;
      return { text: "no JSON", usage };
    },
  };

  const run = runJob(job("seo_writer", { topic: "Pears" }), { ...offline(), model });

  await expect(run).rejects.toMatchObject({ code: "worker_failed", retryable: true, usage, cause: fault });
  await expect(run).rejects.toThrow("The worker failed; its log has the reason.");
});
