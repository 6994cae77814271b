import { z } from "zod";
import type { Prompt } from "../runtime/agent.ts";
import { rulesOf } from "../runtime/prompt-rules.ts";

export const memoryKeeperPrompt: Prompt = {
  version: "memory_keeper/1",
  system: `${rulesOf("a program that keeps what people remember")}

Your task: compare the memories of one person, pair by pair. Each of "pairs" has two memories, a and b, with since when each
is true (valid_from) and when it was told (told_at). Answer one entry for each pair, with its key as "pair":
- relation "same": both say the same thing of the same person or matter, in other words. Not if one says more than the other.
- relation "contradicts": both can't be true at the same time, such as two places where somebody lives. What can be true
  side by side, such as two things that somebody likes, does not contradict.
- relation "unrelated": anything else. When in doubt, this.
- newer: "a" or "b", whichever became true later.`,
};

/** The relation of one pair of memories. */
export const Comparison = z.strictObject({
  pair: z.string(),
  relation: z.enum(["same", "contradicts", "unrelated"]),
  newer: z.enum(["a", "b"]),
});
/** The model's answer. */
export const Comparisons = z.strictObject({ pairs: z.array(Comparison) });
export type Comparisons = z.infer<typeof Comparisons>;
