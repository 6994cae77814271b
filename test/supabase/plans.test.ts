/**
 * Checks that no policy is evaluated row by row without an index, for every table and command. The tests read the
 * plans, and do not measure time. Tables, commands and foreign keys come from the catalog, so a later migration is
 * covered automatically.
 */
import { type Statements, startLocal } from "#groundwork/local";
import { afterAll, describe, expect, test } from "vitest";

/** Enough rows for the planner to prefer an index if there is one. */
const size = { rows: 2_000, users: 200 };

const backend = await startLocal();
afterAll(() => backend.close());
const { database } = backend;

await fillEveryTable();
const commands = await commandsOfMembers();
const keys = await foreignKeys();

describe("a signed-in user's", () => {
  test("commands and joins are found in the catalog", () => {
    expect(commands).toContainEqual(expect.objectContaining({ table: "thoughts", command: "select" }));
    expect(commands).toContainEqual(expect.objectContaining({ table: "users", command: "update" }));
    expect(commands.length).toBeGreaterThan(30);
    expect(keys.filter(isReadable).length).toBeGreaterThan(10);
  });

  test.each(commands)(
    "$command on $table reads the user's rows from an index",
    async ({ table, command, column, clauses }) => {
      const statements = {
        select: `select * from public.${table}`,
        insert: `insert into public.${table} (${column}) values (null)`,
        update: `update public.${table} set ${column} = null`,
        delete: `delete from public.${table}`,
      };

      const plan = await explainAsMember(statements[command]);

      expect(faultsOf(plan)).toEqual([]);
      expect(plan.filter(asksWhoItIs).length).toBeGreaterThanOrEqual(clauses);
    },
  );

  test.each(keys.filter(isReadable))(
    "$table joined to $parent by $name reads both from an index",
    async ({ table, parent, pairs }) => {
      const on = pairs.map(({ column, target }) => `child.${column} = parent.${target}`).join(" and ");

      const plan = await explainAsMember(
        `select child.*, parent.* from public.${table} as child join public.${parent} as parent on ${on}`,
      );

      expect(faultsOf(plan)).toEqual([]);
      const tables = plan.map(({ node }) => node["Relation Name"]).filter(Boolean);
      expect(tables).toEqual(expect.arrayContaining([table, parent]));
    },
  );
});

test.each(keys)("deleting from $parent finds the rows of $table by an index for $name", async ({ table, pairs }) => {
  const rows = pairs.map(({ column }) => `${column} = (select ${column} from public.${table} limit 1)`).join(" and ");

  const plan = await explain(database, `select 1 from only public.${table} as child where ${rows}`);

  const conditions = plan.filter(({ isOnce }) => !isOnce).map(({ node }) => node["Index Cond"]);
  const condition = conditions.filter(Boolean).join(" and ");
  for (const { column } of pairs) expect(condition).toMatch(new RegExp(`\\b${column} = `));
});

describe("a fault that these tests find", () => {
  const policies = {
    "a condition that no index serves": "title = (select groundwork.current_user_id())::text",
    "a function that is called for each row": "groundwork.current_user_id() = any (array[user_id])",
    "a function that is called by each scan": "user_id = groundwork.current_user_id()",
    "a subquery for each row":
      "exists (select from public.circles where circles.user_id = tasks.user_id and circles.id = tasks.id)",
  };

  test.each(Object.entries(policies))("is %s", async (_, condition) => {
    const plan = await explainAsMember(
      "select * from public.tasks",
      `alter policy "users can read their own tasks" on public.tasks using (${condition})`,
    );

    expect(faultsOf(plan)).not.toEqual([]);
  });
});

interface PlanNode {
  "Node Type": string;
  "Parent Relationship"?: string;
  "Relation Name"?: string;
  "Index Cond"?: string;
  Output?: string[];
  Plans?: PlanNode[];
  [property: string]: unknown;
}

/** A node of a plan; `isOnce` is true if it is evaluated once, before the rows. */
interface Step {
  node: PlanNode;
  isOnce: boolean;
}

const functionCall = /\b(groundwork|auth)\.\w+\(|\bcurrent_setting\(/;

/** Returns the nodes of a plan that evaluate a policy row by row. A good plan has none. */
function faultsOf(plan: Step[]): string[] {
  return plan
    .filter(({ isOnce }) => !isOnce)
    .flatMap(({ node }) => {
      const type = node["Node Type"];
      const faults: string[] = [];
      if (node["Parent Relationship"] === "SubPlan") faults.push(`${type} for each row`);
      for (const [property, value] of Object.entries(node)) {
        const isCondition = typeof value === "string" && /Filter|Cond$/.test(property);
        if (isCondition && functionCall.test(value)) faults.push(`${property}: ${value}`);
      }
      if (type === "Seq Scan") faults.push(`${type} on ${node["Relation Name"]}`);
      const isIndexScan = /^(Index|Index Only|Bitmap Index) Scan$/.test(type);
      if (isIndexScan && !node["Index Cond"]?.includes("InitPlan")) {
        faults.push(`${type} by ${node["Index Cond"] ?? "no condition"}`);
      }
      return faults;
    });
}

/**
 * Returns true if the node calls the policy's function once. The check of an insert or update has no other node in a
 * plan.
 */
function asksWhoItIs({ node, isOnce }: Step): boolean {
  return isOnce && (node.Output ?? []).some((value) => functionCall.test(value));
}

async function explainAsMember(statement: string, change = ""): Promise<Step[]> {
  const rollback = new Error("rollback");
  let plan: Step[] = [];
  await database
    .transaction(async (transaction) => {
      await transaction.run(change);
      const claims = JSON.stringify({ role: "authenticated", sub: "00000000-0000-4000-8000-000000000001" });
      await transaction.query(
        "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
        [claims],
      );
      plan = await explain(transaction, statement);
      throw rollback;
    })
    .catch((error: unknown) => {
      if (error !== rollback) throw error;
    });
  return plan;
}

async function explain({ query }: Statements, statement: string): Promise<Step[]> {
  const [row] = await query<{ "QUERY PLAN": [{ Plan: PlanNode }] }>(
    `explain (format json, verbose, costs off) ${statement}`,
  );
  const steps = (node: PlanNode, isOnce: boolean): Step[] => {
    const isOnceToo = isOnce || node["Parent Relationship"] === "InitPlan";
    return [{ node, isOnce: isOnceToo }, ...(node.Plans ?? []).flatMap((child) => steps(child, isOnceToo))];
  };
  return steps(row!["QUERY PLAN"][0].Plan, false);
}

interface MemberCommand {
  table: string;
  command: "select" | "insert" | "update" | "delete";
  /** A column that the command may write. */
  column: string;
  /** The number of conditions in its policies, without `true`. */
  clauses: number;
}

/** Returns the commands that policies and grants allow to `authenticated`. */
function commandsOfMembers(): Promise<MemberCommand[]> {
  return database.query(`
    select
      class.relname as table,
      command.name as command,
      (
        select quote_ident(attname)
        from pg_attribute
        where attrelid = class.oid and attnum > 0 and not attisdropped
          and (command.name = 'delete' or has_column_privilege('authenticated', class.oid, attnum, command.name))
        order by attname = 'user_id', attnum
        limit 1
      ) as column,
      policies.clauses
    from pg_class as class
    cross join (values ('select', 'r'), ('insert', 'a'), ('update', 'w'), ('delete', 'd')) as command (name, letter)
    cross join lateral (
      select count(*)::integer as clauses
      from pg_policy
      cross join lateral (
        values
          (polqual, command.name <> 'insert'),
          (coalesce(polwithcheck, polqual), command.name in ('insert', 'update'))
      ) as clause (expression, applies)
      where polrelid = class.oid and polcmd in (command.letter::"char", '*')
        and (polroles = '{0}' or 'authenticated'::regrole = any (polroles))
        and clause.applies and pg_get_expr(clause.expression, polrelid) <> 'true'
    ) as policies
    where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p') and class.relrowsecurity
      and policies.clauses > 0
      and case command.name
        when 'delete' then has_table_privilege('authenticated', class.oid, command.name)
        else has_any_column_privilege('authenticated', class.oid, command.name)
      end
    order by class.relname, command.letter
  `);
}

interface ForeignKey {
  name: string;
  table: string;
  parent: string;
  pairs: { column: string; target: string }[];
}

function isReadable({ table, parent }: ForeignKey): boolean {
  return [table, parent].every((name) => commands.some((known) => known.table === name && known.command === "select"));
}

/** Returns the foreign keys between tables of `public`. */
function foreignKeys(): Promise<ForeignKey[]> {
  return database.query(`
    select
      conname as name,
      child.relname as table,
      parent.relname as parent,
      (
        select jsonb_agg(jsonb_build_object('column', quote_ident(own.attname), 'target', quote_ident(other.attname)))
        from unnest(conkey, confkey) as pair (own, other)
        join pg_attribute as own on own.attrelid = conrelid and own.attnum = pair.own
        join pg_attribute as other on other.attrelid = confrelid and other.attnum = pair.other
      ) as pairs
    from pg_constraint
    join pg_class as child on child.oid = conrelid
    join pg_class as parent on parent.oid = confrelid
    where contype = 'f'
      and child.relnamespace = 'public'::regnamespace
      and parent.relnamespace = 'public'::regnamespace
    order by child.relname, conname
  `);
}

/**
 * Fills every table with rows made from the catalog. Row n of every table belongs to the same user, so a reference to
 * row n of another table is a reference to a row of the same owner. Check constraints are dropped, so the values need
 * not be valid.
 */
async function fillEveryTable(): Promise<void> {
  const tables = await database.query<{ name: string; columns: string; values: string; prepare: string }>(`
    with columns as (
      select
        attrelid,
        attnum,
        quote_ident(attname) as name,
        format_type(atttypid, atttypmod) as type,
        atttypid = 'uuid'::regtype as is_uuid,
        typcategory as category,
        attnotnull as is_not_null,
        attgenerated <> '' as is_generated,
        exists (
          select from pg_constraint where conrelid = attrelid and contype in ('p', 'u') and conkey = array[attnum]
        ) as is_key,
        exists (select from pg_constraint where conrelid = attrelid and contype in ('p', 'u', 'f') and attnum = any (conkey)) as refers,
        exists (
          select from pg_constraint
          where conrelid = attrelid and contype = 'f' and confrelid = 'public.users'::regclass and conkey = array[attnum]
        ) as is_owner
      from pg_attribute
      join pg_type on pg_type.oid = atttypid
      where attnum > 0 and not attisdropped
    ),
    filled as (
      select
        *,
        case
          when is_generated then null
          when is_owner and not is_key then format('md5((n %% ${size.users} + 1)::text)::uuid')
          when is_uuid then 'md5(n::text)::uuid'
          when category = 'N' and refers then 'n'
          when category = 'N' then format('(n %% 100)::%s', type)
          when category = 'S' then format('(n || repeat('' word'', 20))::%s', type)
          when category = 'D' then format('(timestamptz ''2026-01-01'' + n * interval ''1 minute'')::%s', type)
          when category = 'B' then 'n % 2 = 0'
          when category = 'E' then format('(enum_range(null::%s))[1]', type)
        end as value
      from columns
    )
    select
      quote_ident(relname) as name,
      (select string_agg(name, ', ' order by attnum) from filled where attrelid = class.oid and value is not null) as columns,
      (select string_agg(value, ', ' order by attnum) from filled where attrelid = class.oid and value is not null) as values,
      concat_ws(
        '; ',
        (
          select string_agg(format('alter table %s drop constraint %I', class.oid::regclass, conname), '; ')
          from pg_constraint
          where conrelid = class.oid and contype = 'c'
        ),
        (
          select string_agg(format('alter table %s alter column %s drop not null', class.oid::regclass, name), '; ')
          from filled
          where attrelid = class.oid and value is null and is_not_null
        )
      ) as prepare
    from pg_class as class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
    order by relname
  `);
  await database.transaction(async ({ run }) => {
    await run("set local session_replication_role = replica");
    for (const { name, columns, values, prepare } of tables) {
      await run(`
        ${prepare};
        insert into public.${name} (${columns})
        overriding system value
        select ${values} from generate_series(1, ${size.rows}) as n;
      `);
    }
  });
  await database.run("vacuum (analyze)");
}
