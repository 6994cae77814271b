import { parse as parseArray } from "postgres-array";
import type { Statements } from "./database.ts";

/**
 * How Postgres values become JSON. PostgREST lets Postgres print the JSON; @supabase/lite prints it in JavaScript from
 * what the driver parsed. These parsers make both the same: ISO 8601 timestamps, numbers as numbers with every digit.
 *
 * `JSON.rawJSON` (Node 22 and later) carries digits that a JavaScript number would round.
 */
declare global {
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

const oid = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  json: 114,
  float4: 700,
  float8: 701,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  timetz: 1266,
  numeric: 1700,
  jsonb: 3802,
} as const;

const asText = (text: string) => text;

/** `1.50` is the number 1.5; `12345678901234567890` keeps all its digits; `NaN` has no JSON number and stays text. */
function number(text: string): unknown {
  const value = Number(text);
  const isWord = /^-?[A-Z]/i.test(text);
  if (isWord) return text;
  return isExact(text, value) ? value : JSON.rawJSON(text);
}

function isExact(text: string, value: number): boolean {
  if (Number.isInteger(value)) return Number.isSafeInteger(value) && !text.includes("e");
  const trimmed = text.includes(".") ? text.replace(/0+$/, "") : text;
  return String(value) === trimmed;
}

/** `2026-11-20 10:21:13.293+00` → `2026-11-20T10:21:13.293+00:00`; `infinity` stays as it is. */
function timestamp(text: string): string {
  return text.replace(
    /^(\S+) ([\d:.]+)([+-]\d\d)?/,
    (_, date, time, hours) => `${date}T${time}${hours ? `${hours}:00` : ""}`,
  );
}

function json(text: string): unknown {
  // Only a number of many digits can lose some; everything else takes the fast path.
  if (!/\d{16}|\.\d{12}|\d[eE]/.test(text)) return JSON.parse(text);
  return JSON.parse(text, function (this: unknown, _key: string, value: unknown, context?: { source?: string }) {
    return typeof value === "number" && context?.source !== undefined ? number(context.source) : value;
  });
}

/** Parsers by type oid, in the form of PGlite's `parsers` option. */
export const valueParsers: Record<number, (text: string) => unknown> = {
  [oid.bool]: (text) => text === "t",
  [oid.bytea]: asText,
  [oid.int2]: Number,
  [oid.int4]: Number,
  [oid.int8]: number,
  [oid.float4]: number,
  [oid.float8]: number,
  [oid.numeric]: number,
  [oid.date]: asText,
  [oid.time]: asText,
  [oid.timetz]: asText,
  [oid.timestamp]: timestamp,
  [oid.timestamptz]: timestamp,
  [oid.json]: json,
  [oid.jsonb]: json,
};

/**
 * Adds a parser for every array type that the database has now, those of the project's own enums included. Drivers learn
 * array types only when they connect, and PGlite takes a null in an array for the text "NULL".
 */
export async function addArrayParsers(
  parsers: Record<number, (text: string) => unknown>,
  { query }: Statements,
): Promise<void> {
  const types = await query<{ array: number; element: number }>(
    "select oid::integer as array, typelem::integer as element from pg_catalog.pg_type where typcategory = 'A'",
  );
  for (const { array, element } of types) {
    parsers[array] = (text) => parseArray(text, valueParsers[element] ?? asText);
  }
}
