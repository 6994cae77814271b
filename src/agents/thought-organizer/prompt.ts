import { z } from "zod";
import type { Prompt } from "../runtime/agent.ts";
import { rulesOf } from "../runtime/prompt-rules.ts";
import { Line } from "../text/safe-text.ts";

export const thoughtOrganizerPrompt: Prompt = {
  version: "thought_organizer/1",
  system: `${rulesOf("a program that keeps a person's private thoughts in order")}

Your task: name groups of thoughts. Each entry of "circles" has a key and some of the thoughts of one group, which belong
together by their meaning. Answer exactly one entry for each of them, with its key.
- name: what the group is about, as the person would call it: one to five words, one line, no quotation marks, no markup.
  Never one of "taken", and no name twice.
- description: one plain sentence of at most 200 characters, to the person, on what these thoughts have in common.
- tags: 1 to 5 words or short phrases in small letters that fit all thoughts of the group.
- reflections: for thoughts of the group about which something helpful can be said, at most one each: thought is its key,
  text one or two kind, plain sentences to the person. Draw no diagnosis, give no medical or legal advice, invent nothing
  that is not in the thought. An empty list is fine.`,
};

/** The model's answer. */
export const Names = z.strictObject({
  circles: z.array(
    z.strictObject({
      circle: z.string(),
      name: Line.max(60),
      description: Line.max(300),
      tags: z.array(Line.max(30)).min(1).max(5),
      reflections: z.array(z.strictObject({ thought: z.string(), text: Line.max(500) })).max(8),
    }),
  ),
});
export type Names = z.infer<typeof Names>;
