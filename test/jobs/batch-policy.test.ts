import { beforeEach, describe, expect, test } from "vitest";
import { BatchPolicy } from "../../src/jobs/batch-policy.ts";

let stop: AbortController;
beforeEach(() => {
  stop = new AbortController();
});
const policy = ({ concurrency = 4, batchSize = 4, maxCalls = 2 } = {}) =>
  new BatchPolicy({ concurrency, batchSize, maxCalls, stopped: stop.signal });
const answer = (picked: number) => ({ claimed: [], refused: [], picked });
const idle = { open: 0, results: 0 };

describe("a call now", () => {
  test("is made for a full batch of results", () => {
    const made = policy();

    expect(made.isWorthACall({ open: 8, results: 3 })).toBe(false);
    expect(made.isWorthACall({ open: 8, results: 4 })).toBe(true);
  });

  test("is made for a smaller batch if no running job could add to it", () => {
    const made = policy();

    made.isEmpty = true;

    expect(made.isWorthACall({ open: 1, results: 1 })).toBe(false);
    expect(made.isWorthACall({ open: 0, results: 1 })).toBe(true);
  });

  test("is made for a full batch of claims, if the worker has room for it", () => {
    const made = policy();

    expect(made.isWorthACall({ open: 4, results: 0 })).toBe(true);
    expect(made.isWorthACall({ open: 5, results: 0 })).toBe(false);
  });

  test("is not made to claim from an empty queue, but to send results", () => {
    const made = policy();
    made.isEmpty = true;

    expect(made.isWorthACall(idle)).toBe(false);
    expect(made.isWorthACall({ open: 0, results: 1 })).toBe(true);
  });

  test("beside another call is made for a full batch of claims, if the last call brought as many as it asked for", () => {
    const made = policy({ concurrency: 8 });
    const first = made.begin(idle);
    made.answered(first, answer(4));
    made.end(first);
    made.begin({ open: 0, results: 0 });

    expect(made.isWorthACall(idle)).toBe(true);

    const meagre = policy({ concurrency: 8 });
    const few = meagre.begin(idle);
    meagre.answered(few, answer(3));
    meagre.end(few);
    meagre.begin(idle);
    expect(meagre.isWorthACall(idle)).toBe(false);
  });

  test("waits while the highest number of calls is in progress", () => {
    const made = policy({ maxCalls: 1 });
    const call = made.begin(idle);

    expect([made.canCall, made.isIdle]).toEqual([false, false]);
    expect(made.isWorthACall({ open: 0, results: 4 })).toBe(false);
    expect(made.isWorthACallSoon({ open: 0, results: 4 })).toBe(false);
    made.end(call);
    expect([made.canCall, made.isIdle]).toEqual([true, true]);
  });
});

describe("a call soon", () => {
  test("is made for any result, and for any room for jobs while no call is in progress", () => {
    const made = policy();

    expect(made.isWorthACallSoon({ open: 8, results: 0 })).toBe(false);
    expect(made.isWorthACallSoon({ open: 8, results: 1 })).toBe(true);
    expect(made.isWorthACallSoon({ open: 7, results: 0 })).toBe(true);
    made.begin({ open: 8, results: 0 });
    expect(made.isWorthACallSoon({ open: 7, results: 0 })).toBe(false);
    expect(made.isWorthACallSoon({ open: 7, results: 1 })).toBe(true);
  });
});

describe("how many jobs a call claims", () => {
  test("is a batch at most, and never more than the worker has room for, counting the calls in progress", () => {
    const made = policy({ concurrency: 2, batchSize: 4, maxCalls: 2 });

    expect(made.begin({ open: 3, results: 0 }).batchSize).toBe(4);
    expect(made.begin({ open: 3, results: 0 }).batchSize).toBe(1);
    expect(made.begin({ open: 3, results: 0 }).batchSize).toBe(0);
  });

  test("allows as many jobs as run at once, even if batches are smaller", () => {
    const made = policy({ concurrency: 100, batchSize: 10, maxCalls: 1 });

    expect(made.begin({ open: 95, results: 0 }).batchSize).toBe(5);
  });

  test("is available to other calls again when the call ends", () => {
    const made = policy({ batchSize: 4, maxCalls: 1 });
    made.end(made.begin(idle));

    expect(made.begin(idle).batchSize).toBe(4);
  });

  test("is 0 after the worker was stopped", () => {
    const made = policy();
    stop.abort();

    expect(made.begin(idle).batchSize).toBe(0);
    expect(made.isWorthACall(idle)).toBe(false);
    expect(made.isWorthACallSoon(idle)).toBe(false);
  });
});

describe("the queue counts as empty", () => {
  test("when a call that claimed and brought no results picked nothing", () => {
    const made = policy();

    made.answered(made.begin(idle), answer(0));

    expect(made.isEmpty).toBe(true);
  });

  test("no longer, when a call picks something", () => {
    const made = policy();
    made.isEmpty = true;

    made.answered(made.begin(idle), answer(1));

    expect(made.isEmpty).toBe(false);
  });

  test("not after a call that settled results, which may have made others ready", () => {
    const made = policy();

    made.answered(made.begin({ open: 0, results: 1 }), answer(0));

    expect(made.isEmpty).toBe(false);
  });

  test("not if results were settled during the call", () => {
    const made = policy();
    const looking = made.begin(idle);
    const settling = made.begin({ open: 0, results: 1 });

    made.answered(settling, answer(0));
    made.answered(looking, answer(0));

    expect(made.isEmpty).toBe(false);
  });

  test("not for a call that claimed nothing", () => {
    const made = policy();

    made.answered(made.begin({ open: 8, results: 0 }), answer(0));

    expect(made.isEmpty).toBe(false);
  });
});
