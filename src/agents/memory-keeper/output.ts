import { z } from "zod";
import { originIfAny } from "../runtime/origin.ts";

export const MemoryKeeperOutput = z.strictObject({
  looked_at: z.array(z.guid()),
  proposals: z.array(
    z.strictObject({ relation: z.enum(["same", "contradicts"]), older_id: z.guid(), newer_id: z.guid() }),
  ),
  memories: z.array(z.strictObject({ id: z.guid(), updated_at: z.string() })),
  pairs_compared: z.int(),
  /** How many memories are left for the next run. */
  remaining: z.int(),
  without_vector: z.int(),
  ...originIfAny,
});
