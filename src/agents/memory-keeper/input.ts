import { z } from "zod";

export const MemoryKeeperInput = z.strictObject({
  /** If absent: all memories that have not been compared yet. */
  memory_ids: z.array(z.guid()).min(1).max(1000).optional(),
});
export type MemoryKeeperInput = z.infer<typeof MemoryKeeperInput>;
