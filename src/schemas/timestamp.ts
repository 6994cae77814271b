import { z } from "zod";

/** A moment as the API gives and takes it: ISO 8601 with an offset, up to microseconds. */
export const Timestamp = z.iso.datetime({ offset: true });

/**
 * Between timestamps and `Date`, which knows milliseconds only.
 *
 * @example z.decode(DateOfTimestamp, thought.created_at) // Date
 */
export const DateOfTimestamp = z.codec(Timestamp, z.date(), {
  decode: (timestamp) => new Date(timestamp),
  encode: (date) => date.toISOString(),
});

/** `Temporal.Instant`, for those whose TypeScript knows it. */
type Instant = typeof globalThis extends { Temporal: { Instant: { from(text: string): infer One } } } ? One : never;
type Temporal = { Instant: { new (nanoseconds: bigint): Instant; from(timestamp: string): Instant } };
const temporal = () => (globalThis as unknown as { Temporal: Temporal }).Temporal;

/**
 * Between timestamps and `Temporal.Instant`, which keeps microseconds, where the runtime has it: Chrome 144, Firefox 139,
 * Node 26 and Deno.
 *
 * @example z.decode(InstantOfTimestamp, thought.created_at) // Temporal.Instant
 */
export const InstantOfTimestamp: z.ZodCodec<typeof Timestamp, z.ZodCustom<Instant, Instant>> = z.codec(
  Timestamp,
  z.custom<Instant>((value) => value instanceof temporal().Instant),
  {
    decode: (timestamp) => temporal().Instant.from(timestamp),
    encode: (instant) => String(instant),
  },
);
