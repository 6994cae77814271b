import assert from "node:assert/strict";
import fc from "fast-check";
import { brokenInvariants } from "./invariants.ts";
import { type Answer, type Claimed, type Result, spending } from "./results.ts";
import { type World, refusal } from "./world.ts";

/** Amounts in this file are integers, in millionths of a US dollar. */
const dollars = (millionths: number) => (millionths / 1e6).toFixed(6);

interface ModelCampaign {
  id: string;
  user: ModelUser;
  budget: number;
  spend: number;
  isActive: boolean;
  isDeleted: boolean;
}

interface ModelUser {
  id: string;
  limit: number;
  spent: number;
}

interface ModelJob {
  id: string;
  user: ModelUser;
  campaign: ModelCampaign | null;
  status: "pending" | "running" | "completed" | "failed" | "cancelled";
  maxCost: number;
  attemptMaxCost: number;
  cost: number;
  retries: number;
  maxRetries: number;
  priority: number;
  /** In milliseconds; null if it may run at once. */
  runAfter: number | null;
  lease: { token: string; expiresAt: number } | null;
  /** The token of a lease that has ended. */
  staleToken: string | null;
  /** For a job that was cancelled while it ran: the time at which its reservation ends. */
  reservedUntil: number | null;
}

/** The expected state. */
export interface Model {
  now: number;
  users: ModelUser[];
  campaigns: ModelCampaign[];
  jobs: ModelJob[];
  /** How often each step was taken, and how often it was refused. */
  counts: Record<string, number>;
}

/** The database, and the state that is expected of it. */
export interface Real {
  world: World;
}

export const month = new Date();
/** Noon on the 15th of this month, so that no sequence leaves the month. */
export const beginning = Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), 15, 12);

const sum = (jobs: ModelJob[], of: (job: ModelJob) => number) => jobs.reduce((total, job) => total + of(job), 0);
const running = (jobs: ModelJob[]) => jobs.filter(({ status }) => status === "running");
const reserving = (jobs: ModelJob[]) =>
  jobs.filter(({ status, reservedUntil }) => status === "running" || reservedUntil !== null);
const reservedBy = (model: Model, campaign: ModelCampaign) =>
  sum(
    reserving(model.jobs).filter((job) => job.campaign === campaign),
    ({ attemptMaxCost }) => attemptMaxCost,
  );
const reservedOf = (model: Model, user: ModelUser) =>
  sum(
    reserving(model.jobs).filter((job) => job.user === user),
    ({ attemptMaxCost }) => attemptMaxCost,
  );
const roomOfCampaign = (model: Model, campaign: ModelCampaign) =>
  campaign.budget - campaign.spend - reservedBy(model, campaign);
const roomOfUser = (model: Model, user: ModelUser) => user.limit - user.spent - reservedOf(model, user);

/** Returns the reason why a pending job would not be claimed if it were alone. */
function obstacle(model: Model, { campaign, attemptMaxCost, user }: ModelJob): string | null {
  if (campaign && !campaign.isActive) return "campaign_paused";
  if (attemptMaxCost === 0) return null;
  if (campaign && attemptMaxCost > roomOfCampaign(model, campaign)) return "campaign_budget";
  return attemptMaxCost > roomOfUser(model, user) ? "monthly_limit" : null;
}

/** Charges each entry to the campaign up to the reserved amount, and the whole amount to the user. */
function pay(job: ModelJob, cost: number, isReserved: boolean): void {
  job.cost += cost;
  job.user.spent += cost;
  if (job.campaign && isReserved && cost <= job.attemptMaxCost) job.campaign.spend += cost;
}

function endLease(job: ModelJob, status: ModelJob["status"]): void {
  if (status === "cancelled") job.reservedUntil = job.lease?.expiresAt ?? null;
  job.staleToken = job.lease?.token ?? job.staleToken;
  job.lease = null;
  job.status = status;
  if (status === "pending") job.attemptMaxCost = Math.max(job.maxCost - job.cost, 0);
}

interface Observed {
  id: string;
  status: ModelJob["status"];
  retry_count: number;
  cost: string;
  campaign_id: string | null;
  waiting_for: string | null;
  run_after: Date | null;
  queue_state: "ready" | "waiting" | "leased" | null;
  queue_run_after: Date | null;
  attempt_max_cost: string | null;
  reserved: string | null;
}

async function observe({ sql }: World): Promise<Observed[]> {
  return [
    ...(await sql<Observed[]>`
      select
        job.id, job.status, job.retry_count, job.cost, job.campaign_id, job.waiting_for, job.run_after,
        case
          when lease.job_id is not null then 'leased'
          when queued.run_after is not null then 'waiting'
          when queued.job_id is not null then 'ready'
        end as queue_state,
        queued.run_after as queue_run_after,
        coalesce(queued.max_cost, lease.reserved) as attempt_max_cost,
        lease.reserved
      from public.agent_jobs as job
      left join groundwork.job_queue as queued on queued.job_id = job.id
      left join groundwork.leases as lease on lease.job_id = job.id and not lease.is_cancelled
      order by job.id
    `),
  ];
}

/** Returns all state that a refused step must not change. */
async function everything({ sql }: World): Promise<unknown> {
  const rows = await sql`
    select to_jsonb(job) from public.agent_jobs as job
    union all select to_jsonb(queued) from groundwork.job_queue as queued
    union all select to_jsonb(lease) from groundwork.leases as lease
    union all select to_jsonb(campaign) from public.campaigns as campaign
    union all select to_jsonb(sums) from groundwork.monthly_spends as sums
    union all select to_jsonb(entry) from public.budget_entries as entry
    union all select to_jsonb(asset) from public.content_assets as asset
  `;
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

const millionths = (amount: unknown) => Math.round(Number(amount ?? 0) * 1e6);

/** Compares the database with the model, and checks the invariants. */
async function compare(model: Model, { world }: Real): Promise<void> {
  const [jobs, campaigns, users, broken] = await Promise.all([
    observe(world),
    world.sql`
      select id, budget, spend, groundwork.reserved_for_campaign(user_id, id) as reserved from public.campaigns
    `,
    world.sql`
      select id as user_id, spent, groundwork.reserved_for_user(id) as reserved
      from public.users
      left join groundwork.monthly_spends as sums on sums.user_id = id and month = groundwork.month_of(now())
    `,
    brokenInvariants(world.sql),
  ]);
  assert.deepEqual(broken, []);
  const expected = model.jobs.map((job) => ({
    id: job.id,
    status: job.status,
    retries: job.retries,
    cost: job.cost,
    campaign: job.campaign?.id ?? null,
    attemptMaxCost: ["pending", "running"].includes(job.status) ? job.attemptMaxCost : null,
    reserved: job.status === "running" ? job.attemptMaxCost : 0,
  }));
  const observed = jobs.map((job) => ({
    id: job.id,
    status: job.status,
    retries: job.retry_count,
    cost: millionths(job.cost),
    campaign: job.campaign_id,
    attemptMaxCost: job.attempt_max_cost === null ? null : millionths(job.attempt_max_cost),
    reserved: millionths(job.reserved),
  }));
  assert.deepEqual(
    observed,
    expected.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );
  for (const campaign of model.campaigns.filter(({ isDeleted }) => !isDeleted)) {
    const row = campaigns.find(({ id }) => id === campaign.id)!;
    assert.deepEqual([row["budget"], row["spend"], row["reserved"]].map(millionths), [
      campaign.budget,
      campaign.spend,
      reservedBy(model, campaign),
    ]);
  }
  for (const user of model.users) {
    const row = users.find(({ user_id }) => user_id === user.id);
    assert.deepEqual(
      [millionths(row?.["spent"]), millionths(row?.["reserved"])],
      [user.spent, reservedOf(model, user)],
    );
  }
  // A job that waits although there is a budget would wait forever, unless another event of its user is due.
  for (const job of jobs) {
    const known = model.jobs.find(({ id }) => id === job.id)!;
    if (job.queue_state !== "waiting" || job.waiting_for === null || obstacle(model, known) !== null) continue;
    const others = jobs.filter(({ id, queue_state }) => {
      const user = model.jobs.find((each) => each.id === id)!.user;
      return user === known.user && (queue_state === "ready" || queue_state === "leased");
    });
    assert.notDeepEqual(others, [], `${job.id} waits for ${job.waiting_for} in vain`);
  }
}

type Take = (model: Model, real: Real) => Promise<void>;

/** Makes a step. It chooses its subject by a number modulo the count, so that it can always be taken. */
function step(name: string, given: unknown[], take: Take, needs: (model: Readonly<Model>) => boolean = () => true) {
  const command: fc.AsyncCommand<Model, Real> = {
    check: needs,
    run: async (model, real) => {
      await take(model, real);
      model.counts[name] = (model.counts[name] ?? 0) + 1;
      await compare(model, real);
    },
    toString: () => `${name}(${given.join()})`,
  };
  return command;
}

/** Checks that the step is refused with this code, and that nothing has changed. */
async function refused(model: Model, { world }: Real, code: string, attempt: () => Promise<unknown>): Promise<void> {
  const before = await everything(world);
  assert.equal(await refusal(attempt()), code);
  assert.deepEqual(await everything(world), before);
  model.counts[code] = (model.counts[code] ?? 0) + 1;
}

const hasJobs = (model: Readonly<Model>) => model.jobs.length > 0;
const hasCampaigns = (model: Readonly<Model>) => model.campaigns.some(({ isDeleted }) => !isDeleted);

const chosen = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

const enqueue = (
  userIndex: number,
  campaignIndex: number | null,
  cost: number,
  priority: number,
  retries: number,
  delay: number,
) =>
  step("enqueue", [userIndex, campaignIndex, cost, priority, retries, delay], async (model, { world }) => {
    const user = chosen(model.users, userIndex);
    const campaigns = model.campaigns.filter((each) => each.user === user && !each.isDeleted);
    const campaign = campaignIndex === null || campaigns.length === 0 ? null : chosen(campaigns, campaignIndex);
    const [row] = await world.as<{ id: string }>(
      user.id,
      `select unnest(groundwork.enqueue_agent_jobs($1::text::jsonb, $2)) as id`,
      [
        JSON.stringify([
          {
            agent_type: "analyst",
            input_data: {},
            campaign_id: campaign?.id ?? null,
            max_cost: dollars(cost),
            priority,
            max_retries: retries,
            run_after: delay > 0 ? new Date(model.now + delay * 1000) : null,
          },
        ]),
        new Date(model.now),
      ],
    );
    model.jobs.push({
      id: row!.id,
      user,
      campaign,
      status: "pending",
      maxCost: cost,
      attemptMaxCost: cost,
      cost: 0,
      retries: 0,
      maxRetries: retries,
      priority,
      runAfter: delay > 0 ? model.now + delay * 1000 : null,
      lease: null,
      staleToken: null,
      reservedUntil: null,
    });
  });

/** The model does not predict which of the ready jobs are claimed. It checks that they could be claimed. */
async function follow(
  model: Model,
  world: World,
  before: Observed[],
  { claimed, picked }: Answer,
  batch: number,
  seconds: number,
): Promise<void> {
  const after = new Map((await observe(world)).map((job) => [job.id, job]));
  const isDue = (job: ModelJob) => job.runAfter === null || job.runAfter <= model.now;
  const pending = model.jobs.filter((job) => job.status === "pending" && isDue(job));
  const obstacles = new Map(pending.map((job) => [job.id, obstacle(model, job)]));

  assert.ok(claimed.length <= picked);
  assert.ok(picked <= batch);
  for (const { id, lease_token } of claimed) {
    const job = pending.find((each) => each.id === id)!;
    assert.equal(obstacles.get(id), null);
    job.status = "running";
    job.runAfter = null;
    job.lease = { token: lease_token, expiresAt: model.now + seconds * 1000 };
  }
  for (const { user, campaign, attemptMaxCost } of model.jobs.filter(({ id }) =>
    claimed.some((each) => each.id === id),
  )) {
    if (attemptMaxCost === 0) continue;
    assert.ok(!campaign || roomOfCampaign(model, campaign) >= 0);
    assert.ok(roomOfUser(model, user) >= 0);
  }
  const wasStopped = new Set(
    before.filter(({ queue_state, waiting_for }) => queue_state === "waiting" && waiting_for).map(({ id }) => id),
  );
  for (const job of pending.filter(({ status }) => status === "pending")) {
    const { queue_state, waiting_for } = after.get(job.id)!;
    // The job was stopped in this call, so its reason must be one of the obstacles.
    if (queue_state === "waiting" && !wasStopped.has(job.id)) assert.equal(waiting_for, obstacles.get(job.id));
    // A ready job was claimed, was stopped, or comes after another one of this batch.
    if (picked < batch && queue_state === "ready" && !wasStopped.has(job.id)) {
      assert.ok(claimed.length > 0, `${job.id} is ready and was not picked`);
    }
  }
}

/** Claims, and settles the result of one running job in the same call if there is one. */
const exchange = (batch: number, seconds: number, settled: number | null, cost: number) =>
  step("exchange", [batch, seconds, settled, cost], async (model, { world }) => {
    const leased = running(model.jobs);
    const done = settled === null || leased.length === 0 ? null : chosen(leased, settled);
    const results = done ? [spending(asClaimed(done), cost)] : [];
    const before = await observe(world);
    const answer = await world.exchange({ batch, lease: seconds, at: new Date(model.now), results });

    assert.deepEqual(answer.refused, []);
    if (done) {
      pay(done, cost, true);
      endLease(done, "completed");
    }
    for (const job of reserving(model.jobs)) if (job.reservedUntil! <= model.now) job.reservedUntil = null;
    for (const job of running(model.jobs).filter(({ lease }) => lease!.expiresAt <= model.now)) {
      const isRetried = job.retries < job.maxRetries;
      if (isRetried) job.retries++;
      job.runAfter = null;
      endLease(job, isRetried ? "pending" : "failed");
    }
    await follow(model, world, before, answer, batch, seconds);
  });

const asClaimed = (job: ModelJob): Claimed => ({
  id: job.id,
  user_id: job.user.id,
  campaign_id: job.campaign?.id ?? null,
  retry_count: job.retries,
  max_cost: job.attemptMaxCost / 1e6,
  lease_token: job.lease?.token ?? job.staleToken ?? crypto.randomUUID(),
});

/** Sends one result of a worker. The worker may have lost the lease. */
const settle = (jobIndex: number, outcome: Result["outcome"], cost: number, retryable: boolean, isPriced: boolean) =>
  step(
    "settle",
    [jobIndex, outcome, cost, retryable, isPriced],
    async (model, real) => {
      const job = chosen(model.jobs, jobIndex);
      const result: Result = { ...spending(asClaimed(job), cost, outcome), retryable };
      if (!isPriced) result.usage = [{ model: "homebrew", kind: "output", quantity: 1, request_id: "r" }];
      const attempt = () =>
        real.world
          .sql`select groundwork.settle_agent_job(${real.world.sql.json(result as never)}, ${new Date(model.now)})`;
      if (!job.lease) return refused(model, real, "GW703", attempt);
      if (!isPriced) return refused(model, real, "GW801", attempt);
      await attempt();
      pay(job, cost, true);
      const isRetried = outcome === "failed" && retryable && job.retries < job.maxRetries;
      const [{ run_after } = { run_after: null }] = await real.world.sql<{ run_after: Date | null }[]>`
      select run_after from public.agent_jobs where id = ${job.id}
    `;
      if (isRetried) {
        const delay = run_after!.getTime() - model.now;
        assert.ok(delay >= 2500 * 2 ** job.retries - 1);
        assert.ok(delay <= 5000 * 2 ** job.retries + 1);
        job.retries++;
      } else {
        assert.equal(run_after, null);
      }
      job.runAfter = run_after?.getTime() ?? null;
      const next = { completed: "completed", released: "pending", failed: isRetried ? "pending" : "failed" } as const;
      endLease(job, next[outcome]);
    },
    hasJobs,
  );

const heartbeat = (jobIndex: number, seconds: number) =>
  step(
    "heartbeat",
    [jobIndex, seconds],
    async (model, { world }) => {
      const job = chosen(model.jobs, jobIndex);
      const leases = [{ job_id: job.id, lease_token: asClaimed(job).lease_token }];
      const kept = await world.sql<{ id: string }[]>`
      select groundwork.heartbeat_agent_jobs(${world.sql.json(leases)}, ${seconds}, ${new Date(model.now)}) as id
    `;
      assert.deepEqual(
        kept.map(({ id }) => id),
        job.lease ? [job.id] : [],
      );
      if (job.lease) job.lease.expiresAt = model.now + seconds * 1000;
    },
    hasJobs,
  );

const cancel = (jobIndex: number, userIndex: number) =>
  step(
    "cancel",
    [jobIndex, userIndex],
    async (model, real) => {
      const job = chosen(model.jobs, jobIndex);
      const user = chosen(model.users, userIndex);
      const attempt = () =>
        real.world.as(user.id, "select groundwork.cancel_agent_job($1, $2)", [job.id, new Date(model.now)]);
      if (user !== job.user) return refused(model, real, "GW704", attempt);
      if (!["pending", "running"].includes(job.status)) return refused(model, real, "GW702", attempt);
      await attempt();
      endLease(job, "cancelled");
    },
    hasJobs,
  );

const retry = (jobIndex: number) =>
  step(
    "retry",
    [jobIndex],
    async (model, real) => {
      const job = chosen(model.jobs, jobIndex);
      const attempt = () => real.world.as(job.user.id, "select groundwork.retry_agent_job($1)", [job.id]);
      if (job.status !== "failed") return refused(model, real, "GW702", attempt);
      await attempt();
      job.retries = 0;
      job.runAfter = null;
      endLease(job, "pending");
    },
    hasJobs,
  );

const pass = (seconds: number) =>
  step("pass", [seconds], async (model) => {
    model.now += seconds * 1000;
  });

const setBudget = (campaignIndex: number, budget: number) =>
  step(
    "setBudget",
    [campaignIndex, budget],
    async (model, real) => {
      const campaign = chosen(
        model.campaigns.filter(({ isDeleted }) => !isDeleted),
        campaignIndex,
      );
      const set = () =>
        real.world.as(campaign.user.id, "update public.campaigns set budget = $2::text::numeric where id = $1", [
          campaign.id,
          dollars(budget),
        ]);
      const reserved = reservedBy(model, campaign);
      if (budget < campaign.budget && reserved > 0 && campaign.spend + reserved > budget) {
        return refused(model, real, "GW802", set);
      }
      await set();
      campaign.budget = budget;
    },
    hasCampaigns,
  );

const setLimit = (userIndex: number, limit: number) =>
  step("setLimit", [userIndex, limit], async (model, { world }) => {
    const user = chosen(model.users, userIndex);
    await world.sql`
      update public.user_spend_limits set monthly_limit = ${dollars(limit)}::text::numeric where user_id = ${user.id}
    `;
    user.limit = limit;
  });

const pauseOrResume = (campaignIndex: number) =>
  step(
    "pauseOrResume",
    [campaignIndex],
    async (model, { world }) => {
      const campaign = chosen(
        model.campaigns.filter(({ isDeleted }) => !isDeleted),
        campaignIndex,
      );
      campaign.isActive = !campaign.isActive;
      await world.as(
        campaign.user.id,
        `update public.campaigns set status = $2::public.campaign_status where id = $1`,
        [campaign.id, campaign.isActive ? "active" : "paused"],
      );
    },
    hasCampaigns,
  );

const deleteCampaign = (campaignIndex: number) =>
  step(
    "deleteCampaign",
    [campaignIndex],
    async (model, { world }) => {
      const campaign = chosen(
        model.campaigns.filter(({ isDeleted }) => !isDeleted),
        campaignIndex,
      );
      await world.as(campaign.user.id, "delete from public.campaigns where id = $1", [campaign.id]);
      campaign.isDeleted = true;
      for (const job of model.jobs.filter((each) => each.campaign === campaign)) {
        if (job.status === "pending" || job.status === "running") endLease(job, "cancelled");
        job.campaign = null;
      }
    },
    hasCampaigns,
  );

/** Enters a refund of at most the amount that the job has cost its campaign. */
const correct = (jobIndex: number, maxRefund: number) =>
  step(
    "correct",
    [jobIndex, maxRefund],
    async (model, { world }) => {
      const job = chosen(model.jobs, jobIndex);
      const refund = Math.min(maxRefund, job.cost, job.campaign?.spend ?? job.cost);
      await world.sql`
      insert into public.budget_entries (user_id, resource_type, cost, agent_job_id, campaign_id, created_at)
      values (
        ${job.user.id},
        'openai_api',
        ${dollars(-refund)}::text::numeric,
        ${job.id},
        ${job.campaign?.id ?? null},
        ${new Date(model.now)}
      )
    `;
      job.cost -= refund;
      job.user.spent -= refund;
      if (job.campaign) job.campaign.spend -= refund;
    },
    hasJobs,
  );

const index = fc.nat({ max: 11 });
// Thirds, because three of them just do not fill the amount from which they were made.
const amount = fc.constantFrom(0, 1, 166_666, 333_333, 333_334, 500_000);

const steps = [
  fc
    .tuple(
      fc.nat({ max: 1 }),
      fc.option(fc.nat({ max: 1 }), { freq: 4 }),
      amount,
      fc.integer({ min: -2, max: 2 }),
      fc.nat({ max: 2 }),
      fc.constantFrom(0, 0, 0, 30),
    )
    .map((given) => enqueue(...given)),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(10, 60), fc.option(index, { freq: 3 }), amount)
    .map((given) => exchange(...given)),
  fc
    .tuple(
      index,
      fc.constantFrom("completed", "failed", "released"),
      amount,
      fc.boolean(),
      fc.constantFrom(true, true, true, false),
    )
    .map(([job, outcome, cost, retryable, isPriced]) =>
      settle(job, outcome as Result["outcome"], cost, retryable, isPriced),
    ),
  fc.tuple(index, fc.constantFrom(1, 60)).map((given) => heartbeat(...given)),
  fc.tuple(index, fc.nat({ max: 1 })).map((given) => cancel(...given)),
  index.map((job) => retry(job)),
  fc.constantFrom(1, 9, 15, 61, 3601).map((seconds) => pass(seconds)),
  fc.tuple(index, fc.constantFrom(0, 333_333, 1_000_000, 1_500_000)).map((given) => setBudget(...given)),
  fc.tuple(index, fc.constantFrom(0, 500_000, 1_000_000, 5_000_000)).map((given) => setLimit(...given)),
  index.map((campaign) => pauseOrResume(campaign)),
  index.map((campaign) => deleteCampaign(campaign)),
  fc.tuple(index, fc.constantFrom(1, 100_000, 500_000)).map((given) => correct(...given)),
];

/** How often each of the steps is chosen. */
const weights = [6, 7, 5, 1, 2, 2, 4, 2, 2, 2, 1, 1];

/** Starts again with two users, one with two campaigns and one with one. */
async function begin(world: World, counts: Record<string, number>): Promise<{ model: Model; real: Real }> {
  await world.sql`delete from auth.users`;
  const users: ModelUser[] = [];
  for (const limit of [1_000_000, 5_000_000]) {
    users.push({ id: await world.user({ monthly_limit: limit / 1e6 }), limit, spent: 0 });
  }
  const campaigns: ModelCampaign[] = [];
  for (const user of [users[0]!, users[0]!, users[1]!]) {
    const id = await world.campaign(user.id, 1);
    campaigns.push({ id, user, budget: 1_000_000, spend: 0, isActive: true, isDeleted: false });
  }
  return { model: { now: beginning, users, campaigns, jobs: [], counts }, real: { world } };
}

/** Takes random steps on the world, in `numRuns` sequences of at most `maxCommands`, and counts steps and refusals. */
export async function takeRandomSteps(
  world: World,
  { numRuns, maxCommands, seed }: { numRuns: number; maxCommands: number; seed?: number },
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const weighted = steps.flatMap((each, number) => Array.from({ length: weights[number]! }, () => each));
  await fc.assert(
    fc.asyncProperty(fc.commands(weighted, { maxCommands, size: "max" }), async (sequence) => {
      await fc.asyncModelRun(() => begin(world, counts), sequence);
    }),
    { numRuns, endOnFailure: false, ...(seed !== undefined && { seed }) },
  );
  return counts;
}

/** All steps and all refusals. */
export const stepsAndRefusals = [
  "GW702",
  "GW703",
  "GW704",
  "GW801",
  "GW802",
  "cancel",
  "correct",
  "deleteCampaign",
  "enqueue",
  "exchange",
  "heartbeat",
  "pass",
  "pauseOrResume",
  "retry",
  "setBudget",
  "setLimit",
  "settle",
];
