/**
 * Two rules of claiming exist twice: for one job, and for many. The version for one job takes half the time. These
 * tests check that both versions give the same result, for any queue and any budgets.
 */
import fc from "fast-check";
import type postgres from "postgres";
import { expect, test } from "vitest";
import { createWorld } from "./setup/world.ts";

const { sql } = await createWorld();
const now = "2026-06-15 12:00:00+00";
const rolledBack = new Error("rolled back");

/** Runs work in a transaction that is rolled back. */
async function tried<T>(work: (transaction: postgres.TransactionSql) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  await sql
    .begin(async (transaction) => {
      result = { value: await work(transaction) };
      throw rolledBack;
    })
    .catch((error: unknown) => {
      if (error !== rolledBack) throw error;
    });
  return result!.value;
}

/** Few different values, so that an amount is often exactly equal to a limit. */
const amount = fc.constantFrom(0, 0.5, 1, 1.000001);

interface Purse {
  monthlyLimit: number;
  spent: number;
  /** The campaign that pays, if there is one. */
  campaign: { budget: number; spend: number; status: string } | null;
  /** Reservations of the same campaign, of another one, or of none. */
  reserved: { campaign: "same" | "other" | "none"; amount: number }[];
  maxCost: number;
}

const purse: fc.Arbitrary<Purse> = fc.record({
  monthlyLimit: amount,
  spent: amount,
  campaign: fc.option(
    fc.record({
      budget: amount,
      spend: amount,
      status: fc.constantFrom("draft", "active", "active", "active", "paused", "completed", "archived"),
    }),
  ),
  reserved: fc.array(fc.record({ campaign: fc.constantFrom("same", "other", "none"), amount }), { maxLength: 3 }),
  maxCost: amount,
});

test("is_room_for_one() gives the same result as is_room_for_all() for one job", async () => {
  const answers = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(purse, async ({ monthlyLimit, spent, campaign, reserved, maxCost }) => {
      const [answer] = await tried(async (transaction) => {
        const user = crypto.randomUUID();
        await transaction`insert into public.users (id, clerk_user_id, email, name)
          values (${user}, ${user}, ${`${user}@example.com`}, 'Ada')`;
        await transaction`insert into public.user_spend_limits (user_id, monthly_limit) values (${user}, ${monthlyLimit})`;
        await transaction`insert into groundwork.monthly_spends (user_id, month, spent)
          values (${user}, '2026-06-01', ${spent}), (${user}, '2026-05-01', 1000)`;
        const ids = { same: crypto.randomUUID(), other: crypto.randomUUID(), none: null };
        for (const [id, { budget, spend, status }] of [
          [ids.same, campaign ?? { budget: 0, spend: 0, status: "active" }],
          [ids.other, { budget: 1000, spend: 0, status: "active" }],
        ] as const) {
          await transaction`insert into public.campaigns (id, user_id, name, start_date, budget, spend, status)
            values (${id}, ${user}, 'Pears', ${now}, ${budget}, ${spend}, ${status}::public.campaign_status)`;
        }
        for (const lease of reserved) {
          await transaction`insert into groundwork.leases
              (lease_token, job_id, position, user_id, campaign_id, reserved, retry_count, max_retries, worker_id, expires_at)
            values (gen_random_uuid(), gen_random_uuid(), 1, ${user}, ${ids[lease.campaign]}, ${lease.amount}, 0, 3, 'w', ${now})`;
        }
        const paying = campaign ? ids.same : null;
        return transaction<{ one: boolean; all: boolean }[]>`
          with picked as (
            select row(gen_random_uuid(), ${user}, ${paying}::uuid, ${maxCost})::groundwork.picked_job as job
          )
          select
            groundwork.is_room_for_one(job, ${now}) as one,
            groundwork.is_room_for_all(array[job], ${now}) as all
          from picked`;
      });
      expect(answer!.one).toBe(answer!.all);
      answers.add(answer!.one);
    }),
    { numRuns: 400 },
  );
  expect(answers).toEqual(new Set([true, false]));
});

interface Queued {
  user: number;
  agentType: string;
  priority: number;
  isReady: boolean;
}

const agentTypeNames = ["analyst", "seo_writer"];

const queue: fc.Arbitrary<Queued[]> = fc.array(
  fc.record({
    user: fc.nat(3),
    agentType: fc.constantFrom(...agentTypeNames),
    priority: fc.constantFrom(-1, 0, 1),
    isReady: fc.boolean(),
  }),
  { maxLength: 12 },
);

test("pick_ready_job(), called repeatedly, picks the jobs that pick_ready_jobs() picks at once for as many users", async () => {
  let picks = 0;
  await fc.assert(
    fc.asyncProperty(
      queue,
      fc.option(fc.subarray(agentTypeNames, { minLength: 1 })),
      fc.uuid(),
      async (jobs, agentTypes, lastServed) => {
        const users = Array.from({ length: 4 }, () => crypto.randomUUID());
        const wanted = jobs.filter(
          ({ isReady, agentType }) => isReady && (agentTypes ?? [agentType]).includes(agentType),
        );
        const usersWithJobs = new Set(wanted.map(({ user }) => user)).size;
        // A batch of one would call the same function.
        const batch = Math.max(usersWithJobs, 2);
        const [atOnce, oneByOne] = await tried(async (transaction) => {
          for (const { user, agentType, priority, isReady } of jobs) {
            await transaction`insert into groundwork.job_queue
                (job_id, user_id, agent_type, priority, run_after, max_cost, max_retries)
              values (gen_random_uuid(), ${users[user]!}, ${agentType}, ${priority}, ${isReady ? null : now}, 0, 3)`;
          }
          const from = () => transaction`select set_config('groundwork.last_served_user', ${lastServed}, false)`;
          await from();
          const many = await transaction<{ job_id: string }[]>`
            select job_id from unnest(groundwork.pick_ready_jobs(${batch}, ${agentTypes})) order by job_id`;
          await from();
          const ones: string[] = [];
          for (let turn = 0; turn < Math.min(batch, wanted.length); turn += 1) {
            const [one] = await transaction<{ job_id: string }[]>`
              select job_id from unnest(groundwork.pick_ready_job(${agentTypes}))`;
            ones.push(one!.job_id);
            // This is what a claim does.
            await transaction`delete from groundwork.job_queue where job_id = ${one!.job_id}`;
          }
          return [many.map(({ job_id }) => job_id), ones.toSorted()];
        });
        expect(atOnce).toEqual(oneByOne);
        picks += oneByOne.length;
      },
    ),
    { numRuns: 100 },
  );
  expect(picks).toBeGreaterThan(100);
});
