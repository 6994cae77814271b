import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocate } from "../../../src/agents/optimizer/allocate.ts";

const requests = fc
  .array(fc.record({ weight: fc.integer({ min: 0, max: 100 }), floor: fc.bigInt(0n, 10n ** 12n) }), {
    minLength: 1,
    maxLength: 30,
  })
  .filter((list) => list.some(({ weight }) => weight > 0));
const extra = fc.oneof(fc.constant(0n), fc.bigInt(0n, 100n), fc.bigInt(0n, 10n ** 15n));
const sumOf = (amounts: bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n);

describe("a division", () => {
  test("adds up exactly to the total, and no amount is below its floor", () => {
    fc.assert(
      fc.property(requests, extra, (list, more) => {
        const total = sumOf(list.map(({ floor }) => floor)) + more;

        const amounts = allocate(total, list);

        expect(sumOf(amounts)).toBe(total);
        for (const [index, { floor }] of list.entries()) expect(amounts[index]! >= floor).toBe(true);
      }),
    );
  });

  test("without floors is in proportion, with an error of less than one millionth", () => {
    fc.assert(
      fc.property(requests, extra, (list, total) => {
        const weights = BigInt(list.reduce((sum, { weight }) => sum + weight, 0));

        const amounts = allocate(
          total,
          list.map(({ weight }) => ({ weight, floor: 0n })),
        );

        for (const [index, { weight }] of list.entries()) {
          const off = amounts[index]! * weights - total * BigInt(weight);
          expect(off < weights && off > -weights).toBe(true);
        }
      }),
    );
  });

  test.each([
    [100, [1, 1, 1], [0, 0, 0], [34, 33, 33]],
    [100, [50, 50], [80, 0], [80, 20]],
    [100, [100, 0], [0, 30], [70, 30]],
    // The first floor takes so much that the share of the second campaign falls below its own floor.
    [100, [10, 45, 45], [40, 35, 0], [40, 35, 25]],
    [90, [7, 2], [60, 30], [60, 30]],
  ])("of %i by the weights %j with the floors %j is %j", (total, weights, floors, amounts) => {
    const list = weights.map((weight, index) => ({ weight, floor: BigInt(floors[index]!) }));

    expect(allocate(BigInt(total), list)).toEqual(amounts.map(BigInt));
  });
});
