/**
 * A value for a column that users may write is either stored as it was sent, or refused with a code. It never causes a
 * status of 500 or above, and is never changed silently.
 */
import fc from "fast-check";
import { startLocal } from "#groundwork/local";
import { afterAll, beforeAll, expect, test } from "vitest";

const backend = await startLocal();
afterAll(() => backend.close());

interface Column {
  table: string;
  column: string;
  type: string;
  /** True if the value is written by insert. Otherwise it is written by update of the user's one row. */
  isInserted: boolean;
}

// Every column that signed-in users may write, from the catalog.
const columns = await backend.database.query<Column>(`
  select
    relname as table,
    attname as column,
    format_type(atttypid, atttypmod) as type,
    has_column_privilege('authenticated', pg_class.oid, attname, 'insert') as "isInserted"
  from pg_catalog.pg_class
  join pg_catalog.pg_attribute on attrelid = pg_class.oid
  where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and attname <> 'user_id'
    and (
      has_column_privilege('authenticated', pg_class.oid, attname, 'insert')
      or has_column_privilege('authenticated', pg_class.oid, attname, 'update')
    )
  order by relname, attnum
`);

/** The other columns that a row needs. */
const rest: Record<string, Record<string, unknown>> = {
  users: {},
  user_preferences: {},
  circles: { circle_name: "c" },
  thoughts: { thought_text: "t" },
  intentions: { intention_text: "i" },
  intention_cares: {},
  stories: { story_text: "s" },
  tasks: { title: "t" },
  personas: { raw_text: "r", persona: {} },
  personal_memories: { content: "c" },
  campaigns: { name: "c", start_date: "2026-01-01T00:00:00Z" },
  content_assets: { title: "t", content: "c", content_type: "blog" },
  budget_entries: { resource_type: "ad_spend", cost: 1 },
};

let client: ReturnType<typeof backend.client>;
let userId: string;
beforeAll(async () => {
  const signedUp = await backend.signUp();
  client = signedUp.client;
  userId = signedUp.user.id;
  const { data: intention } = await client
    .from("intentions")
    .insert({ intention_text: "i" })
    .select()
    .single()
    .throwOnError();
  const { data: thought } = await client
    .from("thoughts")
    .insert({ thought_text: "t" })
    .select()
    .single()
    .throwOnError();
  const { data: other } = await client.from("thoughts").insert({ thought_text: "o" }).select().single().throwOnError();
  rest.intention_cares = { intention_id: intention.id, thought_id: thought.id };
  rest.thought_relationships = { from_thought_id: thought.id, to_thought_id: other.id };
});

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constantFrom(
    "",
    " ",
    "\t\n",
    "a\u0000b",
    "\ud800",
    "a\udc00b",
    "\u202e",
    "'; drop table users; --",
    "\\",
    '"',
    "null",
    "{}",
  ),
  fc.constantFrom(49, 50, 51, 200, 201, 255, 256, 500, 501, 1000, 1001, 100_000).map((length) => "ü".repeat(length)),
);
// PGlite's decoder removes a byte order mark from the start of what it reads. The stored value is right.
const textAsRead = text.filter((value) => !value.startsWith("\ufeff"));
const number = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    -0,
    -1,
    0.000001,
    0.0000001,
    0.1 + 0.2,
    1e12,
    999999999999.9999,
    1e30,
    -1e308,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ),
  fc.constantFrom("NaN", "Infinity", "1e400", "12abc", "", "0x", " 1 ", "9223372036854775808"),
);
const time = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    "infinity",
    "2026-02-30",
    "2026-13-01T00:00:00Z",
    "yesterday",
    "",
    "now",
    "0000-00-00",
    "999999-01-01",
    "12:00",
    "epoch",
  ),
);
const big = fc.constant(null).map(() => ({ list: Array.from({ length: 40_000 }, (_, n) => `element number ${n}`) }));
const json = fc.oneof(
  { weight: 8, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: big },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>({ a: "\u0000" }, { "\ud800": 1 }, { a: 2 ** 70 }, { a: 1e-300 }, { a: -0.1 }),
  },
);
const hours = fc.record({
  start: fc.constantFrom("09:00", "9:00"),
  end: fc.constant("17:00"),
  timezone: fc.constantFrom("UTC", "PST"),
});

const values: [RegExp, fc.Arbitrary<unknown>][] = [
  [/^(text|character varying.*)$/, textAsRead],
  [
    /^text\[\]$/,
    fc.oneof(
      fc.array(fc.oneof(textAsRead, fc.constant(null)), { maxLength: 5 }),
      fc.constantFrom<unknown>([["a"], ["b"]], [{}], 5, {}),
    ),
  ],
  [/^(bigint|integer|numeric|double precision)$/, number],
  [/^boolean$/, fc.constantFrom<unknown>(true, false, "maybe", 2, {}, [], "")],
  [/^timestamp with time zone$/, time],
  [/^jsonb$/, fc.oneof(json, hours, fc.record({ email: fc.boolean(), sms: fc.boolean(), in_app: fc.boolean() }))],
  [/^uuid$/, fc.oneof(fc.uuid(), text)],
  // Labels of any of the enums, and texts that are no label.
  [
    /_(status|type)$/,
    fc.oneof(fc.constantFrom("draft", "active", "archived", "blog", "ad_spend", "openai_api", "review"), text),
  ],
];

function valuesOf({ table, column, type }: Column): fc.Arbitrary<unknown> {
  const found = values.find(([pattern]) => pattern.test(type));
  if (!found) throw new Error(`No bad input is known for ${table}.${column} of type ${type}.`);
  return fc.oneof(
    { weight: 12, arbitrary: found[1] },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(null, {}, [], "x", 1, true) },
  );
}

/** The value after it was sent: JSON has no NaN, Infinity or -0. */
const asSent = (value: unknown): unknown => JSON.parse(JSON.stringify({ value })).value;

/** Returns true for the same value, also in the form in which its type is printed. */
function isFaithful(type: string, sent: unknown, stored: unknown): boolean {
  if (sent === null || stored === null) return sent === stored;
  if (/^(bigint|integer|numeric|double)/.test(type)) return Number(sent) === Number(stored);
  if (type.startsWith("timestamp")) {
    const words = ["infinity", "now", "yesterday", "epoch"];
    return words.includes(String(sent)) || Date.parse(String(sent)) === Date.parse(String(stored));
  }
  if (type === "boolean") return [true, "true", 1].includes(sent as never) === stored;
  if (type === "uuid") return String(sent).toLowerCase() === stored;
  if (type === "jsonb") return equalJson(sent, stored);
  if (type === "text[]") return equalJson(asTexts(sent), stored);
  return asText(sent) === stored;
}

/** A number, a boolean or an object that is sent for a text becomes its JSON. */
const asTexts = (sent: unknown): unknown =>
  Array.isArray(sent) ? sent.map(asTexts) : sent === null ? null : asText(sent);
const asText = (sent: unknown) => (typeof sent === "string" ? sent : JSON.stringify(sent));

function equalJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return a === b;
  const [keysOfA, keysOfB] = [Object.keys(a).toSorted(), Object.keys(b).toSorted()];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keysOfA.length === keysOfB.length &&
    keysOfA.every((key, index) => key === keysOfB[index] && equalJson(a[key as never], b[key as never]))
  );
}

async function write({ table, column, isInserted }: Column, value: unknown) {
  const rows = client.from(table as "thoughts");
  if (!isInserted) {
    const own =
      table === "users"
        ? client
            .from("users")
            .update({ [column]: value } as never)
            .eq("id", userId)
        : undefined;
    // An update needs an existing row, which `rest` makes.
    if (own) return own.select(column as "id").single();
    const { data } = await rows
      .insert(rest[table] as never)
      .select("id")
      .single()
      .throwOnError();
    return rows
      .update({ [column]: value } as never)
      .eq("id", data.id)
      .select(column as "id")
      .single();
  }
  const answer = await rows
    .insert({ ...rest[table], [column]: value } as never)
    .select(`id, ${column}`)
    .single();
  // The row is deleted, because a second one with the same key would be refused for the key alone.
  const { id } = (answer.data ?? {}) as { id?: number };
  if (id !== undefined)
    await client
      .from(table as "thoughts")
      .delete()
      .eq("id", id);
  return answer;
}

test("every table that users may write is tested", () => {
  expect(columns.length).toBeGreaterThan(25);
  expect([...new Set(columns.map(({ table }) => table))].filter((table) => !(table in rest))).toEqual([]);
});

test.for(columns.map((column) => [`${column.table}.${column.column}`, column] as const))(
  "%s stores a value unchanged, or refuses it with a code",
  async ([, column]) => {
    await fc.assert(
      fc.asyncProperty(valuesOf(column), async (value) => {
        const { data, error, status } = await write(column, value);
        if (error) {
          expect(status).toBeGreaterThanOrEqual(400);
          if (status >= 500) throw new Error(`${status} ${JSON.stringify(error)}`);
          expect(error.code).toMatch(/^(\d\d[0-9A-Z]{3}|PGRST\d{3}|GW\d{3})$/);
          return;
        }
        const sent = asSent(value);
        const stored = (data as Record<string, unknown>)[column.column];
        if (!isFaithful(column.type, sent, stored)) {
          throw new Error(
            `sent ${JSON.stringify(sent)?.slice(0, 200)}, stored ${JSON.stringify(stored)?.slice(0, 200)}`,
          );
        }
      }),
      { numRuns: 40 },
    );
  },
);

test("an end before the start and negative budgets are refused", async () => {
  const plan = (given: object) =>
    client.from("campaigns").insert({ name: "c", start_date: "2026-02-01T00:00:00Z", ...given });

  expect((await plan({ end_date: "2026-01-01T00:00:00Z" })).error).toMatchObject({ code: "23514" });
  expect((await plan({ budget: -0.000001 })).error).toMatchObject({ code: "23514" });
  expect((await plan({ budget: 0.0000001 })).error).toMatchObject({ code: "23514" });
  expect((await plan({ end_date: "2026-02-01T00:00:00Z", budget: 0.000001 })).error).toBeNull();
});
