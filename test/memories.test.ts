import { startLocal } from "groundwork/local";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const backend = await startLocal();
afterAll(() => backend.close());
const admin = backend.adminClient();

let client: ReturnType<typeof backend.client>;
let userId: string;
beforeAll(async () => {
  const person = await backend.signUp();
  client = person.client;
  userId = person.user.id;
});

/** A vector as text, 1536 wide unless said otherwise. */
const vector = (value: number, width = 1536) => JSON.stringify(Array.from({ length: width }, () => value));

const remember = async (content = "Likes tea.") =>
  (await client.from("personal_memories").insert({ content, source: "the person" }).select().single().throwOnError())
    .data;

describe("a memory", () => {
  test("belongs to the person who wrote it down, and has no embedding at first", async () => {
    expect(await remember()).toMatchObject({
      user_id: userId,
      content: "Likes tea.",
      source: "the person",
      embedding: null,
      model_used: null,
      prompt_version: null,
    });
  });

  test("takes an embedding of 1536 dimensions from the backend, and of no other width", async () => {
    const memory = await remember();
    const embed = (embedding: string) => admin.from("personal_memories").update({ embedding }).eq("id", memory.id);

    await embed(vector(0.5)).throwOnError();

    const { data } = await client
      .from("personal_memories")
      .select("embedding")
      .eq("id", memory.id)
      .single()
      .throwOnError();
    expect(JSON.parse(data.embedding!)).toEqual(Array.from({ length: 1536 }, () => 0.5));
    expect(await embed(vector(0.5, 768))).toMatchObject({ status: 400, error: { code: "22000" } });
  });

  test("loses its embedding when its content changes, and only then", async () => {
    const memory = await remember();
    await admin
      .from("personal_memories")
      .update({ embedding: vector(1) })
      .eq("id", memory.id)
      .throwOnError();
    const change = async (values: { content?: string; source?: string }) =>
      (
        await client
          .from("personal_memories")
          .update(values)
          .eq("id", memory.id)
          .select("embedding")
          .single()
          .throwOnError()
      ).data.embedding;

    expect(await change({ source: "a conversation" })).not.toBeNull();
    expect(await change({ content: "Likes coffee." })).toBeNull();
  });

  test("takes neither an embedding nor a model from the person", async () => {
    const memory = await remember();

    for (const values of [{ embedding: vector(1) }, { model_used: "m" }, { prompt_version: "1" }]) {
      const { error } = await client.from("personal_memories").update(values).eq("id", memory.id);
      expect(error?.code).toBe("42501");
    }
  });
});

describe("vectors of thoughts and circles", () => {
  test("are read by their owner alone, one for each model, and go with what they belong to", async () => {
    const { data: thought } = await client
      .from("thoughts")
      .insert({ thought_text: "t" })
      .select()
      .single()
      .throwOnError();
    const { data: circle } = await client.from("circles").insert({ circle_name: "c" }).select().single().throwOnError();
    for (const model_used of ["one", "two"]) {
      const row = { user_id: userId, model_used, content_hash: "h", embedding: vector(1) };
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

  test("can't be attached to another person's thought, not even by the service role", async () => {
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
      embedding: vector(1),
    });

    expect(error?.code).toBe("23503");
  });
});
