/**
 * Each domain can be adopted alone: the closure of its needs is applied to an empty project and used. Its functions are
 * checked too, because Postgres does not check their bodies when it creates them.
 */
import type { LocalDatabase } from "#groundwork/local";
import { describe, expect, test } from "vitest";
import { closureOf, keepsHouseRules, readHeader } from "../../scripts/domains/header.ts";
import { readUses } from "../../scripts/domains/uses.ts";
import { applyMigrations, readMigrations } from "../../src/local/migrations.ts";
import { createRowMaker } from "../security/matrix/row-maker.ts";
import { readShape } from "../security/matrix/shape.ts";
import { tables } from "../security/tables.ts";
import { checkFunctions } from "./setup/check-functions.ts";
import { createProject } from "./setup/create-project.ts";
import { type Actors, actorsOf } from "./setup/actors.ts";

const migrations = (await readMigrations("supabase/migrations")).filter(({ sql }) => keepsHouseRules(sql));
const uses = new Map(await Promise.all(migrations.map(async (each) => [each.name, await readUses(each)] as const)));

/** Domains whose jobs users queue. They need the API of jobs, although no statement of theirs names it. */
const needApiOfJobs = new Set(["marketing_agents", "organizing", "consolidating", "persona_writing"]);

const queuedJob = `select enqueue_agent_job('translator', '{"text": "Guten Tag"}')`;
const newAgentType = `
  insert into groundwork.agent_types (name, purpose, required_inputs, inputs, default_max_cost)
  values ('translator', 'Translates.', '{text}', '{"text": "string"}', 0)`;
const thought = `insert into thoughts (thought_text) values ('Plant a pear tree')`;
const vector = `('[1' || repeat(',0', 1535) || ']')::extensions.vector`;
const embed = (actors: Actors) =>
  actors.service(`
    select store_embeddings((
      select jsonb_agg(jsonb_build_object(
        'id', id, 'lease_token', lease_token, 'content_hash', content_hash, 'embedding', ${vector}::text
      ))
      from claim_embeddings('worker')
    )) ->> 'stored'`);
/** Claims the job of the user, and completes it with this output. */
const work = (actors: Actors, output: string) =>
  actors.service(`
    select (complete_agent_job(claimed.id, claimed.lease_token, ${output})).status from claim_agent_jobs('worker') as claimed`);

/** What a user or a worker does with the domain, and its result: the first column of all rows, as text. */
const useOf: Record<string, (actors: Actors) => Promise<unknown>> = {
  helpers: async ({ service }) => expect(await service("select backend_health() ? 'migration'")).toEqual(["true"]),
  identity: async ({ user }) => {
    expect(await user("select (ensure_user()).name")).toEqual(["ada"]);
    expect(await user("insert into user_preferences (theme) values ('medieval') returning theme")).toEqual([
      "medieval",
    ]);
  },
  care_loop: async ({ user }) => {
    await user(thought);
    expect(await user("insert into intentions (intention_text) values ('Dig') returning id")).toEqual(["1"]);
    expect(await user("select (complete_intention(1, 'It stands.')).story_text")).toEqual(["It stands."]);
  },
  personas: async ({ user }) => {
    await user(`insert into personas (raw_text, persona) values ('Ada codes.', '{"name": "Ada"}')`);
    expect(await user(`select (update_persona(id, '{"age": 36}')).persona from personas`)).toEqual([
      '{"age":36,"name":"Ada"}',
    ]);
  },
  memories: async ({ user }) => {
    await user("select remember('Ada likes pears')");
    expect(await user("select (remember('ada likes pears.')).content")).toEqual(["Ada likes pears"]);
  },
  campaigns: async ({ user }) => {
    await user("insert into campaigns (name, start_date) values ('Pears', now())");
    await user("insert into content_assets (title, content, content_type) values ('Pears', 'Ripe.', 'blog')");
    expect(await user("select budget_remaining from campaigns")).toEqual(["0"]);
  },
  ledger: async ({ user, service }) => {
    await user("insert into campaigns (name, start_date, budget) values ('Pears', now(), 5)");
    await user("insert into budget_entries (resource_type, cost, campaign_id) select 'ad_spend', 2, id from campaigns");
    expect(await user("select spend from campaigns")).toEqual(["2"]);
    await service(`insert into budget_entries (user_id, resource_type, cost, model_used)
      select id, 'openai_api', 0.5, 'gpt-5' from users where name = 'ada'`);
    expect(await service("select cost from get_daily_costs('2000-01-01', '2100-01-01')")).toEqual(["0.5"]);
  },
  schedule: async ({ owner }) =>
    expect(await owner("select groundwork.call_edge_function('embed') is null")).toEqual(["true"]),
  jobs_tables: async ({ owner, user }) => {
    await owner(newAgentType);
    await owner(`insert into agent_jobs (user_id, agent_type, input_data)
      select id, 'translator', '{}' from users where name = 'ada'`);
    expect(await user("select status from agent_jobs")).toEqual(["pending"]);
  },
  jobs_money: async ({ user }) => expect(await user("select monthly_spending() ->> 'monthly_limit'")).toEqual(["20"]),
  jobs_enqueue: async ({ owner, user }) => {
    await owner(newAgentType);
    expect(
      await user(`select cardinality(groundwork.enqueue_agent_jobs(
      '[{"agent_type": "translator", "input_data": {"text": "Hallo"}}]', now()))`),
    ).toEqual(["1"]);
  },
  jobs_settle: async ({ owner, user }) => {
    await owner(newAgentType);
    await user(`select groundwork.enqueue_agent_jobs(
      '[{"agent_type": "translator", "input_data": {"text": "Hallo"}}]', now())`);
    expect(await user("select (groundwork.cancel_agent_job(id, now())).status from agent_jobs")).toEqual(["cancelled"]);
  },
  jobs_claim: async ({ owner }) => {
    await owner(newAgentType);
    await owner(`with job as (
      insert into agent_jobs (user_id, agent_type, input_data)
      select id, 'translator', '{}' from users where name = 'ada' returning id, user_id
    )
    insert into groundwork.job_queue (job_id, user_id, agent_type, priority, max_cost, max_retries)
    select id, user_id, 'translator', 0, 0, 3 from job`);
    expect(
      await owner(
        "select json_array_length(groundwork.lease_jobs(groundwork.pick_ready_jobs(5, null), 'w', 60, now()))",
      ),
    ).toEqual(["1"]);
  },
  jobs_exchange: async ({ service }) =>
    expect(await service("select groundwork.exchange_agent_jobs('w', '[]', 5, 60, null, now()) ->> 'picked'")).toEqual([
      "0",
    ]),
  jobs_api: async (actors) => {
    await actors.owner(newAgentType);
    await actors.user(queuedJob);
    expect(await work(actors, `'{"text": "Good day"}'`)).toEqual(["completed"]);
    expect(await actors.user("select output_data ->> 'text' from agent_jobs")).toEqual(["Good day"]);
  },
  jobs_schedule: async ({ owner }) =>
    expect(await owner("select groundwork.start_agent_worker() is null")).toEqual(["true"]),
  jobs_realtime: async ({ owner }) =>
    expect(await owner("select count(*) from pg_publication where pubname = 'supabase_realtime'")).toEqual(["0"]),
  marketing_agents: async (actors) => {
    await actors.user(`select enqueue_agent_job('seo_writer', '{"topic": "Pears"}', max_cost => 0)`);
    expect(await work(actors, `'{}'`)).toEqual(["completed"]);
  },
  embeddings_tables: async ({ user }) =>
    expect(await user("select groundwork.active_embedding_model()")).toEqual(["groundwork-lexical-1"]),
  embeddings_queue: async ({ user, owner }) => {
    await user(thought);
    expect(await owner("select count(*) from groundwork.claimable_embeddings")).toEqual(["1"]);
  },
  embeddings_claim: async ({ user, service }) => {
    await user(thought);
    expect(await service("select content from claim_embeddings('worker')")).toEqual(["Plant a pear tree"]);
  },
  embeddings_store: async (actors) => {
    await actors.user(thought);
    expect(await embed(actors)).toEqual(["1"]);
  },
  embeddings_models: async ({ user, service }) => {
    await user(thought);
    expect(await service("select add_embedding_model('text-embedding-3-small')")).toEqual(["1"]);
    expect(await user("select missing from embedding_health() where kind = 'thought'")).toEqual(["1", "1"]);
  },
  embeddings_schedule: async ({ owner }) =>
    expect(await owner("select groundwork.start_embedding_worker() is null")).toEqual(["true"]),
  search_words: async ({ user }) => {
    await user(thought);
    expect(await user("select id from groundwork.find_words('pear', '{thought}', 5)")).toEqual(["1"]);
  },
  search_nearest: async ({ user, owner }) => {
    await user(thought);
    await owner(`insert into thought_embeddings (user_id, thought_id, model_used, content_hash, embedding)
      select user_id, id, 'groundwork-lexical-1', '', ${vector}::extensions.halfvec from thoughts`);
    expect(await user(`select thought_text from match_thoughts(${vector})`)).toEqual(["Plant a pear tree"]);
  },
  search: async ({ user }) => {
    await user(thought);
    expect(await user("select kind from search('pear')")).toEqual(["thought"]);
  },
  organizing: async (actors) => {
    await actors.owner("update groundwork.agent_types set default_max_cost = 0");
    await actors.user(thought);
    await actors.user("select enqueue_agent_job('thought_organizer', '{}')");
    expect(
      await work(
        actors,
        `'{"dry_run": false, "embedding_model": "groundwork-lexical-1", "joined": [], "circles": [], "novelty": []}'`,
      ),
    ).toEqual(["completed"]);
  },
  discover: async ({ user }) => {
    await user(thought);
    expect(await user("select title from discover()")).toEqual(["Plant a pear tree"]);
  },
  consolidating: async (actors) => {
    await actors.user("insert into personal_memories (content) values ('Ada likes pears')");
    await actors.user("select enqueue_agent_job('memory_keeper', '{}', max_cost => 0)");
    await actors.service("select claim_agent_jobs('worker')");
    const [lease] = await actors.owner("select format('%L, %L', job_id, lease_token) from groundwork.leases");
    expect(await actors.service(`select get_memories_to_consolidate(${lease}) ->> 'without_vector'`)).toEqual(["1"]);
  },
  persona_writing: async (actors) => {
    await actors.user(`select enqueue_agent_job('persona_writer', '{"raw_text": "Ada codes."}', max_cost => 0)`);
    expect(await work(actors, `'{"persona": {"name": "Ada"}, "model_used": "m", "prompt_version": "p/1"}'`)).toEqual([
      "completed",
    ]);
    expect(await actors.user("select title from personas")).toEqual(["Ada"]);
  },
};

/**
 * The use of a domain without an entry above: a user has a row in each of its tables, and a stranger does not see it.
 */
async function useTables(database: LocalDatabase, names: string[], { user, stranger }: Actors): Promise<void> {
  const [userId] = await user("select id from users");
  const rows = createRowMaker(database, await readShape(database), { userId: userId!, marker: "ada" });
  for (const table of names) {
    await rows.row(table);
    expect(await user(`select count(*) from ${table}`)).toEqual(["1"]);
    expect(await stranger(`select count(*) from ${table}`)).toEqual(["0"]);
  }
}

/** Returns the tables of the API that a migration makes. */
const tablesOf = (name: string) =>
  uses
    .get(name)!
    .makes.filter((object) => object.startsWith("public."))
    .map((object) => object.slice("public.".length))
    .filter((object) => tables.has(object));

test("every migration has a use", () => {
  const names = migrations.map(({ name }) => name);
  expect(Object.keys(useOf).filter((name) => !names.includes(name))).toEqual([]);
  expect(names.filter((name) => !(name in useOf) && tablesOf(name).length === 0)).toEqual([]);
});

describe.for(migrations)("$name", ({ name, sql }) => {
  test("needs exactly what its header says, and adds to exactly the tables that it names", () => {
    const { names, addsTo } = uses.get(name)!;
    const needed = migrations
      .filter((other) => other.name !== name && uses.get(other.name)!.makes.some((object) => names.has(object)))
      .map((other) => other.name);
    const expected = needApiOfJobs.has(name) ? [...needed, "jobs_api"] : needed;

    const header = readHeader(sql)!;
    expect(header.needs.toSorted()).toEqual(expected.toSorted());
    expect(header.needs).toEqual(
      migrations.map((migration) => migration.name).filter((other) => header.needs.includes(other)),
    );
    expect(header.addsTo).toEqual(addsTo);
  });

  test("can be adopted alone", async () => {
    await using project = await createProject({ migrated: false });
    await applyMigrations(project.database, closureOf(migrations, name));

    expect(await checkFunctions(project.database)).toEqual([]);
    const actors = await actorsOf(project.database);
    const use = useOf[name] ?? (() => useTables(project.database, tablesOf(name), actors));
    await use(actors);
  });
});
