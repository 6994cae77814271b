import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { DateOfTimestamp, Timestamp } from "#groundwork/schemas";
import { expect, test } from "vitest";
import { z } from "zod";

test("a timestamp of the API is converted to a Date and back", () => {
  const date = z.decode(DateOfTimestamp, "2026-11-20T12:21:13.293456+02:00");

  expect(date).toEqual(new Date("2026-11-20T10:21:13.293Z"));
  expect(z.encode(DateOfTimestamp, date)).toBe("2026-11-20T10:21:13.293Z");
  fc.assert(
    fc.property(fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }), (any) => {
      expect(z.decode(DateOfTimestamp, z.encode(DateOfTimestamp, any))).toEqual(any);
    }),
  );
});

test("a text that is not a timestamp is refused", () => {
  const wrong = ["2026-11-20", "2026-11-20T10:21:13", "yesterday", ""];

  expect(wrong.filter((text) => Timestamp.safeParse(text).success)).toEqual([]);
  expect(() => z.encode(DateOfTimestamp, new Date(Number.NaN))).toThrow(z.ZodError);
});

test("with Temporal, it is converted to an Instant with its microseconds, and back", async () => {
  const program = `
    import { InstantOfTimestamp } from "./src/schemas/index.ts";
    import { z } from "zod";
    const instant = z.decode(InstantOfTimestamp, "2026-11-20T12:21:13.293456+02:00");
    console.log(instant instanceof Temporal.Instant, z.encode(InstantOfTimestamp, instant));
    console.log(InstantOfTimestamp.safeEncode("no instant").success);
  `;

  const { stdout } = await promisify(execFile)("deno", ["eval", "--quiet", "--unstable-temporal", program]);

  expect(stdout).toBe("true 2026-11-20T10:21:13.293456Z\nfalse\n");
});
