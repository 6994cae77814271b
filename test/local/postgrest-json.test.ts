/**
 * supabase-js must receive the same JSON from the embedded stack as from Supabase. With PostgREST, Postgres prints the
 * JSON (https://docs.postgrest.org/en/v14/references/api/resource_representation.html), so these tests compare with the
 * output of Postgres.
 */
import { startLocal } from "#groundwork/local";
import { afterAll, describe, expect, test } from "vitest";

const backend = await startLocal();
afterAll(() => backend.close());

await backend.database.run(`
  create type public.mood as enum ('calm', 'glad');
  create table public.every_type (
    id bigint generated always as identity primary key,
    parent_id bigint references public.every_type (id),
    bool boolean,
    small smallint,
    int integer,
    big bigint,
    real real,
    double double precision,
    money numeric(18, 6),
    num numeric,
    txt text,
    varchar varchar(50),
    uuid uuid,
    date date,
    time time,
    ts timestamp,
    tz timestamptz,
    span interval,
    bytes bytea,
    json json,
    jsonb jsonb,
    texts text[],
    bigs bigint[],
    nums numeric[],
    zones timestamptz[],
    uuids uuid[],
    moods public.mood[],
    mood public.mood,
    vec extensions.vector(3)
  );
  alter table public.every_type enable row level security;
  grant select on public.every_type to service_role;
  create function public.every_row() returns setof public.every_type language sql stable as 'select * from public.every_type';
  create function public.one_row() returns public.every_type language sql stable
    as 'select * from public.every_type order by id limit 1';
  create function public.big_scalar() returns bigint language sql stable as 'select 9007199254740993';
  create function public.zoned_scalar() returns timestamptz language sql stable as $$ select '2026-11-20 10:21:13.293+00'::timestamptz $$;
  create function public.json_scalar() returns jsonb language sql stable as $$ select '{"price": 12345678901234567890.5}'::jsonb $$;
  create function public.two_columns(out a numeric, out b timestamptz) language sql stable
    as $$ select 1.50, '2026-11-20 10:21:13.293+00'::timestamptz $$;
  grant execute on function public.every_row, public.one_row, public.big_scalar, public.zoned_scalar, public.json_scalar,
    public.two_columns to service_role;

  insert into public.every_type (bool, small, int, big, real, double, money, num, txt, varchar, uuid, date, time, ts, tz, span,
    bytes, json, jsonb, texts, bigs, nums, zones, uuids, moods, mood, vec)
  values
    (true, -1, 2147483647, 42, 0.5, 1e-7, 1234.5, 0.1, E'quote " backslash \\\\ newline \\n ü 🎄', 'v',
      'ada00000-0000-4000-8000-000000000001', '2026-11-20', '10:21:13.5', '2026-11-20 10:21:13.293', '2026-11-20 10:21:13.293+00',
      '1 day 02:03:04', '\\xdeadbeef', '{"b": 1, "a": [1, 2.50]}', '{"b": 1, "a": [1, 2.50]}', array['a', 'b,"c', null, ''],
      array[1, 2], array[1.5, 2], array['2026-11-20 10:21:13.293+00'::timestamptz],
      array['ada00000-0000-4000-8000-000000000001'::uuid], array['calm', 'glad']::public.mood[], 'glad', '[1,2.5,-3]'),
    (false, 0, 0, 9007199254740993, 'NaN', 'Infinity', 123456789012.123456, 12345678901234567890.123456789, '', '', null,
      'infinity', '24:00', '0044-03-15 BC', 'infinity', null, '\\x', 'null', '[12345678901234567890, 1e400]', '{}', array[9007199254740993],
      array['NaN'::numeric, 12345678901234567890.5], array['infinity'::timestamptz], '{}', '{}', 'calm', null);
  update public.every_type set parent_id = 1 where id = 2;
`);

/** Returns the text of an answer, because supabase-js rounds long numbers. */
async function get(path: string): Promise<string> {
  const response = await fetch(`${backend.url}/rest/v1/${path}`, { headers: { apikey: backend.secretKey } });
  expect(response.status).toBe(200);
  return response.text();
}

async function printedByPostgres(query: string): Promise<string> {
  const [row] = await backend.database.query<{ printed: string }>(`select (${query})::text as printed`);
  return row!.printed;
}

/** Parses JSON so that every number is a text of its digits, without zeros that have no meaning. */
function exactly(json: string): unknown {
  return JSON.parse(json, (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? `number ${context!.source!.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "")}` : value,
  );
}

describe("the API answers what Postgres prints", () => {
  test("for one column of every type", async () => {
    const expected = await printedByPostgres("select json_agg(t order by id) from public.every_type as t");

    expect(exactly(await get("every_type?order=id"))).toEqual(exactly(expected));
  });

  test("for rows nested in rows, both ways", async () => {
    const children = await printedByPostgres(`
      select json_build_array(json_build_object('id', 1, 'children', (
        select json_agg(child) from public.every_type as child where parent_id = 1)))`);
    const parents = await printedByPostgres(`
      select json_build_array(json_build_object('id', 2, 'parent', (
        select row_to_json(parent) from public.every_type as parent where id = 1)))`);

    expect(exactly(await get("every_type?select=id,children:every_type!parent_id(*)&id=eq.1"))).toEqual(
      exactly(children),
    );
    expect(exactly(await get("every_type?select=id,parent:parent_id(*)&id=eq.2"))).toEqual(exactly(parents));
  });

  test.for([
    ["rows", "every_row?order=id", "select json_agg(t order by id) from public.every_row() as t"],
    ["one row", "one_row", "select row_to_json(t) from public.one_row() as t"],
    ["a bigint", "big_scalar", "select to_json(public.big_scalar())"],
    ["a time", "zoned_scalar", "select to_json(public.zoned_scalar())"],
    ["json", "json_scalar", "select to_json(public.json_scalar())"],
    ["two columns", "two_columns", "select row_to_json(t) from public.two_columns() as t"],
  ] as const)("for a function that returns %s", async ([, path, query]) => {
    expect(exactly(await get(`rpc/${path}`))).toEqual(exactly(await printedByPostgres(query)));
  });

  test("exactly, in the values that users of supabase-js see", async () => {
    const columns = "big,money,tz,date,jsonb,texts,vec,mood,uuid,span,bytes";

    expect(JSON.parse(await get(`every_type?select=${columns}&id=eq.1`))).toEqual([
      {
        big: 42,
        money: 1234.5,
        tz: "2026-11-20T10:21:13.293+00:00",
        date: "2026-11-20",
        jsonb: { a: [1, 2.5], b: 1 },
        texts: ["a", 'b,"c', null, ""],
        vec: "[1,2.5,-3]",
        mood: "glad",
        uuid: "ada00000-0000-4000-8000-000000000001",
        span: "1 day 02:03:04",
        bytes: "\\xdeadbeef",
      },
    ]);
    expect(await get("every_type?select=big,num&id=eq.2")).toBe(
      '[{"big":9007199254740993,"num":12345678901234567890.123456789}]',
    );
  });
});

describe("errors have PostgREST's status, code, message, details and hint", () => {
  test.for([
    ["a check that fails", "insert into public.users (clerk_user_id, name) values ('x', 'y')", 400, "23514"],
    ["raise exception", "do $$ begin raise 'plain' using hint = 'try', detail = 'why'; end $$", 400, "P0001"],
    [
      "too many rows",
      "do $$ declare x int; begin select 1 into strict x from generate_series(1, 2); end $$",
      500,
      "P0003",
    ],
    ["a serialization failure", "do $$ begin raise sqlstate '40001'; end $$", 500, "40001"],
    ["a resource that is full", "do $$ begin raise sqlstate '53100'; end $$", 503, "53100"],
    ["a status of its own", "do $$ begin raise sqlstate 'PT402' using message = 'pay'; end $$", 402, "PT402"],
  ] as const)("%s", async ([, statement, status, code]) => {
    await backend.database.run(`
      create or replace function public.fail() returns void language plpgsql as
      $function$ begin execute ${quote(statement)}; end $function$;
      grant execute on function public.fail to service_role;
    `);

    const response = await fetch(`${backend.url}/rest/v1/rpc/fail`, {
      method: "POST",
      headers: { apikey: backend.secretKey },
    });

    expect(response.status).toBe(status);
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toMatchObject({ code, message: expect.any(String) });
    expect(Object.keys(body).toSorted()).toEqual(["code", "details", "hint", "message"]);
    if (code === "P0001") expect(body).toEqual({ code, message: "plain", details: "why", hint: "try" });
  });
});

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
