import type { Domain } from "./read-domains.ts";
import type { ApiFunction, Column, Constraint, Enum, ForeignKey, Grant, Schema, Table } from "./read-schema.ts";

/** Makes the page docs/reference/schema.md. */
export function schemaPage(migrated: Domain[], schema: Schema): string {
  const domains = [...migrated, ...withoutDomain(migrated, schema)];
  return [
    `# Schema

Generated from the catalog of a migrated database by \`npm run db:types\`. Each migration is a
domain. Columns and indexes that a later migration adds are listed with their table. The API serves \`public\` only.`,
    overview(domains, schema),
    ...domains.map((domain) => domainSection(domain, schema)),
  ].join("\n\n");
}

/** Returns a part for objects that were renamed, or were not made by a statement of their own. */
function withoutDomain(domains: Domain[], schema: Schema): Domain[] {
  const known = new Set(domains.flatMap(({ tables, enums, functions }) => [...tables, ...enums, ...functions]));
  const rest = (items: { name: string }[]) =>
    [...new Set(items.map(({ name }) => name))].filter((name) => !known.has(name));
  const [tables, enums, functions] = [rest(schema.tables), rest(schema.enums), rest(schema.functions)];
  if (tables.length + enums.length + functions.length === 0) return [];
  return [{ title: "Others", summary: "objects that no migration makes by this name.", tables, enums, functions }];
}

function overview(domains: Domain[], { tables, outsideTriggers }: Schema): string {
  const rows = domains.flatMap((domain) =>
    domain.tables.flatMap((name) =>
      tables.filter((table) => table.name === name).map((table) => [domain.title, link(table), prose(table.comment)]),
    ),
  );
  return `## Overview

${diagram(tables)}

${markdownTable(["domain", "table", "what it holds"], rows)}

${outsideTriggers.map((trigger) => triggerItem({ ...trigger, name: `${trigger.table}: ${trigger.name}` })).join("\n")}`;
}

/** Makes the diagram. The label of a foreign key leaves out the owner's column. */
function diagram(tables: Table[]): string {
  const relations = tables
    .filter(({ name }) => name.startsWith("public."))
    .flatMap((table) =>
      table.foreignKeys.map((key) => {
        const cardinality = `${key.isOptional ? "|o" : "||"}--${key.isUnique ? "o|" : "o{"}`;
        return `  ${entity(key.parent)} ${cardinality} ${entity(table.name)} : ${key.columns.at(-1)}`;
      }),
    );
  return ["```mermaid", "erDiagram", ...relations, "```"].join("\n");
}

function entity(name: string): string {
  return name.startsWith("public.") ? shortName(name) : `"${name}"`;
}

function domainSection(domain: Domain, schema: Schema): string {
  const found = <Item extends { name: string }>(items: Item[], names: string[]) =>
    names.flatMap((name) => items.filter((item) => item.name === name));
  const sections = [
    ...found(schema.enums, domain.enums).map(enumSection),
    ...found(schema.tables, domain.tables).map(tableSection),
    ...found(schema.functions, domain.functions).map(functionSection),
  ];
  const source = domain.file && `Migration: [${domain.file}](../../supabase/migrations/${domain.file}).`;
  return [`## ${domain.title}`, capitalised(domain.summary), source, ...sections].filter(Boolean).join("\n\n");
}

function tableSection(table: Table): string {
  const { columns, constraints, foreignKeys, indexes, policies, grants, triggers } = table;
  return [
    `### Table ${code(shortName(table.name))}`,
    prose(table.comment),
    markdownTable(["column", "type", "null", "default", "what it is"], columns.map(columnRow)),
    titled("Keys and checks", constraints.length > 0 && constraints.map(constraintItem).join("\n")),
    titled(
      "Foreign keys",
      foreignKeys.length > 0 && markdownTable(["columns", "refer to", "on delete"], foreignKeys.map(foreignKeyRow)),
    ),
    titled(
      "Further indexes",
      indexes.length > 0 && indexes.map(({ name, definition }) => `- ${code(name)}: ${code(definition)}`).join("\n"),
    ),
    titled("Row-level security", policyTable(table, policies)),
    titled(
      "Grants",
      grants.length > 0
        ? markdownTable(["role", "select", "insert", "update", "delete"], grants.map(grantRow))
        : "No role of the API may do anything.",
    ),
    titled("Triggers", triggers.length > 0 && triggers.map(triggerItem).join("\n")),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function columnRow({ name, type, isNullable, value, comment }: Column): string[] {
  return [code(name), code(type), isNullable ? "yes" : "no", value === null ? "" : code(value), prose(comment)];
}

function constraintItem({ name, kind, definition }: Constraint): string {
  return `- ${kind} ${code(definition)}${kind === "check" ? `, ${code(name)}` : ""}`;
}

function foreignKeyRow({ columns, parent, parentColumns, onDelete }: ForeignKey): string[] {
  return [
    code(columns.join(", ")),
    `${code(parent.replace("public.", ""))} (${code(parentColumns.join(", "))})`,
    onDelete,
  ];
}

function triggerItem({ name, event }: Table["triggers"][number]): string {
  return `- ${code(name)}, ${event}`;
}

function policyTable({ hasRowSecurity }: Table, policies: Table["policies"]): string {
  if (!hasRowSecurity) return "None: a role with a grant may use the command on every row.";
  if (policies.length === 0) return "No policy: only roles to which row-level security does not apply can use it.";
  return markdownTable(
    ["policy", "command", "role"],
    policies.map(({ name, command, roles }) => [name, command, roles.map(code).join(", ")]),
  );
}

function grantRow({ role, select, insert, update, delete: mayDelete }: Grant): string[] {
  const columns = (granted: boolean | string[]) => {
    if (granted === false) return "-";
    return granted === true ? "all" : granted.map(code).join(", ");
  };
  return [code(role), columns(select), columns(insert), columns(update), mayDelete ? "yes" : "-"];
}

function enumSection({ name, comment, values }: Enum): string {
  return [`### Type ${code(shortName(name))}`, prose(comment), `Values: ${values.map(code).join(", ")}.`]
    .filter(Boolean)
    .join("\n\n");
}

function functionSection({ name, arguments: parameters, returns, comment, roles }: ApiFunction): string {
  const callers =
    roles.length > 0 ? `Executed by ${roles.map(code).join(", ")}.` : "No role of the API may execute it.";
  return [
    `### Function ${code(`${shortName(name)}()`)}`,
    prose(comment),
    `${code(`${shortName(name)}(${parameters}) returns ${returns}`)}. ${callers}`,
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** Returns the content with a title, or nothing if there is no content. */
function titled(title: string, content: string | false): string {
  return content ? `**${title}**\n\n${content}` : "";
}

function markdownTable(head: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/\s+/g, " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function link({ name }: Table): string {
  return `[${shortName(name)}](#table-${shortName(name).replaceAll(".", "")})`;
}

/** Leaves out the schema `public`: `thoughts`, `groundwork.error_codes`. */
function shortName(name: string): string {
  return name.replace(/^public\./, "");
}

function code(text: string): string {
  const short = text.replaceAll("timestamp with time zone", "timestamptz").replaceAll("character varying", "varchar");
  return `\`${short.replace(/\s+/g, " ")}\``;
}

/** Escapes a comment, so that no part of it is read as markup. */
function prose(comment: string | null): string {
  return (comment ?? "").replace(/[*<`[\]]/g, "\\$&");
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
