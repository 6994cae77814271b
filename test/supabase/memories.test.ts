import { startLocal } from "#groundwork/local";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const backend = await startLocal();
afterAll(() => backend.close());
const admin = backend.adminClient();

let client: ReturnType<typeof backend.client>;
let userId: string;
beforeAll(async () => {
  const signedUp = await backend.signUp();
  client = signedUp.client;
  userId = signedUp.user.id;
});

/** Returns a vector of length 1 as text. */
const vector = (width = 1536) => JSON.stringify(Array.from({ length: width }, () => 1 / Math.sqrt(width)));

const remember = async (content = "Likes tea.") =>
  (await client.from("personal_memories").insert({ content, source: "the person" }).select().single().throwOnError())
    .data;

describe("a memory", () => {
  test("belongs to the user who stored it, and is true from then on", async () => {
    const memory = await remember();

    expect(memory).toMatchObject({
      user_id: userId,
      content: "Likes tea.",
      source: "the person",
      confidence: 1,
      valid_from: memory.created_at,
      valid_to: null,
      superseded_by: null,
      model_used: null,
      prompt_version: null,
    });
  });

  test("cannot end before it begins, and has a confidence of at most 1", async () => {
    const insert = (values: object) => client.from("personal_memories").insert({ content: "Likes tea.", ...values });

    for (const values of [{ confidence: 1.1 }, { valid_from: "2026-02-01", valid_to: "2026-01-01" }]) {
      expect(await insert(values)).toMatchObject({ status: 400, error: { code: "23514" } });
    }
  });

  test("does not accept superseded_by or a model from the user", async () => {
    const memory = await remember();

    for (const values of [{ superseded_by: memory.id }, { model_used: "m" }, { prompt_version: "1" }]) {
      const { error } = await client.from("personal_memories").update(values).eq("id", memory.id);
      expect(error?.code).toBe("42501");
    }
  });
});

describe("vectors", () => {
  test("are 1536 wide and of length 1", async () => {
    const memory = await remember();
    const store = (embedding: string) =>
      admin
        .from("memory_embeddings")
        .insert({ user_id: userId, memory_id: memory.id, model_used: "m", content_hash: "h", embedding });

    expect(await store(vector(768))).toMatchObject({ status: 400, error: { code: "22000" } });
    expect(await store(JSON.stringify(Array.from({ length: 1536 }, () => 1)))).toMatchObject({
      status: 400,
      error: { code: "23514" },
    });
    await store(vector()).throwOnError();
  });

  test("can be read only by their owner, one for each model, and are deleted with their text", async () => {
    const { data: thought } = await client
      .from("thoughts")
      .insert({ thought_text: "t" })
      .select()
      .single()
      .throwOnError();
    const { data: circle } = await client.from("circles").insert({ circle_name: "c" }).select().single().throwOnError();
    for (const model_used of ["one", "two"]) {
      const row = { user_id: userId, model_used, content_hash: "h", embedding: vector() };
      await admin
        .from("thought_embeddings")
        .insert({ ...row, thought_id: thought.id })
        .throwOnError();
      await admin
        .from("circle_embeddings")
        .insert({ ...row, circle_id: circle.id })
        .throwOnError();
    }
    const stranger = await backend.signUp();
    const counts = async (reader: typeof client) => {
      const { data: ofThoughts } = await reader.from("thought_embeddings").select("model_used").throwOnError();
      const { data: ofCircles } = await reader.from("circle_embeddings").select("model_used").throwOnError();
      return [ofThoughts.length, ofCircles.length];
    };
    expect(await counts(client)).toEqual([2, 2]);
    expect(await counts(stranger.client)).toEqual([0, 0]);

    await client.from("thoughts").delete().eq("id", thought.id).throwOnError();
    await client.from("circles").delete().eq("id", circle.id).throwOnError();

    expect(await counts(client)).toEqual([0, 0]);
  });

  test("cannot be attached to another user's thought, not even by the service role", async () => {
    const stranger = await backend.signUp();
    const { data: thought } = await client
      .from("thoughts")
      .insert({ thought_text: "t" })
      .select()
      .single()
      .throwOnError();

    const { error } = await admin.from("thought_embeddings").insert({
      user_id: stranger.user.id,
      thought_id: thought.id,
      model_used: "m",
      content_hash: "h",
      embedding: vector(),
    });

    expect(error?.code).toBe("23503");
  });
});
