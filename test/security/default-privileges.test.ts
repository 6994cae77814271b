import { readFile } from "node:fs/promises";
import { App } from "@supabase/lite";
import { expect, test } from "vitest";
import { openPglite } from "../../src/local/database/open-pglite.ts";
import { emptySnapshot } from "../../src/local/snapshot.ts";
import { applyMigrations, readMigrations } from "../../src/local/migrations.ts";

/** Returns the rights after all migrations, one line each: `select on table public.thoughts: authenticated`. */
async function rightsAfterMigrations(prepare: string): Promise<string[]> {
  const database = await openPglite({ snapshot: await emptySnapshot(".") });
  try {
    await new App({ connection: database.connection }).ensureSystemSchema();
    await database.run(await readFile("src/local/database/platform.sql", "utf8"));
    await database.run(prepare);
    await applyMigrations(database, await readMigrations("supabase/migrations"));
    const rows = await database.query<{ line: string }>(rightsSql);
    return rows.map(({ line }) => line);
  } finally {
    await database.close();
  }
}

const rightsSql = `
  with objects as (
    select
      case relkind when 'S' then 'sequence' else 'table' end as kind,
      oid::regclass::text as name,
      coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r' end, relowner)) as acl
    from pg_class
    where relnamespace in ('public'::regnamespace, 'groundwork'::regnamespace) and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select 'column', format('%s.%s', attrelid::regclass, attname), attacl
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace in ('public'::regnamespace, 'groundwork'::regnamespace) and attacl is not null
    union all
    select 'function', oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner))
    from pg_proc
    where pronamespace in ('public'::regnamespace, 'groundwork'::regnamespace)
    union all
    select 'type', oid::regtype::text, coalesce(typacl, acldefault('T', typowner))
    from pg_type
    where typnamespace in ('public'::regnamespace, 'groundwork'::regnamespace)
    union all
    select 'schema', nspname, coalesce(nspacl, acldefault('n', nspowner))
    from pg_namespace
    where nspname in ('public', 'groundwork')
  )
  select format(
    '%s on %s %s: %s',
    lower(privilege_type), kind, name, case grantee when 0 then 'public' else grantee::regrole::text end
  ) as line
  from objects cross join aclexplode(acl)
  order by 1
`;

const objects = ["tables", "sequences", "routines"];
const roles = "anon, authenticated, service_role";

test.for([
  ["what is new in public", "in schema public"],
  // An adopter may have set default privileges for all schemas. They then apply to the internal functions, too.
  ["all new objects", ""],
] as const)("rights are the same with and without the platform exposing %s", async ([, where]) => {
  const closed = await rightsAfterMigrations(
    objects.map((kind) => `alter default privileges in schema public revoke all on ${kind} from ${roles};`).join("\n"),
  );
  const exposing = await rightsAfterMigrations(
    objects.map((kind) => `alter default privileges ${where} grant all on ${kind} to ${roles};`).join("\n"),
  );

  expect(exposing).toEqual(closed);
  expect(closed).toContain("delete on table thoughts: authenticated");
  expect(closed.filter((line) => line.endsWith(": anon"))).toEqual(["usage on schema public: anon"]);
});
