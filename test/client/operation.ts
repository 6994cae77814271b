import { readdir } from "node:fs/promises";
import type { Client, Groundwork } from "#groundwork";

/** A call of one method, on rows that were made for it and belong to the user. */
export interface Operation {
  /** `<domain>.<method>`, and what is special about this call. */
  name: string;
  /** A write is not sent twice, unless it has an idempotency key. */
  kind: "read" | "write" | "repeatable write";
  /** The table whose number of rows changes. */
  table?: string;
  /** The change of this number. Default 0. */
  adds?: 1 | -1;
  /**
   * Operations with the same turn run one after the other, because the test could not tell their effects apart.
   * Default: the table.
   */
  turn?: string;
  run(gw: Groundwork): Promise<unknown>;
}

/**
 * Makes rows of one user, and an operation for each method of one domain. Each file in test/client/operations exports
 * one.
 */
export type MakeOperations = (gw: Groundwork, admin: Client) => Promise<Operation[]>;

export const read = (name: string, run: Operation["run"]): Operation => ({ name, kind: "read", run });

/** @param table the table to which it adds a row */
export const write = (name: string, run: Operation["run"], table?: string): Operation => ({
  name,
  kind: "write",
  run,
  ...(table && { table, adds: 1 as const }),
});

interface CrudOptions {
  domain:
    "thoughts" | "circles" | "intentions" | "stories" | "memories" | "personas" | "tasks" | "campaigns" | "content";
  table: string;
  /** The id of a row that is read and changed. */
  id: number | string;
  /** The values of new rows and of changes. */
  values: object;
  /** Makes a row that is then removed. */
  make: () => Promise<{ id: number | string }>;
}

/** Makes the operations on the repository of a table, for those methods that its domain has. */
export async function crud(gw: Groundwork, { domain, table, id, values, make }: CrudOptions): Promise<Operation[]> {
  const gone = await make();
  const of = (user: Groundwork) => user[domain] as never as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const operations: Operation[] = [
    read(`${domain}.get`, (user) => of(user).get!(id)),
    read(`${domain}.list`, (user) => of(user).list!({ limit: 3 })),
    read(`${domain}.count`, (user) => of(user).count!()),
    read(`${domain}.all`, (user) => Array.fromAsync(user[domain].all() as AsyncIterable<unknown>)),
    write(`${domain}.create`, (user) => of(user).create!(values), table),
    write(`${domain}.createMany`, (user) => of(user).createMany!([values]), table),
    write(`${domain}.update`, (user) => of(user).update!(id, values)),
    { ...write(`${domain}.remove`, (user) => of(user).remove!(gone.id), table), adds: -1 },
  ];
  return operations.filter(({ name }) => Object.keys(gw[domain]).includes(name.split(".")[1]!));
}

/** Makes the operations of all domains, on rows of this user. */
export async function makeOperations(gw: Groundwork, admin: Client): Promise<Operation[]> {
  const folder = new URL("operations/", import.meta.url);
  const operations: Operation[] = [];
  for (const file of (await readdir(folder)).toSorted()) {
    const { default: make } = (await import(new URL(file, folder).href)) as { default: MakeOperations };
    operations.push(...(await make(gw, admin)));
  }
  return operations;
}
