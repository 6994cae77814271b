import type { Prompt } from "../runtime/agent.ts";
import { rulesOf } from "../runtime/prompt-rules.ts";

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
