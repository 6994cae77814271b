import { startLocal } from "#groundwork/local";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertAccount } from "../setup/users.ts";
import { clientWithClaims } from "../setup/tokens.ts";
import { createRowMaker } from "../security/matrix/row-maker.ts";
import { readShape } from "../security/matrix/shape.ts";

const backend = await startLocal();
afterAll(() => backend.close());

const ownRow = async ({ client }: Awaited<ReturnType<typeof backend.signUp>>) =>
  (await client.from("users").select().single().throwOnError()).data;

const syncErrors = (id: string) =>
  backend.database.query<{ error_code: string; error_message: string; resolved_at: string | null }>(
    "select error_code, error_message, resolved_at from groundwork.user_sync_errors where auth_user_id = $1 order by id",
    [id],
  );

describe("sign-up by e-mail", () => {
  test("mirrors the account, with the name and time zone of its metadata", async () => {
    const signedUp = await backend.signUp({
      email: "Zoe.Larkin@Example.com",
      data: { name: "Zoë Larkin", timezone: "Pacific/Auckland" },
    });

    expect(await ownRow(signedUp)).toMatchObject({
      id: signedUp.user.id,
      auth_user_id: signedUp.user.id,
      clerk_user_id: null,
      email: "zoe.larkin@example.com",
      is_anonymous: false,
      name: "Zoë Larkin",
      timezone: "Pacific/Auckland",
      vibe_profile: null,
    });
  });

  test("without metadata takes the name from the address, and sets the time zone to UTC", async () => {
    const signedUp = await backend.signUp({ email: "no.metadata@example.com" });

    expect(await ownRow(signedUp)).toMatchObject({ name: "no.metadata", timezone: "UTC" });
  });

  test.for([
    ["a name of 10,000 characters", { name: "ü".repeat(10_000) }, { name: "ü".repeat(200), timezone: "UTC" }],
    ["a time zone that does not exist", { timezone: "Mars/Olympus_Mons" }, { timezone: "UTC" }],
    ["an abbreviation for a time zone", { timezone: "PST" }, { timezone: "UTC" }],
    ["a POSIX rule for a time zone", { timezone: "A/B3" }, { timezone: "UTC" }],
    ["nested junk", { name: { first: ["x", { y: null }] }, timezone: [["UTC"]] }, { timezone: "UTC" }],
    ["the wrong types", { name: 42, full_name: true, timezone: 0 }, { timezone: "UTC" }],
    ["a blank name", { name: "  \t\n " }, { timezone: "UTC" }],
    ["control characters", { name: "Ann\u0007\u0000ie\n" }, undefined],
    ["a name of the second choice", { name: "", full_name: "Ann Lee" }, { name: "Ann Lee" }],
    ["SQL", { name: "'); drop table public.users; --" }, { name: "'); drop table public.users; --" }],
  ] as const)("with %s in the metadata succeeds", async ([, data, expected]) => {
    // JSON in Postgres has no null character, so Supabase Auth could not store one either.
    const storable = JSON.parse(JSON.stringify(data).replaceAll("\\u0000", "")) as object;
    const signedUp = await backend.signUp({ data: storable });

    const row = await ownRow(signedUp);

    expect(row).toMatchObject(expected ?? { name: "Ann ie" });
    expect(row.name.length).toBeGreaterThan(0);
    expect(await syncErrors(signedUp.user.id)).toEqual([]);
  });
});

describe("accounts without an e-mail address", () => {
  test("a phone-only account is mirrored with its phone", async () => {
    const id = await insertAccount(backend, { phone: "351911222333" });

    const { data } = await backend.adminClient().from("users").select().eq("id", id).single().throwOnError();

    expect(data).toMatchObject({ email: null, phone: "351911222333", is_anonymous: false, name: "Guest" });
  });

  test("an anonymous account is mirrored, and gets a name when it becomes permanent", async () => {
    const id = await insertAccount(backend, { is_anonymous: true });
    const admin = backend.adminClient();
    const { data: guest } = await admin.from("users").select().eq("id", id).single().throwOnError();
    expect(guest).toMatchObject({ email: null, phone: null, is_anonymous: true, name: "Guest" });

    await backend.database.query(
      `update auth.users set email = 'was.guest@example.com', is_anonymous = false, raw_user_meta_data = '{"name": "Gil"}'
       where id = $1`,
      [id],
    );

    const { data: member } = await admin.from("users").select().eq("id", id).single().throwOnError();
    expect(member).toMatchObject({ email: "was.guest@example.com", is_anonymous: false, name: "Gil" });
  });
});

describe("a broken mirror", () => {
  beforeAll(async () => {
    await backend.database.run(`
      create function groundwork.refuse() returns trigger language plpgsql as
      $$ begin raise exception 'the mirror is broken' using errcode = 'XX001'; end $$;
      create trigger refuse before insert on public.users for each row execute function groundwork.refuse();
    `);
  });

  test("does not block the sign-up; the failure is recorded, and ensure_user() repairs it", async () => {
    const signedUp = await backend.signUp({ data: { name: "Unlucky" } });

    const { data: nothing } = await signedUp.client.from("users").select().throwOnError();
    expect(nothing).toEqual([]);
    expect(await syncErrors(signedUp.user.id)).toEqual([
      { error_code: "XX001", error_message: "the mirror is broken", resolved_at: null },
    ]);

    await backend.database.run("drop trigger refuse on public.users");
    const { data: repaired } = await signedUp.client.rpc("ensure_user").throwOnError();

    expect(repaired).toMatchObject({ id: signedUp.user.id, name: "Unlucky", email: signedUp.email });
    expect(await ownRow(signedUp)).toEqual(repaired);
    expect(await syncErrors(signedUp.user.id)).toEqual([
      { error_code: "XX001", error_message: "the mirror is broken", resolved_at: expect.any(String) },
    ]);
  });

  test("does not block the sign-up even if the failure cannot be recorded", async () => {
    await backend.database.run(`
      create trigger refuse before insert on public.users for each row execute function groundwork.refuse();
      create trigger refuse before insert on groundwork.user_sync_errors for each row execute function groundwork.refuse();
    `);

    const signedUp = await backend.signUp();

    await backend.database.run(`
      drop trigger refuse on public.users;
      drop trigger refuse on groundwork.user_sync_errors;
    `);
    const { data: repaired } = await signedUp.client.rpc("ensure_user").throwOnError();
    expect(repaired.id).toBe(signedUp.user.id);
  });
});

describe("a change of an account", () => {
  test("updates the e-mail address, and keeps what the user wrote", async () => {
    const signedUp = await backend.signUp({ email: "before@example.com", data: { name: "Before" } });
    await signedUp.client.from("users").update({ name: "My own" }).eq("id", signedUp.user.id).throwOnError();

    await backend.database.query(
      `update auth.users set email = 'after@example.com', raw_user_meta_data = '{"name": "From metadata"}' where id = $1`,
      [signedUp.user.id],
    );

    expect(await ownRow(signedUp)).toMatchObject({ email: "after@example.com", name: "My own" });
  });

  test("to an address of another account is recorded as a failure, and blocks nothing", async () => {
    const clerk = await clientWithClaims(backend, { sub: "user_taken", email: "taken@example.com" });
    await clerk.rpc("ensure_user").throwOnError();

    const signedUp = await backend.signUp({ email: "taken@example.com" });

    expect(await syncErrors(signedUp.user.id)).toMatchObject([{ error_code: "23505", resolved_at: null }]);
    const { error } = await signedUp.client.rpc("ensure_user");
    expect(error).toMatchObject({ code: "GW103", message: "Another account has this e-mail address." });
  });
});

describe("ensure_user()", () => {
  test("returns the caller's row and changes nothing if the row is complete", async () => {
    const signedUp = await backend.signUp();
    const before = await ownRow(signedUp);

    const { data } = await signedUp.client.rpc("ensure_user").throwOnError();

    expect(data).toEqual(before);
  });

  test("makes the row for an account of an outside issuer, once", async () => {
    const client = await clientWithClaims(backend, {
      sub: "user_2abc",
      email: "Clerk@Example.com",
      name: "Clerk Kent",
      zoneinfo: "America/New_York",
    });

    const { data: made } = await client.rpc("ensure_user").throwOnError();
    const { data: again } = await client.rpc("ensure_user").throwOnError();

    expect(made).toMatchObject({
      auth_user_id: null,
      clerk_user_id: "user_2abc",
      email: "clerk@example.com",
      name: "Clerk Kent",
      timezone: "America/New_York",
    });
    expect(again).toEqual(made);
  });

  test("is refused for a token without an e-mail address, a deleted account, and a visitor", async () => {
    const noEmail = await clientWithClaims(backend, { sub: "user_nomail" });
    const gone = await clientWithClaims(backend, { sub: crypto.randomUUID(), email: "gone@example.com" });

    expect((await noEmail.rpc("ensure_user")).error).toMatchObject({ code: "GW104" });
    expect((await gone.rpc("ensure_user")).error).toMatchObject({ code: "GW102" });
    expect((await backend.client().rpc("ensure_user")).error).toMatchObject({ code: "42501" });
    const { count } = await backend
      .adminClient()
      .from("users")
      .select("*", { count: "exact", head: true })
      .in("email", ["gone@example.com"])
      .throwOnError();
    expect(count).toBe(0);
  });

  test("never causes an error in a policy for a subject that is not a uuid", async () => {
    const stranger = await clientWithClaims(backend, { sub: "user_never_seen" });

    const { data, error } = await stranger.from("thoughts").select();

    expect(error).toBeNull();
    expect(data).toEqual([]);
  });
});

test("deleting the account in Auth deletes all the user's rows in all tables", async () => {
  const leaver = await backend.signUp();
  const bystander = await backend.signUp();
  for (const { client } of [leaver, bystander]) {
    const job = { agent_type: "analyst", input_data: {} };
    await client.rpc("enqueue_agent_jobs", { jobs: [job, job] }).throwOnError();
  }
  // Each user now has one running and one pending job.
  await backend.adminClient().rpc("claim_agent_jobs", { worker_id: "test", batch_size: 2 }).throwOnError();
  const shape = await readShape(backend.database);
  for (const [{ user }, marker] of [
    [leaver, "leaving"],
    [bystander, "staying"],
  ] as const) {
    const maker = createRowMaker(backend.database, shape, { userId: user.id, marker });
    for (const { name, kind } of shape.exposed) if (kind === "table") await maker.row(name);
  }
  await backend.database.query(
    "insert into groundwork.user_sync_errors (auth_user_id, error_code, error_message) values ($1, 'XX000', 'x')",
    [leaver.user.id],
  );
  await backend.database.run(`
    insert into groundwork.monthly_spends (user_id, month) select id, '2026-01-01' from public.users;
    insert into groundwork.organizing_fingerprints (user_id) select id from public.users;
    insert into groundwork.consolidated_memories (user_id, memory_id, content_hash)
    select user_id, id, 'hash' from public.personal_memories on conflict do nothing;
  `);
  const before = await rowsOf(bystander.user.id);
  const tables = Object.entries(await rowsOf(leaver.user.id));
  expect(tables.filter(([, count]) => count === 0)).toEqual([]);

  await backend.database.query("delete from auth.users where id = $1", [leaver.user.id]);

  expect(Object.values(await rowsOf(leaver.user.id)).reduce((sum, count) => sum + count)).toBe(0);
  expect(await rowsOf(bystander.user.id)).toEqual(before);
  const { data } = await leaver.client.from("thoughts").select();
  expect(data).toEqual([]);
  expect((await leaver.client.from("thoughts").insert({ thought_text: "still here" })).error?.code).toBe("23503");
});

/**
 * Returns the number of rows with this id in any uuid column of our tables, by table. The columns come from the
 * catalog.
 */
async function rowsOf(id: string): Promise<Record<string, number>> {
  const columns = await backend.database.query<{ table: string; condition: string }>(`
    select format('%I.%I', nspname, relname) as table, string_agg(format('%I = $1', attname), ' or ') as condition
    from pg_catalog.pg_attribute
    join pg_catalog.pg_class on pg_class.oid = attrelid
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where nspname in ('public', 'groundwork') and relkind = 'r' and atttypid = 'uuid'::regtype and attnum > 0
      -- Nobody has both a synchronisation error and none.
      and relname <> 'user_sync_errors'
    group by nspname, relname
  `);
  const counts = await Promise.all(
    columns.map(async ({ table, condition }) => {
      const [row] = await backend.database.query<{ count: number }>(
        `select count(*) as count from ${table} where ${condition}`,
        [id],
      );
      return [table, row!.count] as const;
    }),
  );
  return Object.fromEntries(counts);
}
