import { z } from "zod";

/** A point in time as the API returns and takes it: ISO 8601 with an offset, with up to six decimals. */
export const Timestamp = z.iso.datetime({ offset: true });

/**
 * Converts between timestamps and `Date`, which has only milliseconds.
 *
 * @example z.decode(DateOfTimestamp, thought.created_at) // Date
 */
export const DateOfTimestamp = z.codec(Timestamp, z.date(), {
  decode: (timestamp) => new Date(timestamp),
  encode: (date) => date.toISOString(),
});

/** `Temporal.Instant`, if the app's TypeScript has this type. */
type Instant = typeof globalThis extends { Temporal: { Instant: { from(text: string): infer One } } } ? One : never;
type Temporal = { Instant: { new (nanoseconds: bigint): Instant; from(timestamp: string): Instant } };
const temporal = () => (globalThis as unknown as { Temporal: Temporal }).Temporal;

/**
 * Converts between timestamps and `Temporal.Instant`, which keeps microseconds. The runtime must have it: Chrome 144,
 * Firefox 139, Node 26 or Deno.
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
