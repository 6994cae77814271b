/** The vibe profile and discover, on the embedded stack. */
import { VibeProfile } from "#groundwork/schemas";
import { type LocalBackend, type SignedUp, startLocal } from "#groundwork/local";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lexicalModel } from "../../src/embeddings/lexical-model.ts";
import { embedAll } from "../embeddings/setup/embed-all.ts";

let backend: LocalBackend;
let ada: SignedUp;
beforeAll(async () => {
  backend = await startLocal();
});
afterAll(() => backend.close());
beforeEach(async () => {
  ada = await backend.signUp();
});

async function write(thought_text: string, more: { circle_id?: number; tags?: string[]; days?: number } = {}) {
  const { days, ...row } = more;
  const { data } = await ada.client
    .from("thoughts")
    .insert({ thought_text, ...row })
    .select("id")
    .single()
    .throwOnError();
  if (days) {
    await backend.database.query(
      "update public.thoughts set created_at = created_at - make_interval(days => $2) where id = $1",
      [data.id, days],
    );
  }
  return data.id;
}

async function makeCircle(circle_name: string) {
  return (await ada.client.from("circles").insert({ circle_name }).select("id").single().throwOnError()).data.id;
}

async function care(...thoughts: number[]): Promise<number> {
  const intention_text = "Do something about it";
  const { data } = await ada.client.from("intentions").insert({ intention_text }).select("id").single().throwOnError();
  const links = thoughts.map((thought_id) => ({ intention_id: data.id, thought_id }));
  await ada.client.from("intention_cares").insert(links).throwOnError();
  return data.id;
}

const complete = (intention_id: number) =>
  ada.client.rpc("complete_intention", { intention_id, story_text: "It is done." }).throwOnError();
const embed = () => embedAll(backend);
const discover = async (match_count = 100) => (await ada.client.rpc("discover", { match_count }).throwOnError()).data;
const profileOf = async () =>
  (await ada.client.from("users").select("vibe_profile").single().throwOnError()).data.vibe_profile;

describe("the vibe profile", () => {
  test("is the weighted sum of cares: completed intentions count twice, archived ones half", async () => {
    const [bees, tax, trip] = [
      await write("Bees on the balcony", { tags: ["bees", "home"] }),
      await write("Tax return until July", { tags: ["home"] }),
      await write("A trip to Porto", { tags: ["travel"] }),
    ];
    await complete(await care(bees));
    await care(tax);
    await ada.client
      .from("intentions")
      .update({ status: "archived" })
      .eq("id", await care(trip))
      .throwOnError();
    await embed();

    const { data: profile } = await ada.client.rpc("refresh_vibe_profile").throwOnError();

    expect(VibeProfile.parse(profile)).toEqual(profile);
    expect(profile).toMatchObject({
      version: 1,
      model: "groundwork-lexical-1",
      cares: 3,
      circles: [],
      tags: [
        { tag: "home", weight: 1 },
        { tag: "bees", weight: 0.6667 },
        { tag: "travel", weight: 0.1667 },
      ],
    });
    expect(Math.hypot(...profile!.vector!)).toBeCloseTo(1, 3);
    const { embedded } = await lexicalModel().embed([
      "Bees on the balcony",
      "Tax return until July",
      "A trip to Porto",
    ]);
    const weights = [2, 1, 0.5];
    const sum = Array.from({ length: 1536 }, (_, at) =>
      embedded.reduce((total, one, index) => total + weights[index]! * ("vector" in one ? one.vector[at]! : NaN), 0),
    );
    const length = Math.hypot(...sum);
    for (const [at, number] of profile!.vector!.entries()) expect(number).toBeCloseTo(sum[at]! / length, 3);
    expect(await profileOf()).toEqual(profile);
  });

  test("keeps its version while nothing changes, and gets the next one when cares, circles or tags change", async () => {
    const bees = await write("Bees on the balcony");
    await embed();
    const version = async () => (await ada.client.rpc("refresh_vibe_profile").throwOnError()).data!.version;

    expect([await version(), await version()]).toEqual([1, 1]);
    await discover();
    expect(await version()).toBe(1);
    const intention = await care(bees);
    expect([await version(), await version()]).toEqual([2, 2]);
    await complete(intention);
    expect(await version()).toBe(3);
    await ada.client
      .from("thoughts")
      .update({ tags: ["bees"] })
      .eq("id", bees)
      .throwOnError();
    expect(await version()).toBe(4);
    await ada.client
      .from("thoughts")
      .update({ circle_id: await makeCircle("Bees") })
      .eq("id", bees)
      .throwOnError();
    expect([await version(), await version()]).toEqual([5, 5]);
    expect((await profileOf())!.circles).toMatchObject([{ weight: 1 }]);
  });

  test("fades: half of the weight is gone after 30 days, and it is computed again once a day", async () => {
    await care(await write("Old", { tags: ["old"] }));
    await care(await write("New", { tags: ["new"] }));
    await backend.database.query(
      "update public.intention_cares set created_at = created_at - interval '60 days' where id = (select min(id) from public.intention_cares where user_id = $1)",
      [ada.user.id],
    );

    const { data: profile } = await ada.client.rpc("refresh_vibe_profile").throwOnError();

    expect(profile!.tags).toEqual([
      { tag: "new", weight: 1 },
      { tag: "old", weight: 0.25 },
    ]);
    expect(profile!.vector).toBeNull();
    await backend.database.query(
      `update public.users set vibe_profile = vibe_profile || jsonb_build_object('computed_at', now() - interval '25 hours')
       where id = $1`,
      [ada.user.id],
    );
    expect((await ada.client.rpc("refresh_vibe_profile").throwOnError()).data!.version).toBe(2);
  });
});

describe("discover", () => {
  test("ranks rows similar to the user's cares before others", async () => {
    const liked = await write("The bees on the balcony need water and flowers", { days: 3 });
    const near = await write("More flowers for the bees on the balcony", { days: 3 });
    const far = await write("Tax return until July", { days: 3 });
    await care(liked);
    await embed();

    const found = await discover();

    expect(found.map(({ id }) => id)).toEqual([near, far]);
    expect(found[0]).toMatchObject({
      kind: "thought",
      title: "More flowers for the bees on the balcony",
      novelty: 0.5,
    });
    expect(found[0]!.affinity).toBeCloseTo(0.7, 5);
    expect(found[0]!.recency).toBeCloseTo(0.5 ** (3 / 30), 3);
    for (const { score, affinity, recency, novelty } of found) {
      expect(score).toBeCloseTo(0.6 * affinity + 0.25 * recency + 0.15 * novelty, 10);
    }
    expect(await discover(1)).toHaveLength(1);
  });

  test("never shows a thought that an active intention is for, nor its circle", async () => {
    const [garden, money] = [await makeCircle("Garden"), await makeCircle("Money")];
    const bees = await write("Bees", { circle_id: garden });
    const beans = await write("Beans", { circle_id: garden });
    const tax = await write("Tax", { circle_id: money });
    const intention = await care(bees);

    const shown = (await discover()).map(({ kind, id }) => `${kind} ${id}`);
    expect(shown.toSorted()).toEqual([`circle ${money}`, `thought ${beans}`, `thought ${tax}`].toSorted());
    // A thought of a circle with cares comes first, even without an embedding.
    expect(shown[0]).toBe(`thought ${beans}`);

    await complete(intention);
    expect((await discover()).map(({ kind, id }) => `${kind} ${id}`)).toContain(`circle ${garden}`);
    expect(await discover()).toHaveLength(5);
  });

  test("ranks by recency and novelty while there are no cares", async () => {
    const old = await write("Old and new", { days: 90 });
    const recent = await write("Recent and well known");
    const fresh = await write("Recent and new");
    await backend.database.query(
      "update public.thoughts set novelty_score = case id when $1 then 0.1 else 0.9 end where user_id = $2",
      [recent, ada.user.id],
    );

    const found = await discover();

    expect(found.map(({ id }) => id)).toEqual([fresh, recent, old]);
    expect(found.map(({ affinity }) => affinity)).toEqual([0, 0, 0]);
    expect(found[1]!.score).toBeCloseTo(0.6 + 0.04, 3);
  });

  test("is empty for a user without rows, and refuses a count that is not valid", async () => {
    expect(await discover()).toEqual([]);

    for (const match_count of [0, -1, 1001]) {
      const { error } = await ada.client.rpc("discover", { match_count });
      expect(error).toMatchObject({ code: "GW906" });
    }
    const { error } = await backend.client().rpc("discover");
    expect(error?.code).toBe("42501");
  });

  test("shows each user only the user's own rows", async () => {
    const eve = await backend.signUp();
    await care(await write("Bees on the balcony"));
    const mine = await write("Bees in the garden");
    const { data: hers } = await eve.client
      .from("thoughts")
      .insert({ thought_text: "Bees in the garden" })
      .select("id")
      .single()
      .throwOnError();
    await embed();

    expect((await discover()).map(({ id }) => id)).toEqual([mine]);
    const { data: found } = await eve.client.rpc("discover").throwOnError();
    expect(found.map(({ id, affinity }) => [id, affinity])).toEqual([[hers.id, 0]]);
    const { data: profile } = await eve.client.rpc("refresh_vibe_profile").throwOnError();
    expect(profile).toMatchObject({ cares: 0, tags: [], circles: [], vector: null });
  });
});
