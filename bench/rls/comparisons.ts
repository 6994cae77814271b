import type { Client } from "./open-client.ts";
import { requestSettings, setRequest, time, timeInRequest } from "./time-in-request.ts";

/** Runs one query as this user, and returns its milliseconds. */
type Side = (user: string) => Promise<number>;

export interface Comparison {
  name: string;
  baseline: Side;
  measured: Side;
  /**
   * The highest ratio that meets the target. It is absent for ratios that are only reported. `stretch` is a better
   * ratio.
   */
  target?: number;
  stretch?: number;
}

/** A query as an app writes it with row-level security, and the same query with an explicit `where`. */
interface Query {
  name: string;
  own: string;
  where: string;
}

const joined = `
  select thoughts.id, thoughts.thought_text, circles.circle_name
  from public.thoughts
  join public.circles on circles.user_id = thoughts.user_id and circles.id = thoughts.circle_id
`;
const latest: Query = {
  name: "latest 50 of mine",
  own: "select id, thought_text, circle_id, created_at from public.thoughts order by created_at desc limit 50",
  where:
    "select id, thought_text, circle_id, created_at from public.thoughts where user_id = $1 order by created_at desc limit 50",
};
const queries: Query[] = [
  latest,
  {
    name: "count mine",
    own: "select count(*) from public.thoughts",
    where: "select count(*) from public.thoughts where user_id = $1",
  },
  { name: "mine joined to circles", own: joined, where: `${joined} where thoughts.user_id = $1` },
];

export function makeComparisons(databases: {
  all: Client;
  few: Client;
  allName: string;
  fewName: string;
}): Comparison[] {
  const { all, few, allName, fewName } = databases;
  return [
    ...queries.flatMap((query) => throughRls(all, query)),
    ...envelope(all, "select 1", { name: "select 1", own: "select 1", where: "select 1" }),
    ...envelope(all, latest.name, latest),
    {
      name: `${latest.name}: in ${allName} thoughts / in ${fewName}`,
      baseline: secondTime(asMember(few, () => few.simple(latest.own))),
      measured: secondTime(asMember(all, () => all.simple(latest.own))),
      target: 1.5,
    },
    {
      name: `${latest.name}, prepared: in ${allName} thoughts / in ${fewName}`,
      baseline: secondTime(asMember(few, () => few.prepared(latest.own))),
      measured: secondTime(asMember(all, () => all.prepared(latest.own))),
      target: 1.5,
    },
  ];
}

/** @throws when a query with row-level security returns no rows, or other rows than the query with the `where` */
export async function refuseOtherAnswers(client: Client, users: string[]): Promise<void> {
  for (const { name, own, where } of queries) {
    for (const user of users) {
      const answers: string[] = [];
      const keep = async (rows: Promise<unknown>) => {
        answers.push(((await rows) as unknown[]).map(String).toSorted().join("\n"));
      };
      await asMember(client, () => keep(client.prepared(own)))(user);
      await asOwner(client, () => keep(client.prepared(where, [user])))(user);
      if (answers[0] === "" || answers[0] !== answers[1]) {
        throw new Error(`${name}: row-level security and the where give different rows for ${user}.`);
      }
    }
  }
}

/** Runs both sides in transactions whose settings differ only in the role. Only the query is timed. */
function throughRls(client: Client, { name, own, where }: Query): Comparison[] {
  const targets = { target: 1.25, stretch: 1.1 };
  return [
    {
      name: `${name}: through RLS / where`,
      baseline: asOwner(client, (user) => client.simple(withLiteral(where, user))),
      measured: asMember(client, () => client.simple(own)),
      ...targets,
    },
    {
      name: `${name}, prepared: through RLS / where`,
      baseline: asOwner(client, (user) => client.prepared(where, [user])),
      measured: asMember(client, () => client.prepared(own)),
      ...targets,
    },
  ];
}

/** Compares a whole request with the query alone, which the owner runs outside of a transaction. */
function envelope(client: Client, name: string, { own, where }: Query): Comparison[] {
  return [
    {
      name: `request of 4 messages / bare query, prepared: ${name}`,
      baseline: (user) => time(() => client.prepared(where, where.includes("$1") ? [user] : [])),
      measured: (user) => {
        const { role, claims } = requestSettings(user);
        return time(async () => {
          await client.simple("begin");
          await client.prepared(setRequest, [role, claims]);
          await client.prepared(own);
          await client.simple("commit");
        });
      },
    },
    {
      name: `request in one message / bare query: ${name}`,
      baseline: (user) => {
        const sql = withLiteral(where, user);
        return time(() => client.simple(sql));
      },
      measured: (user) => {
        const { role, claims } = requestSettings(user);
        const settings = setRequest.replace("$1", `'${role}'`).replace("$2", `'${claims}'`);
        const sql = `begin; ${settings}; ${own}; commit`;
        return time(() => client.simple(sql));
      },
    },
  ];
}

function asMember(client: Client, query: (user: string) => Promise<unknown>): Side {
  return (user) => timeInRequest(client, requestSettings(user), () => query(user));
}

/** Row-level security does not apply to the owner of the tables. The role `none` is the role that connected. */
function asOwner(client: Client, query: (user: string) => Promise<unknown>): Side {
  return (user) => timeInRequest(client, { ...requestSettings(user), role: "none" }, () => query(user));
}

/**
 * Runs a side twice and returns the second time. Two connections are two server processes, and the one that was used
 * last would be faster.
 */
function secondTime(side: Side): Side {
  return async (user) => {
    await side(user);
    return side(user);
  };
}

function withLiteral(sql: string, user: string): string {
  return sql.replace("$1", `'${user}'`);
}
