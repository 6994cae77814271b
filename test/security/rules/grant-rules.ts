import type { Statements } from "#groundwork/local";
import { adoptersObjects, tables } from "../tables.ts";
import { type Rule, ours, sqlRule } from "./rule.ts";

/** The tables and views that visitors may use. */
const visitorTables: readonly string[] = [];

const privileges = "select, insert, update, delete, truncate, references, trigger";

const mayTouch = (role: string) => `
  case relkind
    when 'S' then has_sequence_privilege('${role}', oid, 'usage, select, update')
    else has_table_privilege('${role}', oid, '${privileges}')
      or has_any_column_privilege('${role}', oid, 'select, insert, update, references')
  end
`;

export const grantRules: Rule[] = [
  sqlRule("visitors may touch no table, view or sequence but those of the allow-list", {
    plant: "create table groundwork.planted (id bigint); grant insert (id) on groundwork.planted to anon",
    offenders: `
      select name from (${ours}) as ours
      where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and ${mayTouch("anon")}
        and name <> all (array[${visitorTables.map((name) => `'${name}'`).join()}]::text[])`,
  }),
  sqlRule("clients may touch no sequence, and nothing in the schema groundwork", {
    plant: "create sequence public.planted; grant usage on sequence public.planted to authenticated",
    offenders: `
      select name from (${ours}) as ours
      where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and (nspname = 'groundwork' or relkind = 'S')
        and ${mayTouch("authenticated")}`,
  }),
  sqlRule("nobody may change whose a row is, or its id", {
    plant:
      "create table public.planted (id bigint, user_id uuid); grant update (user_id) on public.planted to authenticated",
    offenders: `
      select format('%s.%s', name, attname)
      from (${ours}) as ours
      join pg_attribute on attrelid = ours.oid and attname in ('id', 'user_id') and not attisdropped
      where relkind in ('r', 'p', 'v') and has_column_privilege('authenticated', ours.oid, attname, 'update')`,
  }),
  {
    name: "what is granted to users is what test/security/tables says, to the column",
    plant: "create table public.planted (id bigint); grant delete on public.planted to authenticated",
    find: findUnlistedGrants,
  },
];

interface Granted {
  name: string;
  kind: string;
  select: string[];
  insert: string[];
  update: string[];
  delete: boolean;
  others: boolean;
  columns: string[];
}

async function findUnlistedGrants({ query }: Statements): Promise<string[]> {
  const columnsWith = (privilege: string) => `array(
    select attname::text from pg_attribute
    where attrelid = ours.oid and attnum > 0 and not attisdropped
      ${privilege && `and has_column_privilege('authenticated', ours.oid, attname, '${privilege}')`}
    order by attname
  )`;
  const relations = await query<Granted>(`
    select
      relname as name,
      relkind::text as kind,
      ${columnsWith("select")} as select,
      ${columnsWith("insert")} as insert,
      ${columnsWith("update")} as update,
      has_table_privilege('authenticated', oid, 'delete') as delete,
      has_table_privilege('authenticated', oid, 'truncate, references, trigger') as others,
      ${columnsWith("")} as columns
    from (${ours}) as ours
    where nspname = 'public' and relkind in ('r', 'p', 'v', 'm', 'f')
    order by relname`);
  return relations.flatMap(compare);
}

function compare({ name, kind, columns, ...granted }: Granted): string[] {
  // A view can only be read.
  const allowed = tables.get(name)?.rights ?? (kind === "v" ? { select: true as const } : undefined);
  if (!allowed) return adoptersObjects.has(`public.${name}`) ? [] : [`${name} has no file in test/security/tables`];
  const offences = [
    ...compareColumns("select", granted.select, columns),
    ...compareColumns("insert", granted.insert, allowed.insert ?? []),
    ...compareColumns("update", granted.update, allowed.update ?? []),
  ];
  if (granted.delete !== Boolean(allowed.delete)) offences.push(`delete is ${granted.delete ? "" : "not "}granted`);
  if (granted.others) offences.push("more is granted than the API needs");
  return offences.map((offence) => `${name}: ${offence}`);
}

function compareColumns(command: string, granted: readonly string[], allowed: readonly string[]): string[] {
  const offence = (columns: readonly string[], what: string) =>
    columns.length > 0 ? [`${command} of ${columns.join(", ")} ${what}`] : [];
  return [
    ...offence(
      granted.filter((column) => !allowed.includes(column)),
      "is granted, but no right of the owner",
    ),
    ...offence(
      allowed.filter((column) => !granted.includes(column)),
      "is a right of the owner, but not granted",
    ),
  ];
}
