import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ClaimedJob, JobQueue, Lease } from "../../src/jobs/job-queue.ts";
import { LeaseKeeper } from "../../src/jobs/lease-keeper.ts";
import type { LeasedJob } from "../../src/jobs/leased-job.ts";
import { job } from "../agents/setup/jobs.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const claimed = (id: string, lease_token = `lease of ${id}`): ClaimedJob => ({
  ...job("seo_writer", {}, { id }),
  max_retries: 3,
  lease_token,
  lease_expires_at: "2026-12-01T00:00:00+00:00",
});

/** Makes a keeper with leases of 30 seconds, on a queue whose heartbeat answers as given. */
function keeperOn(heartbeat: (leases: Lease[]) => Promise<string[]>) {
  const sent: { leases: Lease[]; leaseSeconds: number }[] = [];
  const lost: LeasedJob[] = [];
  const lines: string[] = [];
  const queue = {
    heartbeat: (leases: Lease[], leaseSeconds: number) => (sent.push({ leases, leaseSeconds }), heartbeat(leases)),
  } as Pick<JobQueue, "heartbeat"> as JobQueue;
  const keeper = new LeaseKeeper(queue, {
    leaseSeconds: 30,
    onLost: (leased) => lost.push(leased),
    log: (line) => lines.push(line),
  });
  return { keeper, sent, lost, lines };
}
const keepsAll = async (leases: Lease[]) => leases.map(({ job_id }) => job_id);

test("extends all leases by one call, three times in each lease, in the order in which results are settled", async () => {
  const { keeper, sent, lost } = keeperOn(keepsAll);
  keeper.add(claimed("b"));
  keeper.add(claimed("a"));
  keeper.start();

  await vi.advanceTimersByTimeAsync(9_999);
  expect(sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(20_001);
  keeper.stop();
  await vi.advanceTimersByTimeAsync(60_000);

  const leases = [
    { job_id: "a", lease_token: "lease of a" },
    { job_id: "b", lease_token: "lease of b" },
  ];
  expect(sent).toEqual(Array.from({ length: 3 }, () => ({ leases, leaseSeconds: 30 })));
  expect(lost).toEqual([]);
});

test("makes no calls while it holds no lease", async () => {
  const { keeper, sent } = keeperOn(keepsAll);
  const { lease } = keeper.add(claimed("a"));
  keeper.remove(lease);
  keeper.start();

  await vi.advanceTimersByTimeAsync(60_000);
  keeper.stop();

  expect(sent).toEqual([]);
});

test("sends no heartbeat while another one is in progress", async () => {
  const answers: (() => void)[] = [];
  const { keeper, sent } = keeperOn(() => new Promise((resolve) => answers.push(() => resolve(["a"]))));
  keeper.add(claimed("a"));
  keeper.start();

  await vi.advanceTimersByTimeAsync(40_000);
  expect(sent).toHaveLength(1);
  answers[0]!();
  await vi.advanceTimersByTimeAsync(10_000);
  keeper.stop();

  expect(sent).toHaveLength(2);
});

test("a job whose lease is lost is aborted and reported, and the others stay", async () => {
  const { keeper, lost } = keeperOn(async () => ["b"]);
  const [a, b] = [keeper.add(claimed("a")), keeper.add(claimed("b"))];
  a.state = b.state = "running";
  keeper.start();

  await vi.advanceTimersByTimeAsync(10_000);
  keeper.stop();

  expect(lost).toEqual([a]);
  expect([a.isLost, a.signal.aborted]).toEqual([true, true]);
  expect([b.isLost, b.signal.aborted]).toEqual([false, false]);
  expect(keeper.running).toEqual([b]);
  expect(keeper.remove(a.lease)).toBeUndefined();
});

test("for a job that has ended, the answer to its result counts, not that to a heartbeat", async () => {
  const { keeper, lost } = keeperOn(async () => []);
  const leased = keeper.add(claimed("a"));
  leased.state = "ended";
  keeper.start();

  await vi.advanceTimersByTimeAsync(10_000);
  keeper.stop();

  expect(lost).toEqual([]);
  expect(keeper.remove(leased.lease)).toBe(leased);
});

test("a job that was claimed again meanwhile is not lost together with its former lease", async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<string[]>();
  const { keeper, lost } = keeperOn(() => answered);
  const former = keeper.add(claimed("a", "former"));
  keeper.start();
  await vi.advanceTimersByTimeAsync(10_000);
  keeper.remove(former.lease);
  const present = keeper.add(claimed("a", "present"));

  answer([]);
  await vi.advanceTimersByTimeAsync(0);
  keeper.stop();

  expect(lost).toEqual([]);
  expect(keeper.remove(former.lease)).toBeUndefined();
  expect(keeper.remove(present.lease)).toBe(present);
});

test("after a failed heartbeat no job is lost, and the next heartbeat comes", async () => {
  let calls = 0;
  const { keeper, lost, lines } = keeperOn(async (leases) => {
    calls += 1;
    if (calls === 1) throw new Error("fetch failed");
    return keepsAll(leases);
  });
  keeper.add(claimed("a"));
  keeper.start();

  await vi.advanceTimersByTimeAsync(20_000);
  keeper.stop();

  expect(calls).toBe(2);
  expect(lines).toEqual(["A heartbeat failed: fetch failed"]);
  expect(lost).toEqual([]);
});
