/** The examples in the documentation of supabase-js, unchanged, with a client of `createClient`. */
import { startLocal } from "#groundwork/local";
import { afterAll, beforeAll, expect, test } from "vitest";

const backend = await startLocal();
const { client: supabase } = await backend.signUp();
afterAll(() => backend.close());

let circle: number;
beforeAll(async () => {
  const { data } = await supabase.from("circles").insert({ circle_name: "Garden" }).select().single().throwOnError();
  circle = data.id;
  await supabase
    .from("thoughts")
    .insert([
      { thought_text: "Pear", tags: ["tree"], circle_id: circle },
      { thought_text: "Plum", tags: ["tree", "old"], circle_id: circle },
      { thought_text: "Rose", tags: [], circle_id: null },
    ])
    .throwOnError();
});

const texts = (rows: { thought_text: string }[] | null) => rows?.map(({ thought_text }) => thought_text);

test("select, with columns and with related rows", async () => {
  const { data: columns } = await supabase.from("thoughts").select("thought_text, tags").order("id");
  const { data: up } = await supabase.from("thoughts").select("thought_text, circles(circle_name)").order("id");
  const { data: down } = await supabase.from("circles").select(`circle_name, thoughts(thought_text)`);
  const { data: renamed } = await supabase.from("circles").select("name:circle_name, held:thoughts(text:thought_text)");
  const { data: inner } = await supabase.from("thoughts").select("thought_text, circles!inner(id)").order("id");

  expect(columns![0]).toEqual({ thought_text: "Pear", tags: ["tree"] });
  expect(up!.map(({ circles }) => circles?.circle_name)).toEqual(["Garden", "Garden", undefined]);
  expect(down).toEqual([{ circle_name: "Garden", thoughts: [{ thought_text: "Pear" }, { thought_text: "Plum" }] }]);
  expect(renamed).toEqual([{ name: "Garden", held: [{ text: "Pear" }, { text: "Plum" }] }]);
  expect(texts(inner)).toEqual(["Pear", "Plum"]);
});

test("filters", async () => {
  const thoughts = () => supabase.from("thoughts").select("thought_text");
  const found = async (query: PromiseLike<{ data: { thought_text: string }[] | null }>) => texts((await query).data);

  expect(await found(thoughts().eq("thought_text", "Pear"))).toEqual(["Pear"]);
  expect(await found(thoughts().neq("thought_text", "Pear").order("id"))).toEqual(["Plum", "Rose"]);
  expect(await found(thoughts().gt("thought_text", "Pear").lt("thought_text", "Rose"))).toEqual(["Plum"]);
  expect(await found(thoughts().gte("thought_text", "Plum").lte("thought_text", "Plum"))).toEqual(["Plum"]);
  expect(await found(thoughts().like("thought_text", "P%").order("id"))).toEqual(["Pear", "Plum"]);
  expect(await found(thoughts().ilike("thought_text", "%OSE"))).toEqual(["Rose"]);
  expect(await found(thoughts().is("circle_id", null))).toEqual(["Rose"]);
  expect(await found(thoughts().in("thought_text", ["Pear", "Rose"]).order("id"))).toEqual(["Pear", "Rose"]);
  expect(await found(thoughts().contains("tags", ["old"]))).toEqual(["Plum"]);
  expect(await found(thoughts().containedBy("tags", ["tree"]).order("id"))).toEqual(["Pear", "Rose"]);
  expect(await found(thoughts().overlaps("tags", ["old", "new"]))).toEqual(["Plum"]);
  expect(await found(thoughts().not("circle_id", "is", null).order("id"))).toEqual(["Pear", "Plum"]);
  expect(await found(thoughts().or("thought_text.eq.Rose,tags.cs.{old}").order("id"))).toEqual(["Plum", "Rose"]);
  expect(await found(thoughts().match({ thought_text: "Rose" }))).toEqual(["Rose"]);
  expect(await found(thoughts().filter("thought_text", "in", "(Plum)"))).toEqual(["Plum"]);
});

test("order, limit, range, single, maybeSingle, csv", async () => {
  const thoughts = () => supabase.from("thoughts").select("thought_text").order("thought_text", { ascending: false });

  expect(texts((await thoughts().limit(1)).data)).toEqual(["Rose"]);
  expect(texts((await thoughts().range(1, 2)).data)).toEqual(["Plum", "Pear"]);
  expect((await thoughts().limit(1).single()).data).toEqual({ thought_text: "Rose" });
  expect((await thoughts().single()).error?.code).toBe("PGRST116");
  expect((await thoughts().eq("thought_text", "none").maybeSingle()).data).toBeNull();
  expect((await thoughts().csv()).data).toBe("thought_text\nRose\nPlum\nPear");
});

test("count, with rows and without", async () => {
  const { data, count } = await supabase.from("thoughts").select("id", { count: "exact" }).limit(1);
  const head = await supabase.from("thoughts").select("*", { count: "exact", head: true }).eq("circle_id", circle);

  expect([data!.length, count]).toEqual([1, 3]);
  expect([head.data, head.count]).toEqual([null, 2]);
});

test("insert, update, upsert and delete return rows on request", async () => {
  const inserted = await supabase.from("tasks").insert({ title: "t" });
  const { data: task } = await supabase.from("tasks").insert({ title: "u" }).select("id, title").single();
  const { data: updated } = await supabase
    .from("tasks")
    .update({ completed: true })
    .eq("id", task!.id)
    .select("completed");
  const preferences = () => supabase.from("user_preferences");
  await preferences().upsert({ theme: "dark" }, { onConflict: "user_id" }).throwOnError();
  const { data: upserted } = await preferences()
    .upsert({ onboarding_completed: true }, { onConflict: "user_id" })
    .select("theme, onboarding_completed")
    .single();
  const { data: deleted } = await supabase.from("tasks").delete().gt("id", 0).select("title");

  expect([inserted.data, inserted.status]).toEqual([null, 201]);
  expect(updated).toEqual([{ completed: true }]);
  expect(upserted).toEqual({ theme: "dark", onboarding_completed: true });
  expect(deleted!.map(({ title }) => title).toSorted()).toEqual(["t", "u"]);
});

test("rpc, with filters on its result; errors as values and as exceptions", async () => {
  const { data: user } = await supabase.rpc("ensure_user").select("timezone").single();
  const { data: hits } = await supabase.rpc("search", { query: "pear" }).select("kind, snippet").limit(1);
  const refused = await supabase.rpc("complete_intention", { intention_id: 0, story_text: "s" });
  const thrown = supabase.from("tasks").insert({ title: " " }).throwOnError();

  expect(user).toEqual({ timezone: "UTC" });
  expect(hits).toEqual([{ kind: "thought", snippet: "<mark>Pear</mark>" }]);
  expect([refused.error?.code, refused.error?.hint, refused.status]).toEqual([
    "GW201",
    "Read your own intentions and use the id of one of them.",
    404,
  ]);
  await expect(thrown).rejects.toMatchObject({ code: "23514" });
});

test("abortSignal, overrideTypes and auth", async () => {
  const aborted = await supabase.from("tasks").select().abortSignal(AbortSignal.abort());
  const typed = await supabase.from("tasks").select("id").overrideTypes<{ id: bigint }[], { merge: false }>();
  const { data: session } = await supabase.auth.getSession();
  const { data: user } = await supabase.auth.getUser();

  expect(aborted.error?.message).toContain("AbortError");
  expect(typed.data).toEqual([]);
  expect(session.session?.user.id).toBe(user.user!.id);
});
