import { startLocal } from "#groundwork/local";
import { afterAll, describe, expect, test } from "vitest";

const backend = await startLocal();
afterAll(() => backend.close());

type Client = ReturnType<typeof backend.client>;

const makeCircle = async (client: Client) =>
  (await client.from("circles").insert({ circle_name: "c" }).select().single().throwOnError()).data;

const capture = async (client: Client, circle_id: number | null = null) =>
  (await client.from("thoughts").insert({ thought_text: "t", circle_id }).select().single().throwOnError()).data;

const intend = async (client: Client, ...thoughts: { id: number }[]) => {
  const { data } = await client.from("intentions").insert({ intention_text: "i" }).select().single().throwOnError();
  const links = thoughts.map(({ id }) => ({ intention_id: data.id, thought_id: id }));
  if (links.length > 0) await client.from("intention_cares").insert(links).throwOnError();
  return data;
};

const complete = (client: Client, intention_id: number, story_text = "done") =>
  client.rpc("complete_intention", { intention_id, story_text });

const statusOf = async (client: Client, id: number) =>
  (await client.from("intentions").select("status").eq("id", id).single().throwOnError()).data.status;

const storyCount = async (client: Client) =>
  (await client.from("stories").select("*", { count: "exact", head: true }).throwOnError()).count;

const careFrequency = async (client: Client, id: number) =>
  (await client.from("circles").select("care_frequency").eq("id", id).single().throwOnError()).data.care_frequency;

describe("complete_intention()", () => {
  test("marks the intention completed and returns the story it wrote", async () => {
    const { client, user } = await backend.signUp();
    const intention = await intend(client);

    const { data: story } = await complete(client, intention.id, "We did it.").throwOnError();

    expect(story).toMatchObject({ user_id: user.id, intention_id: intention.id, story_text: "We did it." });
    expect(await statusOf(client, intention.id)).toBe("completed");
    expect((await client.from("stories").select().single().throwOnError()).data).toEqual(story);
  });

  test("is refused the second time and changes nothing", async () => {
    const { client } = await backend.signUp();
    const intention = await intend(client);
    await complete(client, intention.id).throwOnError();

    const { status, error } = await complete(client, intention.id, "again");

    expect(status).toBe(409);
    expect(error).toMatchObject({
      code: "GW202",
      message: "This intention is completed already.",
      hint: expect.stringContaining("Form a new one"),
    });
    expect(await storyCount(client)).toBe(1);
  });

  test("called twenty times at once completes it once", async () => {
    const { client } = await backend.signUp();
    const intention = await intend(client);

    const answers = await Promise.all(Array.from({ length: 20 }, () => complete(client, intention.id)));

    expect(answers.filter(({ error }) => error === null)).toHaveLength(1);
    expect(answers.filter(({ error }) => error?.code === "GW202")).toHaveLength(19);
    expect(await storyCount(client)).toBe(1);
  });

  test("for another user's intention is refused as if it did not exist, and changes nothing", async () => {
    const owner = await backend.signUp();
    const stranger = await backend.signUp();
    const intention = await intend(owner.client);

    const { status, error } = await complete(stranger.client, intention.id);

    expect({ status, code: error?.code }).toEqual({ status: 404, code: "GW201" });
    expect((await complete(stranger.client, 999_999_999)).error).toEqual(error);
    expect(await statusOf(owner.client, intention.id)).toBe("active");
    expect([await storyCount(owner.client), await storyCount(stranger.client)]).toEqual([0, 0]);
  });

  test("for an archived intention is refused until it is active again", async () => {
    const { client } = await backend.signUp();
    const intention = await intend(client);
    await client.from("intentions").update({ status: "archived" }).eq("id", intention.id).throwOnError();

    expect(await complete(client, intention.id)).toMatchObject({ status: 409, error: { code: "GW203" } });
    await client.from("intentions").update({ status: "active" }).eq("id", intention.id).throwOnError();
    await complete(client, intention.id).throwOnError();

    expect(await statusOf(client, intention.id)).toBe("completed");
  });

  test.for(["", "  \n "])("with the story %j is refused and changes nothing", async (story) => {
    const { client } = await backend.signUp();
    const intention = await intend(client);

    expect(await complete(client, intention.id, story)).toMatchObject({ status: 400, error: { code: "GW204" } });

    expect(await statusOf(client, intention.id)).toBe("active");
  });

  test("is not for visitors", async () => {
    expect(await complete(backend.client(), 1)).toMatchObject({ status: 401, error: { code: "42501" } });
  });
});

describe("an intention's status", () => {
  test("cannot be set to completed directly, not even by the service role", async () => {
    const { client } = await backend.signUp();
    const intention = await intend(client);

    for (const writer of [client, backend.adminClient()]) {
      const { error } = await writer.from("intentions").update({ status: "completed" }).eq("id", intention.id);
      expect(error?.code).toBe("GW205");
    }

    expect(await statusOf(client, intention.id)).toBe("active");
  });

  test("stays completed for good, but the text can still be corrected", async () => {
    const { client } = await backend.signUp();
    const intention = await intend(client);
    await complete(client, intention.id).throwOnError();

    const { error } = await client.from("intentions").update({ status: "active" }).eq("id", intention.id);
    await client.from("intentions").update({ intention_text: "typo mended" }).eq("id", intention.id).throwOnError();

    expect(error?.code).toBe("GW202");
    expect(await statusOf(client, intention.id)).toBe("completed");
  });
});

describe("care_frequency", () => {
  test("counts thoughts that are created in the circle or moved into it", async () => {
    const { client } = await backend.signUp();
    const [one, other] = [await makeCircle(client), await makeCircle(client)];
    await capture(client, one.id);
    const moved = await capture(client);
    await capture(client);

    await client.from("thoughts").update({ circle_id: one.id }).eq("id", moved.id).throwOnError();
    await client.from("thoughts").update({ thought_text: "same circle" }).eq("id", moved.id).throwOnError();
    await client.from("thoughts").update({ circle_id: other.id }).eq("id", moved.id).throwOnError();
    await client.from("thoughts").update({ circle_id: null }).eq("id", moved.id).throwOnError();

    expect(await careFrequency(client, one.id)).toBe(2);
    expect(await careFrequency(client, other.id)).toBe(1);
  });

  test("counts links to its thoughts, and each completed intention once", async () => {
    const { client } = await backend.signUp();
    const [one, other] = [await makeCircle(client), await makeCircle(client)];
    const thoughts = [await capture(client, one.id), await capture(client, one.id), await capture(client, other.id)];
    const loose = await capture(client);
    const intention = await intend(client, ...thoughts, loose);
    expect([await careFrequency(client, one.id), await careFrequency(client, other.id)]).toEqual([2 + 2, 1 + 1]);

    await complete(client, intention.id).throwOnError();

    expect([await careFrequency(client, one.id), await careFrequency(client, other.id)]).toEqual([
      2 + 2 + 1,
      1 + 1 + 1,
    ]);
  });

  test("counts every row of a bulk insert", async () => {
    const { client } = await backend.signUp();
    const circle = await makeCircle(client);
    const rows = Array.from({ length: 500 }, (_, n) => ({ thought_text: `${n}`, circle_id: n % 5 ? circle.id : null }));

    await client.from("thoughts").insert(rows).throwOnError();

    expect(await careFrequency(client, circle.id)).toBe(400);
  });

  test("cannot be written by clients", async () => {
    const { client } = await backend.signUp();
    const circle = await makeCircle(client);

    const { error } = await client.from("circles").update({ care_frequency: 99 }).eq("id", circle.id);

    expect(error?.code).toBe("42501");
    expect(await careFrequency(client, circle.id)).toBe(0);
  });
});

describe("ownership", () => {
  test("nobody can put a thought into another user's circle, or link an intention to another user's thought", async () => {
    const owner = await backend.signUp();
    const stranger = await backend.signUp();
    const circle = await makeCircle(owner.client);
    const thought = await capture(owner.client, circle.id);
    const own = await capture(stranger.client);
    const intention = await intend(stranger.client);

    const attempts = await Promise.all([
      stranger.client.from("thoughts").insert({ thought_text: "x", circle_id: circle.id }),
      stranger.client.from("thoughts").update({ circle_id: circle.id }).eq("id", own.id),
      stranger.client.from("intention_cares").insert({ intention_id: intention.id, thought_id: thought.id }),
      // The service role cannot do it either.
      backend.adminClient().from("thoughts").update({ circle_id: circle.id }).eq("id", own.id),
    ]);

    expect(attempts.map(({ error }) => error?.code)).toEqual(["23503", "23503", "23503", "23503"]);
    expect(await careFrequency(owner.client, circle.id)).toBe(1);
  });

  test("users see, change and delete only their own rows, and cannot give them to another user", async () => {
    const owner = await backend.signUp();
    const stranger = await backend.signUp();
    const thought = await capture(owner.client);

    const read = await stranger.client.from("thoughts").select().throwOnError();
    const update = await stranger.client
      .from("thoughts")
      .update({ thought_text: "mine now" })
      .eq("id", thought.id)
      .select()
      .throwOnError();
    const remove = await stranger.client.from("thoughts").delete().eq("id", thought.id).select().throwOnError();
    const insert = await stranger.client.from("thoughts").insert({ thought_text: "x", user_id: owner.user.id });
    const gift = await owner.client.from("thoughts").update({ user_id: stranger.user.id }).eq("id", thought.id);

    expect([read.data, update.data, remove.data]).toEqual([[], [], []]);
    expect([insert.error?.code, gift.error?.code]).toEqual(["42501", "42501"]);
    expect((await owner.client.from("thoughts").select().throwOnError()).data).toEqual([thought]);
  });
});

test("updated_at equals created_at after an insert, and changes only when the row does", async () => {
  const { client } = await backend.signUp();
  const thought = await capture(client);
  expect(thought.updated_at).toBe(thought.created_at);
  const write = async (thought_text: string) =>
    (await client.from("thoughts").update({ thought_text }).eq("id", thought.id).select().single().throwOnError()).data;

  const unchanged = await write("t");
  const changed = await write("another");

  expect(unchanged).toEqual(thought);
  expect(changed.created_at).toBe(thought.created_at);
  expect(Date.parse(changed.updated_at)).toBeGreaterThan(Date.parse(thought.updated_at));
});

test("simultaneous requests of many users never mix", async () => {
  const users = await Promise.all(Array.from({ length: 4 }, () => backend.signUp()));
  const rounds = Array.from({ length: 15 }, (_, round) => round);

  await Promise.all(
    users.flatMap(({ client, user }) =>
      rounds.map(async (round) => {
        await client
          .from("thoughts")
          .insert({ thought_text: `${user.id} ${round}` })
          .throwOnError();
        const { data } = await client.from("thoughts").select("user_id, thought_text").throwOnError();
        expect(data.every(({ user_id, thought_text }) => user_id === user.id && thought_text.startsWith(user.id))).toBe(
          true,
        );
      }),
    ),
  );

  for (const { client } of users) {
    expect((await client.from("thoughts").select().throwOnError()).data).toHaveLength(rounds.length);
  }
});
