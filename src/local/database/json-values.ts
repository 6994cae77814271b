import { types } from "@electric-sql/pglite";
import { parse as parseArray } from "postgres-array";
import type { Statements } from "./local-database.ts";
import { databaseError } from "./postgrest-error.ts";

/**
 * How Postgres values become JSON. With PostgREST, Postgres itself prints the JSON. @supabase/lite prints it in
 * JavaScript, from what the driver has parsed. With these parsers the result is the same: ISO 8601 timestamps, and
 * numbers with all their digits.
 *
 * `JSON.rawJSON` (Node 22 and later) keeps digits that a JavaScript number would round.
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
  text: 25,
  json: 114,
  float4: 700,
  float8: 701,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  timetz: 1266,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const;

const asText = (text: string) => text;

/** `1.50` becomes the number 1.5. `12345678901234567890` keeps all its digits. JSON has no `NaN`, so it stays text. */
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
  // Only a number with many digits can lose some. All other texts are parsed by the faster JSON.parse.
  if (!/\d{16}|\.\d{12}|\d[eE]/.test(text)) return JSON.parse(text);
  return JSON.parse(text, function (this: unknown, _key: string, value: unknown, context?: { source?: string }) {
    return typeof value === "number" && context?.source !== undefined ? number(context.source) : value;
  });
}

/** Parsers by type oid, for PGlite's option `parsers`. */
export const valueParsers: Record<number, (text: string) => unknown> = {
  [oid.bool]: (text) => text === "t",
  [oid.bytea]: asText,
  [oid.int2]: Number,
  [oid.int4]: Number,
  [oid.text]: asText,
  [oid.bpchar]: asText,
  [oid.varchar]: asText,
  [oid.uuid]: asText,
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
 * Returns the text that Postgres will parse. PostgREST sends JSON to Postgres, so a text column accepts a number or an
 * object in its JSON form. The drivers' own serializers throw errors without a code for values of another type.
 */
function asPostgresText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Serializers by type oid, for PGlite's option `serializers`. */
export const valueSerializers: Record<number, (value: unknown) => string> = Object.fromEntries(
  Object.keys(valueParsers).map((type) => [type, asPostgresText]),
);

/** The parsers and serializers of a driver, by type oid. */
interface Codecs {
  parsers: Record<number, (text: string) => unknown>;
  serializers: Record<number, (value: unknown) => unknown>;
}

/**
 * Adds a parser and a serializer for every array type that the database has now. This includes arrays of the project's
 * own enums, but not arrays of rows of the catalogs. Drivers read the array types only when they connect. In addition,
 * PGlite writes a null in an array as the text "NULL", and a value that is not an array breaks its protocol.
 */
export async function addArrayTypes({ parsers, serializers }: Codecs, { query }: Statements): Promise<void> {
  const arrays = await query<{ array: number; element: number }>(
    `select lists.oid::integer as array, elements.oid::integer as element
    from pg_catalog.pg_type as lists
    join pg_catalog.pg_type as elements on elements.oid = lists.typelem
    where lists.typcategory = 'A'
      and (elements.typtype <> 'c' or elements.typnamespace::regnamespace::text not in ('pg_catalog', 'information_schema'))`,
  );
  for (const { array, element } of arrays) {
    parsers[array] = (text) => parseArray(text, valueParsers[element] ?? asText);
    serializers[array] = (value) => {
      if (Array.isArray(value)) return types.arraySerializer(value, asPostgresText, array);
      // For an object, the driver would write "{}", which is an empty array in Postgres.
      if (typeof value === "object") throw databaseError("22P02", "expected JSON array");
      return asPostgresText(value);
    };
  }
}
