import { startLocal } from "groundwork/local";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { agentInputs, enqueueAgentJob } from "groundwork/agents";

const backend = await startLocal();
afterAll(() => backend.close());

test("the database knows the inputs of every agent as its schema has them", async () => {
  const known = await backend.database.query<{ agent_type: string; required_inputs: string[]; inputs: object }>(
    "select agent_type, to_jsonb(required_inputs) as required_inputs, inputs from private.agent_types order by 1",
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

test("a job is queued as it was given, once for each idempotency key", async () => {
  const { client } = await backend.signUp();
  const job = {
    agent_type: "seo_writer",
    input_data: { topic: "Pear trees", keywords: ["pear"] },
    idempotency_key: "pears",
  } as const;

  const first = await enqueueAgentJob(client, { ...job, input_data: { ...job.input_data, keywords: ["pear"] } });
  const again = await enqueueAgentJob(client, { ...job, input_data: { ...job.input_data, keywords: ["pear"] } });

  expect(first.data).toMatchObject({ status: "pending", input_data: { topic: "Pear trees", keywords: ["pear"] } });
  expect(again.data!.id).toBe(first.data!.id);
  expect((await client.from("agent_jobs").select("id")).data).toEqual([{ id: first.data!.id }]);
});

test("an input that the agent can't work with is refused before anything is sent", async () => {
  const { client } = await backend.signUp();

  const queued = enqueueAgentJob(client, { agent_type: "seo_writer", input_data: { topic: "Pear trees", length: 3 } });

  await expect(queued).rejects.toThrow(z.ZodError);
  expect((await client.from("agent_jobs").select("id")).data).toEqual([]);
});
