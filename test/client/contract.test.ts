/**
 * Checks the types with real rows. Values that the backend returns are written into a TypeScript file as literals of
 * their types, and the compiler checks them. Only the calls with arguments are listed by hand.
 */
import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { type Groundwork, groundwork } from "#groundwork";
import { startLocal } from "#groundwork/local";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageName } from "../../scripts/package/package-name.ts";
import { tables as tablesUnderTest } from "../security/tables.ts";
import { makeOperations } from "./operation.ts";

const backend = await startLocal({ seed: true });
afterAll(() => backend.close());

/** A value and the type that it must have. */
interface TypedValue {
  name: string;
  type: string;
  value: unknown;
}

let gw: Groundwork;
const values: TypedValue[] = [];

beforeAll(async () => {
  const { client } = await backend.signUp();
  gw = groundwork(client);
  const admin = backend.adminClient();
  const tables = [...tablesUnderTest.keys()];
  const functions = await backend.database.query<{ name: string }>(
    `select proname as name
     from pg_proc
     where pronamespace = 'public'::regnamespace
       and prokind = 'f'
       and prorettype <> 'trigger'::regtype
       and has_function_privilege('authenticated', oid, 'execute')
     order by 1`,
  );

  for (const operation of await makeOperations(gw, admin)) {
    const value = await operation.run(gw).catch((error: unknown) => {
      throw new Error(operation.name, { cause: error });
    });
    const method = operation.name.split(" ")[0]!;
    values.push({ name: method, type: resultType(method), value });
  }
  await admin.functions.invoke("run-agent-jobs", { method: "POST" });
  await admin.functions.invoke("embed", { method: "POST" });
  values.push({ name: "jobs that have run", type: "Job[]", value: (await gw.jobs.list({ limit: 1000 })).items });

  const { id: user_id } = await gw.account.get();
  await admin.from("user_spend_limits").insert({ user_id, monthly_limit: 5 }).throwOnError();
  for (const table of tables) {
    const { data } = await admin
      .from(table as "tasks")
      .select()
      .limit(50)
      .throwOnError();
    values.push({ name: table, type: `Row<"${table}">[]`, value: data });
  }
  await callAll(functions.map(({ name }) => name));
});

/** Returns the result type of a method. The values of an async iterable were collected into a list. */
function resultType(method: string): string {
  const [domain, name] = method.split(".");
  if (method === "search") return 'Awaited<ReturnType<Groundwork["search"]>>["hits"]';
  if (method === "account.get")
    return 'Omit<Account, "updated_at" | "vibe_profile"> & { updated_at: null; vibe_profile: null }';
  if (method === "circles.discover") return "string[]";
  const type = `ReturnType<Groundwork["${domain}"]["${name}"]>`;
  return name === "all" || name === "watch" ? `Collected<${type}>` : `Awaited<${type}>`;
}

/** Calls every function that users may call, with arguments for which it returns something. */
async function callAll(names: string[]): Promise<void> {
  const circle = await gw.circles.create({ circle_name: "Contract" });
  const [one, other] = await gw.thoughts.createMany([
    { thought_text: "Prune the pear tree", tags: ["garden"], circle_id: circle.id },
    { thought_text: "The pear tree blooms" },
  ]);
  await gw.thoughts.relate(one!.id, other!.id);
  const intention = await gw.intentions.create({ intention_text: "Prune" });
  const [older, newer] = await gw.memories.createMany([{ content: "Older" }, { content: "Newer" }]);
  const persona = await gw.personas.create({ raw_text: "r", persona: {} });
  const job = await gw.jobs.enqueue("seo_writer", { topic: "Pears" });
  const failed = await gw.jobs.enqueue("seo_writer", { topic: "Pears" });
  await backend.database.query("update public.agent_jobs set status = 'running' where id = $1", [failed.id]);
  await backend.database.query("update public.agent_jobs set status = 'failed' where id = $1", [failed.id]);
  await backend.database.query("delete from groundwork.job_queue where job_id = $1", [failed.id]);
  await backend.adminClient().functions.invoke("embed", { method: "POST" });
  const query_embedding = JSON.stringify(Array.from({ length: 1536 }, (_, index) => (index < 9 ? 1 : 0.001)));
  const calls: Record<string, object> = {
    cancel_agent_job: { job_id: job.id },
    embedding_payer: { model: "groundwork-lexical-1" },
    complete_intention: { intention_id: intention.id, story_text: "s" },
    enqueue_agent_job: { agent_type: "seo_writer", input_data: { topic: "t" } },
    enqueue_agent_jobs: { jobs: [{ agent_type: "seo_writer", input_data: { topic: "t" } }] },
    match_memories: { query_embedding },
    match_thoughts: { query_embedding },
    related_thoughts: { thought_id: one!.id },
    remember: { content: "Pears" },
    restore_memory: { memory_id: older!.id },
    retry_agent_job: { job_id: failed.id },
    search: { query: "pear" },
    supersede_memory: { old_id: older!.id, new_id: newer!.id },
    update_persona: { persona_id: persona.id, changes: { name: "n" } },
  };
  // `reserved` is a computed field of a table, not a function to call. Functions that end other things come last.
  const order = names.filter((name) => name !== "reserved").toSorted((a, b) => rank(a) - rank(b));
  for (const name of order) {
    const { data } = await gw.supabase.rpc(name as "search", (calls[name] ?? {}) as never).throwOnError();
    values.push({ name, type: `Database["public"]["Functions"]["${name}"]["Returns"]`, value: data });
  }
}

const rank = (name: string) => (name === "forget_all" ? 2 : name === "restore_memory" ? 1 : 0);

/** Returns the values that do not have their type, as the compiler reports it. */
async function mismatches(typed: TypedValue[]): Promise<string[]> {
  const file = `test/.contract.${process.pid}.ts`;
  const lines = typed.map(({ type, value }, index) => `export const c${index}: ${type} = ${JSON.stringify(value)};`);
  await writeFile(file, [prelude, ...lines].join("\n"));
  try {
    await promisify(execFile)("tsc", ["--noEmit", "--pretty", "false", ...options, file], { maxBuffer: 1e8 });
    return [];
  } catch (error) {
    const { stdout } = error as { stdout: string };
    return stdout.split("\n").flatMap((line) => {
      const [, at, what] = /^\S+\((\d+),\d+\): (.*)/.exec(line) ?? [];
      return at ? [`${typed[Number(at) - prelude.split("\n").length - 1]?.name}: ${what!.slice(0, 300)}`] : [];
    });
  } finally {
    await rm(file);
  }
}

const prelude = `import type { Account, Database, Groundwork, Job, Row } from "${packageName}";
type Collected<Generator> = Generator extends AsyncGenerator<infer Item> ? Item[] : never;`;
const options = [
  "--strict",
  "--exactOptionalPropertyTypes",
  "--skipLibCheck",
  "--allowImportingTsExtensions",
  "--ignoreConfig",
  "--module",
  "nodenext",
  "--target",
  "esnext",
  "--types",
  "node",
];

test("every table, function and method returned something to check", () => {
  // Only agents or operators write these, and this file does not.
  const empty = values.filter(({ value }) => Array.isArray(value) && value.length === 0).map(({ name }) => name);
  const unlikely = new Set([
    "circle_embeddings",
    "memories.similar",
    "thoughts.similar",
    "memories.recall",
    "enqueue_agent_jobs",
  ]);

  expect(empty.filter((name) => !unlikely.has(name))).toEqual([]);
  expect(values.length).toBeGreaterThan(tablesUnderTest.size + 80);
});

test("every value from the backend has its declared type", async () => {
  expect(await mismatches(values)).toEqual([]);
});

test("the compiler finds a wrong value", async () => {
  const thought = (await gw.thoughts.list()).items[0]!;
  const type = 'Row<"thoughts">';
  const { reflection: _, ...lacking } = thought;

  const found = await mismatches([
    { name: "right", type, value: thought },
    { name: "a column more", type, value: { ...thought, colour: "red" } },
    { name: "a column less", type, value: lacking },
    { name: "null", type, value: { ...thought, thought_text: null } },
    { name: "a text for a number", type, value: { ...thought, id: "1" } },
    { name: "no such status", type: 'Job["status"]', value: "done" },
  ]);

  expect(found.map((line) => line.split(":")[0])).toEqual([
    "a column more",
    "a column less",
    "null",
    "a text for a number",
    "no such status",
  ]);
});
