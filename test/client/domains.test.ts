import { type Groundwork, groundwork } from "#groundwork";
import { startLocal } from "#groundwork/local";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const backend = await startLocal();
afterAll(() => backend.close());

let gw: Groundwork;
beforeAll(async () => {
  gw = groundwork((await backend.signUp({ data: { name: "Ada" } })).client);
});

/** Makes another user. */
const someoneElse = async () => groundwork((await backend.signUp()).client);

describe("the repository contract of personas", () => {
  const values = { title: "Grandmother", raw_text: "She is 81.", persona: { age: 81 } };

  test("create returns the row, get finds it, update changes only the given columns", async () => {
    const created = await gw.personas.create(values);

    const updated = await gw.personas.update(created.id, { title: "Grandma" });

    expect(created).toMatchObject({ ...values, source: null });
    expect(updated).toMatchObject({ ...values, title: "Grandma" });
    expect(await gw.personas.get(created.id)).toEqual(updated);
  });

  test("an update without columns returns the row as it is", async () => {
    const created = await gw.personas.create(values);

    expect(await gw.personas.update(created.id, {})).toEqual(created);
    expect(await gw.personas.update(created.id, { title: undefined as never })).toEqual(created);
  });

  test("a row that does not exist, or belongs to another user, is not_found for every method", async () => {
    const { id } = await gw.personas.create(values);
    const stranger = await someoneElse();

    for (const [who, which] of [
      [gw, crypto.randomUUID()],
      [stranger, id],
    ] as const) {
      const refusal = { name: "GroundworkError", code: "not_found", message: `You have no row ${which} in personas.` };
      await expect(who.personas.get(which)).rejects.toMatchObject(refusal);
      await expect(who.personas.update(which, { title: "Mine" })).rejects.toMatchObject(refusal);
      await expect(who.personas.update(which, {})).rejects.toMatchObject(refusal);
      await expect(who.personas.remove(which)).rejects.toMatchObject(refusal);
    }
    expect(await gw.personas.get(id)).toMatchObject({ title: "Grandmother" });
  });

  test("remove deletes the row", async () => {
    const { id } = await gw.personas.create(values);

    await gw.personas.remove(id);

    await expect(gw.personas.get(id)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("lists", () => {
  let user: Groundwork;
  const titles = ["a", "b", "c", "d", "e"];
  beforeAll(async () => {
    user = await someoneElse();
    for (const title of titles) await user.tasks.create({ title, completed: title > "c" });
  });

  test("return the newest rows first, in pages, with the total", async () => {
    const first = await user.tasks.list({ limit: 2 });
    const second = await user.tasks.list({ limit: 2, offset: 2 });

    expect(first.items.map(({ title }) => title)).toEqual(["e", "d"]);
    expect(second.items.map(({ title }) => title)).toEqual(["c", "b"]);
    expect([first.total, second.total]).toEqual([5, 5]);
  });

  test("are empty past the end and without matches, and still have the total", async () => {
    expect(await user.tasks.list({ offset: 100 })).toEqual({ items: [], total: 5 });
    expect(await user.tasks.list({ limit: 0 })).toEqual({ items: [], total: 5 });
    expect(await (await someoneElse()).tasks.list()).toEqual({ items: [], total: 0 });
  });

  test("filter by columns, by null, and by the elements of an array", async () => {
    const done = await user.tasks.list({ completed: true });
    const circle = await user.circles.create({ circle_name: "Garden" });
    await user.thoughts.capture("In", { circle_id: circle.id, tags: ["green", "old"] });
    await user.thoughts.capture("Out", { tags: ["red"] });

    expect(done).toMatchObject({ items: [{ title: "e" }, { title: "d" }], total: 2 });
    expect((await user.thoughts.list({ circle_id: circle.id })).items).toMatchObject([{ thought_text: "In" }]);
    expect((await user.thoughts.list({ circle_id: null })).items).toMatchObject([{ thought_text: "Out" }]);
    expect((await user.thoughts.list({ tags: ["old"] })).items).toMatchObject([{ thought_text: "In" }]);
    expect(await user.thoughts.count({ tags: ["green", "red"] })).toBe(0);
    for (const tag of ["green,old", " lead", "null", 'q"uote', "back\\slash", "{brace}"]) {
      await user.thoughts.capture(tag, { tags: [tag] });
      const { items } = await user.thoughts.list({ tags: [tag] });
      expect(items.map(({ thought_text }) => thought_text)).toEqual([tag]);
    }
    expect(await user.tasks.count({ completed: undefined })).toBe(5);
    expect(await user.tasks.count()).toBe(5);
  });

  test("all returns each row once, for every page size", async () => {
    for (const pageSize of [0, 1, 2, 5, 200]) {
      const found: string[] = [];
      for await (const { title } of user.tasks.all({}, { pageSize })) found.push(title);
      expect(found).toEqual(titles.toReversed());
    }
  });

  test("all returns each row once, even if many have the same time and others are inserted and deleted meanwhile", async () => {
    const busy = await someoneElse();
    const many = Array.from({ length: 25 }, (_, index) => ({
      title: `${index}`,
      content: "c",
      content_type: "blog" as const,
    }));
    const created = await busy.content.createMany(many);
    expect(new Set(created.map(({ created_at }) => created_at)).size).toBe(1);

    const found: string[] = [];
    for await (const { id } of busy.content.all({}, { pageSize: 10 })) {
      if (found.length === 3) await busy.content.create({ title: "late", content: "c", content_type: "blog" });
      if (found.length === 3) await busy.content.remove(found[0]!);
      found.push(id);
    }

    expect(found.toSorted()).toEqual(created.map(({ id }) => id).toSorted());
  });

  test("rows of one insert may leave out different columns", async () => {
    const both = await user.tasks.createMany([{ title: "one", completed: true }, { title: "two" }]);

    // The rows are read again, because lite writes the default as PostgREST does, but returns null.
    const stored = await Promise.all(both.map(({ id }) => user.tasks.get(id)));
    expect(stored).toMatchObject([
      { title: "one", completed: true },
      { title: "two", completed: false },
    ]);
    expect(await user.tasks.createMany([])).toEqual([]);
    await expect(user.tasks.createMany([{ title: "kept out" }, { title: " " }])).rejects.toMatchObject({
      code: "validation",
    });
    expect((await user.tasks.list()).items.map(({ title }) => title)).not.toContain("kept out");
  });
});

describe("account and preferences", () => {
  test("a user's own account can be read and changed, but only in some columns", async () => {
    expect(await gw.account.get()).toMatchObject({ name: "Ada", timezone: "UTC" });

    expect(await gw.account.update({ timezone: "Europe/Lisbon" })).toMatchObject({ timezone: "Europe/Lisbon" });

    await expect(gw.account.update({ timezone: "PST" })).rejects.toMatchObject({ code: "validation" });
    await expect(gw.account.update({ name: "" })).rejects.toMatchObject({ code: "validation", backendCode: "23514" });
    await expect(groundwork(backend.client()).account.get()).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test("with a secret key, which reads all users, an update changes no user", async () => {
    const before = await backend.database.query("select id, name from public.users order by 1");

    await expect(groundwork(backend.adminClient()).account.update({ name: "X" })).rejects.toMatchObject({
      code: "forbidden",
      backendCode: "42501",
    });

    expect(await backend.database.query("select id, name from public.users order by 1")).toEqual(before);
  });

  test("preferences are null at first, are saved step by step, and are reset", async () => {
    expect(await gw.preferences.get()).toBeNull();

    await gw.preferences.save({ theme: "dark" });
    const saved = await gw.preferences.save({ onboarding_completed: true });

    expect(saved).toMatchObject({ theme: "dark", onboarding_completed: true });
    expect(await gw.preferences.get()).toEqual(saved);
    await gw.preferences.reset();
    await gw.preferences.reset();
    expect(await gw.preferences.get()).toBeNull();
  });

  test("hours and channels are checked before they are sent, and the message names the wrong part", async () => {
    const hours = { start: "9", end: "17:00", timezone: "Europe/Berlin" };

    await expect(gw.preferences.save({ custom_hours: hours })).rejects.toMatchObject({
      code: "validation",
      message: "custom_hours:\n✖ A time must have the form 09:00.\n  → at start",
    });
    const channels = { email: "yes" as never, sms: false, in_app: true };
    await expect(gw.preferences.save({ communication_preferences: channels })).rejects.toMatchObject({
      code: "validation",
    });
    expect(await gw.preferences.get()).toBeNull();
  });
});

describe("the care loop", () => {
  test("runs from a thought to a story", async () => {
    const knee = await gw.thoughts.capture("Her knee hurts");
    const market = await gw.thoughts.capture("She misses the market", { tags: ["market"] });
    const circle = await gw.circles.create({ circle_name: "Grandmother" });

    const gathered = await gw.circles.gather(circle.id, [knee.id, market.id]);
    const intention = await gw.intentions.create({ intention_text: "Carry the shopping" });
    await gw.intentions.care(intention.id, [knee.id, market.id]);
    const story = await gw.intentions.complete(intention.id, "We went together.");

    expect(gathered.map(({ circle_id }) => circle_id)).toEqual([circle.id, circle.id]);
    expect((await gw.intentions.thoughts(intention.id)).map(({ id }) => id)).toEqual([knee.id, market.id]);
    expect(Object.keys((await gw.intentions.thoughts(intention.id))[0]!)).toEqual(Object.keys(knee));
    expect(story).toMatchObject({ story_text: "We went together.", intention_id: intention.id });
    expect((await gw.stories.list({ intention_id: intention.id })).items).toEqual([story]);
    expect(await gw.circles.get(circle.id)).toMatchObject({ care_frequency: 5 });
    expect(await gw.intentions.get(intention.id)).toMatchObject({ status: "completed" });
  });

  test("reports all refusals as GroundworkError", async () => {
    const intention = await gw.intentions.create({ intention_text: "Rest" });
    const thought = await gw.thoughts.capture("Mine");
    const stranger = await someoneElse();
    const theirs = await stranger.thoughts.capture("Theirs");
    const circle = await gw.circles.create({ circle_name: "Us" });
    await gw.intentions.care(intention.id, [thought.id]);
    await gw.intentions.archive(intention.id);

    const refused = async (call: Promise<unknown>) => {
      const { code, backendCode } = await call.then(
        () => ({ code: "fine", backendCode: "" }),
        (error) => error,
      );
      return [code, backendCode];
    };
    expect(await refused(gw.intentions.complete(0, "s"))).toEqual(["not_found", "GW201"]);
    expect(await refused(gw.intentions.complete(intention.id, "s"))).toEqual(["conflict", "GW203"]);
    expect(await refused(gw.intentions.complete(intention.id, " "))).toEqual(["validation", "GW204"]);
    expect(await refused(gw.intentions.update(intention.id, { status: "completed" as "active" }))).toEqual([
      "conflict",
      "GW205",
    ]);
    expect(await refused(gw.intentions.care(intention.id, [thought.id]))).toEqual(["conflict", "23505"]);
    expect(await refused(gw.intentions.care(intention.id, [theirs.id]))).toEqual(["not_found", "23503"]);
    expect(await refused(gw.thoughts.update(thought.id, { circle_id: 0 }))).toEqual(["not_found", "23503"]);
    expect(await refused(gw.circles.gather(circle.id, [thought.id, theirs.id]))).toEqual(["not_found", undefined]);
    expect(await refused(gw.thoughts.related(theirs.id))).toEqual(["not_found", "GW206"]);
    expect(await refused(gw.thoughts.get("x" as never))).toEqual(["validation", "22P02"]);
    expect(await refused(gw.thoughts.create({ novelty_score: 1, thought_text: "t" } as never))).toEqual([
      "forbidden",
      "42501",
    ]);
    expect(await refused(groundwork(backend.client()).thoughts.list())).toEqual(["unauthenticated", "42501"]);
  });

  test("thoughts are related by relationships, and found by embeddings", async () => {
    const one = await gw.thoughts.capture("One");
    const other = await gw.thoughts.capture("Other");

    await gw.thoughts.relate(one.id, other.id, { weight: 0.5, note: "both counted" });

    expect(await gw.thoughts.related(one.id, { matchCount: 5 })).toMatchObject([
      { id: other.id, relationship: "explicit" },
    ]);
    expect(await gw.thoughts.similar(Array.from({ length: 1536 }, () => 0.01))).toEqual([]);
    expect(
      await gw.memories.similar(
        Array.from({ length: 1536 }, () => 0.01),
        { matchCount: 3 },
      ),
    ).toEqual([]);
    await expect(gw.thoughts.similar([1, 2])).rejects.toMatchObject({ code: "validation" });
  });
});

describe("tasks, campaigns, content, budget", () => {
  test("each step has a method", async () => {
    const task = await gw.tasks.create({ title: "Water the pear tree" });
    expect(await gw.tasks.complete(task.id)).toMatchObject({ completed: true });
    expect(await gw.tasks.reopen(task.id)).toMatchObject({ completed: false });

    const campaign = await gw.campaigns.create({ name: "Spring", start_date: "2026-03-01T00:00:00Z", budget: 100 });
    expect(await gw.campaigns.activate(campaign.id)).toMatchObject({ status: "active", budget_remaining: 100 });
    expect(await gw.campaigns.pause(campaign.id)).toMatchObject({ status: "paused" });
    expect(await gw.campaigns.complete(campaign.id)).toMatchObject({ status: "completed" });
    expect(await gw.campaigns.archive(campaign.id)).toMatchObject({ status: "archived" });
  });

  test("content moves through its workflow, one step at a time", async () => {
    const { id } = await gw.content.create({ title: "t", content: "c", content_type: "blog", metadata: { slug: "t" } });

    await expect(gw.content.approve(id)).rejects.toMatchObject({ code: "conflict", backendCode: "GW601" });
    const steps = [
      gw.content.submit,
      gw.content.sendBack,
      gw.content.submit,
      gw.content.approve,
      gw.content.publish,
      gw.content.archive,
    ];
    const statuses: string[] = [];
    for (const step of steps) statuses.push((await step(id)).status);

    expect(statuses).toEqual(["review", "draft", "review", "approved", "published", "archived"]);
  });

  test("the ledger, the month's spending and the user's limits can be read", async () => {
    const campaign = await gw.campaigns.create({ name: "Autumn", start_date: "2026-09-01T00:00:00Z", budget: 10 });

    const entry = await gw.budget.create({ resource_type: "ad_spend", cost: 2.5, campaign_id: campaign.id });

    expect((await gw.budget.list({ campaign_id: campaign.id })).items).toEqual([entry]);
    expect(await gw.campaigns.get(campaign.id)).toMatchObject({ spend: 2.5, budget_remaining: 7.5 });
    expect(await gw.budget.month()).toEqual({
      month: expect.stringMatching(/^\d{4}-\d\d-01$/),
      monthly_limit: 20,
      spent: expect.any(Number),
      reserved: 0,
    });
    expect(await gw.budget.limits()).toBeNull();
  });
});
