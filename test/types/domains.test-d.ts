/** Code that must not compile. `npm run check:types` checks it, and fails for an unused `@ts-expect-error` too. */
import type {
  BudgetEntry,
  CampaignChanges,
  ContentAssetChanges,
  CircleChanges,
  GroundworkErrorCode,
  Groundwork,
  Job,
  JobInput,
  JobOutput,
  MemoryChanges,
  NewBudgetEntry,
  NewCampaign,
  NewCircle,
  NewContentAsset,
  NewIntention,
  NewMemory,
  NewPersona,
  NewStory,
  NewTask,
  NewThought,
  IntentionChanges,
  PersonaChanges,
  PreferencesChanges,
  AccountChanges,
  TaskChanges,
  ThoughtChanges,
} from "#groundwork";
import { expectTypeOf } from "vitest";
import type { TableUnderTest } from "../security/table-under-test.ts";

declare const gw: Groundwork;

/** The columns that users may write, as the tests of the database list them. */
type May<Table extends { default: TableUnderTest }, Way extends "insert" | "update"> = Exclude<
  NonNullable<Table["default"]["rights"][Way]>[number],
  "user_id"
>;

expectTypeOf<keyof AccountChanges>().toEqualTypeOf<May<typeof import("../security/tables/users.ts"), "update">>();
expectTypeOf<keyof PreferencesChanges>().toEqualTypeOf<
  May<typeof import("../security/tables/user_preferences.ts"), "update">
>();
expectTypeOf<keyof NewThought>().toEqualTypeOf<May<typeof import("../security/tables/thoughts.ts"), "insert">>();
expectTypeOf<keyof ThoughtChanges>().toEqualTypeOf<May<typeof import("../security/tables/thoughts.ts"), "update">>();
expectTypeOf<keyof NewCircle>().toEqualTypeOf<May<typeof import("../security/tables/circles.ts"), "insert">>();
expectTypeOf<keyof CircleChanges>().toEqualTypeOf<May<typeof import("../security/tables/circles.ts"), "update">>();
expectTypeOf<keyof NewIntention>().toEqualTypeOf<May<typeof import("../security/tables/intentions.ts"), "insert">>();
expectTypeOf<keyof IntentionChanges>().toEqualTypeOf<
  May<typeof import("../security/tables/intentions.ts"), "update">
>();
expectTypeOf<keyof NewStory>().toEqualTypeOf<May<typeof import("../security/tables/stories.ts"), "insert">>();
expectTypeOf<keyof NewMemory>().toEqualTypeOf<
  May<typeof import("../security/tables/personal_memories.ts"), "insert">
>();
expectTypeOf<keyof MemoryChanges>().toEqualTypeOf<
  May<typeof import("../security/tables/personal_memories.ts"), "update">
>();
expectTypeOf<keyof NewPersona>().toEqualTypeOf<May<typeof import("../security/tables/personas.ts"), "insert">>();
expectTypeOf<keyof PersonaChanges>().toEqualTypeOf<May<typeof import("../security/tables/personas.ts"), "update">>();
expectTypeOf<keyof NewTask>().toEqualTypeOf<May<typeof import("../security/tables/tasks.ts"), "insert">>();
expectTypeOf<keyof TaskChanges>().toEqualTypeOf<May<typeof import("../security/tables/tasks.ts"), "update">>();
expectTypeOf<keyof NewCampaign>().toEqualTypeOf<May<typeof import("../security/tables/campaigns.ts"), "insert">>();
expectTypeOf<keyof CampaignChanges>().toEqualTypeOf<May<typeof import("../security/tables/campaigns.ts"), "update">>();
expectTypeOf<keyof NewContentAsset>().toEqualTypeOf<
  May<typeof import("../security/tables/content_assets.ts"), "insert">
>();
expectTypeOf<keyof ContentAssetChanges>().toEqualTypeOf<
  May<typeof import("../security/tables/content_assets.ts"), "update">
>();
expectTypeOf<keyof NewBudgetEntry>().toEqualTypeOf<
  May<typeof import("../security/tables/budget_entries.ts"), "insert">
>();

export function account() {
  // @ts-expect-error the e-mail address is changed through Supabase Auth
  void gw.account.update({ email: "a@example.com" });
  // @ts-expect-error the backend computes it
  void gw.account.update({ vibe_profile: { version: 1, tags: {} } });
}

export function preferences() {
  void gw.preferences.save({ custom_hours: { start: "09:00", end: "17:00", timezone: "UTC" } });
  // @ts-expect-error the zone is missing
  void gw.preferences.save({ custom_hours: { start: "09:00", end: "17:00" } });
  // @ts-expect-error a channel is true or false
  void gw.preferences.save({ communication_preferences: { email: "yes", sms: false, in_app: true } });
  // @ts-expect-error no such channel
  void gw.preferences.save({ communication_preferences: { email: true, sms: false, in_app: true, fax: true } });
}

export function thoughts() {
  void gw.thoughts.capture("t", { tags: ["a"], circle_id: null });
  // @ts-expect-error the text is missing
  void gw.thoughts.create({ tags: ["a"] });
  // @ts-expect-error the backend computes it
  void gw.thoughts.create({ thought_text: "t", novelty_score: 1 });
  // @ts-expect-error the database sets ids
  void gw.thoughts.create({ thought_text: "t", id: 1 });
  // @ts-expect-error an id is a number
  void gw.thoughts.get("1");
  // @ts-expect-error a vector is numbers
  void gw.thoughts.similar("[1,2]");
  // @ts-expect-error this column is not a filter
  void gw.thoughts.list({ thought_text: "t" });
  // @ts-expect-error tags are texts
  void gw.thoughts.update(1, { tags: [1] });
}

export function circles() {
  // @ts-expect-error the name is missing
  void gw.circles.create({ description: "d" });
  // @ts-expect-error the backend counts it
  void gw.circles.update(1, { care_frequency: 3 });
  // @ts-expect-error ids of thoughts are numbers
  void gw.circles.gather(1, ["2"]);
}

export function intentions() {
  void gw.intentions.list({ status: "active" });
  // @ts-expect-error no such status
  void gw.intentions.list({ status: "done" });
  // @ts-expect-error no such status
  void gw.intentions.update(1, { status: "done" });
  // @ts-expect-error a new intention is active
  void gw.intentions.create({ intention_text: "i", status: "completed" });
  // @ts-expect-error a story needs a text
  void gw.intentions.complete(1);
}

export function stories() {
  // @ts-expect-error a story is never changed
  void gw.stories.update(1, { story_text: "s" });
  // @ts-expect-error completing an intention writes it
  void gw.stories.create({ story_text: "s", intention_id: 1 });
}

export function memories() {
  // @ts-expect-error the content is missing
  void gw.memories.create({ source: "s" });
  // @ts-expect-error the backend sets it
  void gw.memories.update("id", { superseded_by: "other" });
  // @ts-expect-error a confidence is a number
  void gw.memories.create({ content: "c", confidence: "high" });
}

export function personas() {
  // @ts-expect-error the persona is an object
  void gw.personas.create({ raw_text: "r", persona: [] });
  // @ts-expect-error the persona is missing
  void gw.personas.create({ raw_text: "r" });
  // @ts-expect-error the backend sets it
  void gw.personas.update("id", { model_used: "m" });
}

export function tasks() {
  // @ts-expect-error the title is missing
  void gw.tasks.create({ completed: false });
  // @ts-expect-error the database sets it
  void gw.tasks.update(1, { updated_at: "2026-01-01T00:00:00Z" });
}

export function campaigns() {
  // @ts-expect-error the start is missing
  void gw.campaigns.create({ name: "n" });
  // @ts-expect-error it is the sum of the ledger
  void gw.campaigns.update("id", { spend: 1 });
  // @ts-expect-error it is computed from budget and spend
  void gw.campaigns.create({ name: "n", start_date: "2026-01-01", budget_remaining: 1 });
  // @ts-expect-error no such status
  void gw.campaigns.list({ status: "done" });
}

export function content() {
  // @ts-expect-error no such type
  void gw.content.create({ title: "t", content: "c", content_type: "poem" });
  // @ts-expect-error metadata is an object
  void gw.content.create({ title: "t", content: "c", content_type: "blog", metadata: "m" });
  // @ts-expect-error a new asset is a draft
  void gw.content.create({ title: "t", content: "c", content_type: "blog", status: "approved" });
  // @ts-expect-error an id is a text
  void gw.content.approve(1);
}

export async function jobs() {
  const job = await gw.jobs.enqueue("seo_writer", { topic: "t" }, { idempotency_key: "k" });
  expectTypeOf(job).toEqualTypeOf<Job<"seo_writer">>();
  expectTypeOf(job.output_data).toEqualTypeOf<JobOutput<"seo_writer"> | null>();
  expectTypeOf(job.input_data.topic).toEqualTypeOf<string>();
  // @ts-expect-error no such agent
  void gw.jobs.enqueue("poet", { topic: "t" });
  // @ts-expect-error the topic is missing
  void gw.jobs.enqueue("seo_writer", { keywords: ["k"] });
  // @ts-expect-error this is the input of another agent
  void gw.jobs.enqueue("email_marketer", { topic: "t" });
  // @ts-expect-error no such platform
  void gw.jobs.enqueue("social_media", { topic: "t", platforms: ["myspace"] });
  // @ts-expect-error no such field
  void gw.jobs.enqueue("seo_writer", { topic: "t", colour: "red" });
  // @ts-expect-error this is the input of another agent
  void gw.jobs.enqueueMany([{ agent_type: "seo_writer", input_data: { goal: "g" } }]);
  // @ts-expect-error jobs are queued, not created
  void gw.jobs.create({ agent_type: "seo_writer" });
  // @ts-expect-error no such state
  void gw.jobs.list({ status: "done" });

  const any = await gw.jobs.get("id");
  // @ts-expect-error not every output has it
  void any.output_data?.slug;
  if (any.agent_type === "seo_writer") expectTypeOf(any.output_data?.slug).toEqualTypeOf<string | undefined>();
  if (any.agent_type === "analyst") expectTypeOf(any.input_data).toEqualTypeOf<JobInput<"analyst">>();
}

export async function budget() {
  expectTypeOf((await gw.budget.list()).items).toEqualTypeOf<BudgetEntry[]>();
  expectTypeOf((await gw.budget.month()).monthly_limit).toEqualTypeOf<number>();
  // @ts-expect-error an entry is never changed
  void gw.budget.update("id", { cost: 1 });
  // @ts-expect-error nor removed
  void gw.budget.remove("id");
  // @ts-expect-error no such resource
  void gw.budget.create({ resource_type: "coffee", cost: 1 });
  // @ts-expect-error the cost is missing
  void gw.budget.create({ resource_type: "ad_spend" });
}

export async function search() {
  expectTypeOf((await gw.search("q")).hits[0]!.title).toEqualTypeOf<string | null>();
  // @ts-expect-error no such kind
  void gw.search("q", { kinds: ["song"] });
}

export function errors(code: GroundworkErrorCode) {
  // @ts-expect-error no such code
  return code === "gone";
}
