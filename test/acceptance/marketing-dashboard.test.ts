import { readFile } from "node:fs/promises";
import { startLocal } from "#groundwork/local";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readUses } from "../../scripts/domains/uses.ts";
import { readMigrations } from "../../src/local/migrations.ts";
import { describeTable } from "../setup/catalog.ts";

const backend = await startLocal({ seed: true });
afterAll(() => backend.close());
const admin = backend.adminClient();

const ada = backend.client();
let adaId: string;
beforeAll(async () => {
  const { data } = await ada.auth.signInWithPassword({ email: "ada@example.com", password: "groundwork" });
  adaId = data.user!.id;
});

const day = 24 * 60 * 60 * 1000;

/** Matches a statement of a rollback that drops what a migration makes: a table, a type, a function, an error code. */
function droppingOf(name: string): RegExp {
  if (name.startsWith("GW")) return new RegExp(`delete from groundwork.error_codes[^;]*'${name}'`);
  return new RegExp(`drop (table|view|type|function|schema|extension)[^;]*\\b${name}\\b`);
}

/** Makes a job of Ada that no worker claims, because it has ended. */
async function jobOf(type: string, campaignId: string | null = null): Promise<{ id: string }> {
  const [job] = await backend.database.query<{ id: string }>(
    `insert into public.agent_jobs (user_id, agent_type, status, input_data, campaign_id)
     values ($1, $2, 'cancelled', '{}', $3) returning id`,
    [adaId, type, campaignId],
  );
  return job!;
}

describe("the schema of the dashboard", () => {
  test("MK-O2 the four tables exist in schema public, owned by postgres", async () => {
    const tables = await backend.database.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' and tableowner = 'postgres'
       and tablename in ('agent_jobs', 'budget_entries', 'campaigns', 'content_assets') order by 1`,
    );

    expect(tables.map(({ name }) => name)).toEqual(["agent_jobs", "budget_entries", "campaigns", "content_assets"]);
  });

  test("MK-V2 every table is exposed to the API with its columns", async () => {
    for (const table of ["campaigns", "content_assets", "agent_jobs", "budget_entries"] as const) {
      const columns = Object.keys((await describeTable(backend, table))!.columns);
      const { data } = await admin.from(table).select().limit(1).single().throwOnError();
      expect(Object.keys(data).toSorted()).toEqual(columns.toSorted());
    }
  });

  test("MK-O3 MK-V4 the latest migration is recorded as the current one", async () => {
    const [current] = await backend.database.query(
      "select max(version) as v from supabase_migrations.schema_migrations",
    );

    expect(current).toEqual({ v: (await readMigrations("supabase/migrations")).at(-1)!.version });
  });

  test("MK-V5 each migration has a file that creates objects, and a file of the same name that drops all of them", async () => {
    const made: string[] = [];
    for (const migration of await readMigrations("supabase/migrations")) {
      const rollback = await readFile(`supabase/rollbacks/${migration.file}`, "utf8");
      // An extension is not dropped, because an adopter's own tables may use it.
      const makes = (await readUses(migration)).makes.filter((name) => name !== "extensions");
      made.push(...makes);
      for (const name of makes) expect.soft(rollback, `${name} of ${migration.file}`).toMatch(droppingOf(name));
    }

    expect(made).toContain("public.campaigns");
    expect(made.length).toBeGreaterThan(200);
  });

  test("has the labels of the document in its order, and in addition ad_spend and three agents", async () => {
    const types = await backend.database.query<{ name: string }>(
      "select name from groundwork.agent_types order by name",
    );
    const labels = await backend.database.query(
      `select enumtypid::regtype::text as type, string_agg(enumlabel, ' ' order by enumsortorder) as labels
       from pg_enum where enumtypid::regtype::text ~ '^(campaign|content|agent|job|resource)' group by 1 order by 1`,
    );

    expect(labels).toEqual([
      { type: "campaign_status", labels: "draft active paused completed archived" },
      { type: "content_status", labels: "draft review approved published archived" },
      { type: "content_type", labels: "blog email social video_script ad_copy landing_page" },
      {
        type: "job_error_code",
        labels:
          "invalid_input invalid_answer refused truncated over_max_cost unknown_price rate_limited " +
          "provider_unavailable timed_out aborted worker_failed lease_expired",
      },
      { type: "job_status", labels: "pending running completed failed cancelled" },
      { type: "job_wait_reason", labels: "campaign_budget campaign_paused monthly_limit" },
      { type: "resource_type", labels: "openai_api web_search file_search image_generation embedding ad_spend" },
    ]);
    const ofDocument = ["analyst", "email_marketer", "optimizer", "seo_writer", "social_media"];
    expect(types.map(({ name }) => name)).toEqual(
      expect.arrayContaining([...ofDocument, "memory_keeper", "persona_writer", "thought_organizer"]),
    );
  });
});

describe("the seed", () => {
  test("MK-V3 has three campaigns, with their figures", async () => {
    const { data } = await ada.from("campaigns").select().order("id").throwOnError();

    const now = Date.now();
    const daysFromNow = (time: string | null) => (time === null ? null : Math.round((Date.parse(time) - now) / day));
    expect(data.map((row) => [row.name, row.status, row.budget, row.spend])).toEqual([
      ["Q4 Product Launch", "active", 10_000, 2500],
      ["Holiday Email Series", "active", 5000, 1200],
      ["Content Marketing 2025", "draft", 25_000, 0],
    ]);
    expect(data.map((row) => [row.budget_remaining, row.budget_used_percentage])).toEqual([
      [7500, 25],
      [3800, 24],
      [25_000, 0],
    ]);
    expect(data.map((row) => [row.impressions, row.clicks, row.conversions, row.roi])).toEqual([
      [125_000, 3200, 145, 2.3],
      [45_000, 1800, 67, 1.8],
      [0, 0, 0, 0],
    ]);
    expect(data.map((row) => [daysFromNow(row.start_date), daysFromNow(row.end_date)])).toEqual([
      [-30, 60],
      [-15, 45],
      [30, null],
    ]);
  });

  test("MK-O4 MK-V6 has three content assets and three jobs, linked as in the document", async () => {
    const { data: assets } = await ada
      .from("content_assets")
      .select("title, content, content_type, status, metadata, campaigns(name), agent_jobs(agent_type)")
      .order("id")
      .throwOnError();
    const { data: jobs } = await ada.from("agent_jobs").select().order("id").throwOnError();

    expect(assets).toEqual([
      {
        title: "10 Ways AI is Transforming Marketing in 2025",
        content: "<p>AI is revolutionizing marketing...</p>",
        content_type: "blog",
        status: "published",
        metadata: {
          meta_description: "Discover how AI is changing marketing",
          keywords: ["AI", "marketing", "automation"],
          word_count: 1200,
        },
        campaigns: { name: "Q4 Product Launch" },
        agent_jobs: { agent_type: "seo_writer" },
      },
      {
        title: "Holiday Sale Announcement",
        content: "Dear valued customer, our holiday sale...",
        content_type: "email",
        status: "approved",
        metadata: {
          subject: "🎄 Holiday Sale - Up to 50% Off!",
          preview_text: "Don't miss our biggest sale of the year",
        },
        campaigns: { name: "Holiday Email Series" },
        agent_jobs: { agent_type: "email_marketer" },
      },
      {
        title: "Product Launch Teaser",
        content: "Something amazing is coming...",
        content_type: "social",
        status: "draft",
        metadata: { platform: "twitter", character_count: 240 },
        campaigns: { name: "Q4 Product Launch" },
        agent_jobs: null,
      },
    ]);
    expect(jobs.map((job) => [job.agent_type, job.status, job.tokens_used, job.cost, job.duration_seconds])).toEqual([
      ["seo_writer", "completed", 2500, 0.025, 300],
      ["email_marketer", "completed", 1200, 0.012, 300],
      ["seo_writer", "running", 500, 0.005, null],
    ]);
    expect(jobs.map((job) => [job.input_data, job.output_data])).toEqual([
      [
        { topic: "AI in Marketing", keywords: ["AI", "marketing"], length: 1200 },
        { title: "10 Ways AI is Transforming Marketing in 2025", word_count: 1200 },
      ],
      [{ type: "single", goal: "Holiday sale announcement" }, { subject: "🎄 Holiday Sale - Up to 50% Off!" }],
      [{ topic: "Content Strategy for 2025", keywords: ["content", "strategy"] }, null],
    ]);
  });

  test("MK-V6 accounts for every figure in the ledger", async () => {
    const sums = await backend.database.query(`
      select campaigns.name, campaigns.spend = sum(cost) as adds_up
      from public.budget_entries join public.campaigns on campaigns.id = campaign_id group by campaigns.id
      union all
      select agent_jobs.id::text, agent_jobs.cost = sum(budget_entries.cost) and agent_jobs.tokens_used = sum(budget_entries.tokens_used)
      from public.budget_entries join public.agent_jobs on agent_jobs.id = agent_job_id group by agent_jobs.id
    `);

    expect(sums).toHaveLength(2 + 3);
    expect(sums.every((row) => (row as { adds_up: boolean }).adds_up)).toBe(true);
  });
});

const plan = async (budget = 100) =>
  (
    await ada
      .from("campaigns")
      .insert({ name: "c", budget, start_date: "2026-01-01T00:00:00Z" })
      .select()
      .single()
      .throwOnError()
  ).data;

const spendOf = async (id: string) =>
  (
    await ada
      .from("campaigns")
      .select("spend, budget_remaining, budget_used_percentage")
      .eq("id", id)
      .single()
      .throwOnError()
  ).data;

describe("money", () => {
  const enter = (campaign_id: string, cost: number) =>
    ada.from("budget_entries").insert({ resource_type: "ad_spend", cost, campaign_id });

  test("a campaign's spend is the sum of its ledger, corrections included", async () => {
    const campaign = await plan();

    await enter(campaign.id, 30.000001).throwOnError();
    await enter(campaign.id, -5).throwOnError();

    expect(await spendOf(campaign.id)).toEqual({
      spend: 25.000001,
      budget_remaining: 74.999999,
      budget_used_percentage: 25.000001,
    });
  });

  test("a budget of 0 is used by 0 percent, whatever was spent", async () => {
    const campaign = await plan(0);

    await enter(campaign.id, 7).throwOnError();

    expect(await spendOf(campaign.id)).toEqual({ spend: 7, budget_remaining: -7, budget_used_percentage: 0 });
  });

  test("nobody can write spend or a derived figure", async () => {
    const campaign = await plan();
    const writes = [{ spend: 0 }, { budget_remaining: 1 }, { budget_used_percentage: 1 }];

    for (const writer of [ada, admin]) {
      for (const write of writes) {
        const { error } = await writer
          .from("campaigns")
          .update(write as never)
          .eq("id", campaign.id);
        expect(["42501", "428C9"]).toContain(error?.code);
      }
    }
  });

  test("the ledger is append-only for users, and only for ad spend", async () => {
    const campaign = await plan();
    const { data: entry } = await enter(campaign.id, 1).select().single().throwOnError();

    const update = await ada.from("budget_entries").update({ cost: 0 }).eq("id", entry.id);
    const remove = await ada.from("budget_entries").delete().eq("id", entry.id);
    const other = await ada.from("budget_entries").insert({ resource_type: "openai_api", cost: -100 });

    expect([update.error?.code, remove.error?.code, other.error?.code]).toEqual(["42501", "42501", "42501"]);
    expect((await spendOf(campaign.id)).spend).toBe(1);
  });

  test("moving, correcting and deleting an entry changes the sums", async () => {
    const [one, other] = [await plan(), await plan()];
    const job = await jobOf("analyst", one.id);
    const { data: entry } = await admin
      .from("budget_entries")
      .insert({
        user_id: adaId,
        resource_type: "openai_api",
        cost: 2,
        tokens_used: 10,
        campaign_id: one.id,
        agent_job_id: job.id,
      })
      .select()
      .single()
      .throwOnError();
    const sums = async () => {
      const { data } = await ada.from("agent_jobs").select("cost, tokens_used").eq("id", job.id).throwOnError();
      return [(await spendOf(one.id)).spend, (await spendOf(other.id)).spend, ...data.flatMap(Object.values)];
    };
    expect(await sums()).toEqual([2, 0, 2, 10]);

    await admin.from("budget_entries").update({ campaign_id: other.id, cost: 3 }).eq("id", entry.id).throwOnError();
    expect(await sums()).toEqual([0, 3, 3, 10]);
    await admin.from("agent_jobs").delete().eq("id", job.id).throwOnError();

    expect(await sums()).toEqual([0, 0]);
    expect((await ada.from("budget_entries").select().eq("id", entry.id).throwOnError()).data).toEqual([]);
  });

  test("deleting a campaign keeps its content and its ledger, and deleting a job keeps its content", async () => {
    const campaign = await plan();
    await enter(campaign.id, 4).throwOnError();
    const job = await jobOf("seo_writer");
    const { data: asset } = await admin
      .from("content_assets")
      .insert({
        user_id: adaId,
        title: "t",
        content: "c",
        content_type: "blog",
        status: "review",
        campaign_id: campaign.id,
        agent_job_id: job.id,
      })
      .select()
      .single()
      .throwOnError();

    await ada.from("campaigns").delete().eq("id", campaign.id).throwOnError();
    await admin.from("agent_jobs").delete().eq("id", job.id).throwOnError();

    const { data } = await ada.from("content_assets").select().eq("id", asset.id).single().throwOnError();
    expect(data).toMatchObject({ title: "t", campaign_id: null, agent_job_id: null });
    const { data: entries } = await ada.from("budget_entries").select().eq("cost", 4).throwOnError();
    expect(entries).toMatchObject([{ campaign_id: null }]);
  });
});

describe("the workflow of content", () => {
  const write = async () =>
    (
      await ada
        .from("content_assets")
        .insert({ title: "t", content: "c", content_type: "blog" })
        .select()
        .single()
        .throwOnError()
    ).data;
  const move = (client: typeof ada, id: string, status: (typeof steps)[number]) =>
    client.from("content_assets").update({ status }).eq("id", id).select("status").single();
  const steps = ["draft", "review", "approved", "published", "archived"] as const;

  test("goes from draft to archived, one step at a time", async () => {
    const asset = await write();
    expect(asset.status).toBe("draft");

    for (const status of steps.slice(1)) {
      expect((await move(ada, asset.id, status).throwOnError()).data).toEqual({ status });
    }
  });

  test("allows no other step, except from review back to draft", async () => {
    const legal = new Set([
      "draft review",
      "review draft",
      "review approved",
      "approved published",
      "published archived",
    ]);
    for (const from of steps) {
      for (const to of steps.filter((status) => status !== from)) {
        const asset = await write();
        await backend.database.query("update public.content_assets set status = $1 where id = $2", [from, asset.id]);

        const { error } = await move(ada, asset.id, to);

        expect([from, to, error?.code]).toEqual([from, to, legal.has(`${from} ${to}`) ? undefined : "GW601"]);
      }
    }
  });

  test("is approved only by its owner, not by the service role of the workers", async () => {
    const asset = await write();
    await move(ada, asset.id, "review").throwOnError();

    const { error } = await move(admin, asset.id, "approved");

    expect(error?.code).toBe("GW602");
    expect((await move(ada, asset.id, "approved")).data).toEqual({ status: "approved" });
  });

  test("starts in review if an agent wrote the text, and as a draft if a user wrote it", async () => {
    const job = await jobOf("seo_writer");
    const insert = (status: "draft" | "review" | "approved") =>
      admin
        .from("content_assets")
        .insert({ user_id: adaId, title: "t", content: "c", content_type: "blog", status, agent_job_id: job.id });

    const codes = [await insert("draft"), await insert("approved"), await insert("review")].map(
      ({ error }) => error?.code,
    );
    const byUser = await ada
      .from("content_assets")
      .insert({ title: "t", content: "c", content_type: "blog", status: "published" });

    expect(codes).toEqual(["GW701", "GW701", undefined]);
    expect(byUser.error?.code).toBe("42501");
  });
});
