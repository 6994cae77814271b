import postgres from "postgres";
import { afterAll } from "vitest";
import { type PostgresProject, createProject } from "../../setup/create-project.ts";
import { type Answer, type Result, model } from "./results.ts";

export interface JobRequest {
  agent_type?: "seo_writer" | "email_marketer" | "social_media" | "analyst" | "optimizer";
  input_data?: object;
  campaign_id?: string | null;
  idempotency_key?: string;
  priority?: number;
  run_after?: Date | null;
  max_cost?: number;
  max_retries?: number;
}

export interface ExchangeOptions {
  worker?: string;
  results?: Result[];
  batch?: number;
  lease?: number;
  at?: Date | undefined;
  /** The session that makes the call. Default: a session of the owner. */
  session?: postgres.Sql;
}

export interface Job {
  id: string;
  status: string;
  retry_count: number;
  waiting_for: string | null;
  error_code: string | null;
  error_message: string | null;
  output_data: object | null;
  cost: number;
  tokens_used: number;
}

export interface Money {
  budget: number;
  spend: number;
  reserved: number;
}

/** Users, campaigns and jobs in one database, made by its owner. */
export interface World {
  sql: postgres.Sql;
  url: string;
  /** Opens another session. It ends with the test file. */
  session(): postgres.Sql;
  /** @param limits by default, limits that are high enough for every test */
  user(limits?: { monthly_limit?: number; max_queued_jobs?: number }): Promise<string>;
  campaign(user: string, budget: number): Promise<string>;
  /** Queues jobs as this user. Returns their ids. */
  enqueue(user: string, requests: JobRequest[]): Promise<string[]>;
  enqueue(user: string, request: JobRequest, count: number): Promise<string[]>;
  /** Makes the call of a worker, as of any time. */
  exchange(options?: ExchangeOptions): Promise<Answer>;
  /** Runs a statement as this user. */
  as<Row>(user: string, query: string, parameters?: unknown[]): Promise<Row[]>;
  job(id: string): Promise<Job>;
  jobs(ids: readonly string[]): Promise<Job[]>;
  money(campaign: string): Promise<Money>;
  month(user: string, at?: Date): Promise<{ spent: number; reserved: number }>;
}

/**
 * Creates a new database with a world in it.
 *
 * @param atEnd a hook of vitest: `afterAll` for a world of a file, `onTestFinished` for a world of one test
 */
export async function createWorld(
  atEnd: (end: () => Promise<void>) => void = afterAll,
): Promise<World & { project: PostgresProject }> {
  const project = await createProject();
  const world = await openWorld(project.url);
  atEnd(async () => {
    await world.close();
    await project[Symbol.asyncDispose]();
  });
  return { ...world, project };
}

/** Reads numeric values as numbers, because the amounts here are small enough. */
const types = {
  numeric: { to: 1700, from: [1700], serialize: String, parse: Number },
  bigint: { to: 20, from: [20], serialize: String, parse: Number },
};

/** @param url the URL of a migrated database, as a superuser */
export async function openWorld(url: string): Promise<World & { close(): Promise<void> }> {
  const sessions: postgres.Sql[] = [];
  const session = () => {
    const opened = postgres(url, { max: 1, onnotice: () => {}, types }) as unknown as postgres.Sql;
    sessions.push(opened);
    return opened;
  };
  const sql = session();
  await sql`select groundwork.set_model_price(${model}, 'output', 1, 1000000, '2020-01-01')`;
  await sql`select groundwork.set_model_price(${model}, 'input', 1, 1000000, '2020-01-01')`;

  const as = <Row>(user: string, query: string, parameters: unknown[] = []) =>
    sql.begin(async (transaction) => {
      await transaction`select set_config('request.jwt.claims', ${JSON.stringify({ sub: user })}, true)`;
      await transaction`set local role authenticated`;
      return [...(await transaction.unsafe(query, parameters as never[]))];
    }) as unknown as Promise<Row[]>;

  const world: World = {
    sql,
    url,
    session,
    as,
    user: async ({ monthly_limit = 1_000_000, max_queued_jobs = 1_000_000 } = {}) => {
      const id = crypto.randomUUID();
      await sql`insert into auth.users (id, email) values (${id}, ${`${id}@example.com`})`;
      await sql`
        insert into public.user_spend_limits (user_id, monthly_limit, max_queued_jobs)
        values (${id}, ${monthly_limit}, ${max_queued_jobs})
      `;
      return id;
    },
    campaign: async (user, budget) => {
      const [made] = await sql<{ id: string }[]>`
        insert into public.campaigns (user_id, name, status, budget, start_date)
        values (${user}, 'Launch', 'active', ${budget.toFixed(6)}::text::numeric, '2020-01-01')
        returning id
      `;
      return made!.id;
    },
    enqueue: async (user: string, given: JobRequest | JobRequest[], count: number = 1) => {
      const requests: JobRequest[] = Array.isArray(given) ? given : Array.from({ length: count }, () => given);
      const analysis = { agent_type: "analyst", input_data: {}, max_cost: 0 };
      const jobs = requests.map((request) => Object.assign({}, analysis, request));
      const rows = await as<{ id: string }>(user, "select unnest(public.enqueue_agent_jobs($1::text::jsonb)) as id", [
        JSON.stringify(jobs),
      ]);
      return rows.map(({ id }) => id);
    },
    exchange: async ({ worker = "worker", results = [], batch = 1, lease = 60, at, session: caller = sql } = {}) => {
      const [row] = await caller.unsafe<{ answer: Answer }[]>(
        `select groundwork.exchange_agent_jobs($1, $2::text::jsonb, $3, $4, null, coalesce($5, now())) as answer`,
        [worker, JSON.stringify(results), batch, lease, at ?? null],
      );
      return row!.answer;
    },
    job: async (id) => (await world.jobs([id]))[0]!,
    jobs: async (ids) => [
      ...(await sql<Job[]>`
        select job.id, status, retry_count, waiting_for, error_code, error_message, output_data, cost, tokens_used
        from unnest(${[...ids]}::uuid[]) with ordinality as wanted (id, ordinal)
        join public.agent_jobs as job on job.id = wanted.id
        order by ordinal
      `),
    ],
    money: async (campaign) => {
      const [row] = await sql<Money[]>`
        select budget, spend, groundwork.reserved_for_campaign(user_id, id) as reserved
        from public.campaigns
        where id = ${campaign}
      `;
      return { ...row! };
    },
    month: async (user, at = new Date()) => {
      const [row] = await sql<{ spent: number; reserved: number }[]>`
        select
          coalesce(
            (
              select spent from groundwork.monthly_spends
              where user_id = ${user} and month = groundwork.month_of(${at})
            ),
            0
          ) as spent,
          groundwork.reserved_for_user(${user}) as reserved
      `;
      return { ...row! };
    },
  };
  return { ...world, close: async () => void (await Promise.all(sessions.map((each) => each.end({ timeout: 1 })))) };
}

/** Returns our code of an error, or Postgres's. */
export function codeOf(error: unknown): string {
  const { code, message } = error as { code: string; message: string };
  return code === "PGRST" ? (JSON.parse(message) as { code: string }).code : code;
}

/** Returns the code with which the work is refused. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "not refused",
    (error: unknown) => codeOf(error),
  );
}

/** Waits until a condition is true. Checks it again and again, for a limited time. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, seconds = 40): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`Not within ${seconds} seconds: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
