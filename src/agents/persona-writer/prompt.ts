import { z } from "zod";
import type { Prompt } from "../runtime/agent.ts";
import { rulesOf } from "../runtime/prompt-rules.ts";
import { Line, Text } from "../text/safe-text.ts";

const rules = rulesOf("a program that describes people from texts about them");

export const factsPrompt: Prompt = {
  version: "persona_writer/facts/1",
  system: `${rules}

Your task: list what the text says about the person whom it is mainly about. It is one part of a longer text if "parts" is
more than 1.
- facts: at most 40, the most telling first; none if the text says nothing about a person. Each has
  - field: what kind of fact it is: name, occupation, location, communication_style, traits, interests, values, goals or
    relationships;
  - value: the fact in a word or a few, on one line: "friendly", "beekeeping", "sister Ana";
  - quote: the passage of the text that says so, copied to the letter, at least three words long, at most a sentence or two.
A fact that no passage says does not belong into the list. Do not conclude, and do not add what you know from elsewhere.`,
};

export const composePrompt: Prompt = {
  version: "persona_writer/compose/1",
  system: `${rules}

Your task: describe a person from the facts that were found in a text, each with its key and how often it was mentioned.
- summary: two to five sentences that say who the person is, from these facts alone. Plain text.
- claims: at most 60, the most telling first. Each has
  - field: name, occupation, location, communication_style, traits, interests, values, goals or relationships; the first four
    at most once each;
  - value: a word or a few, on one line; for traits an adjective, if possible. Facts that say the same become one claim;
  - fact: the key of the fact that supports it ("f1").`,
};

export const singleFields = ["name", "occupation", "location", "communication_style"] as const;
export const listFields = ["traits", "interests", "values", "goals", "relationships"] as const;
export const Field = z.enum([...singleFields, ...listFields]);
export type Field = z.infer<typeof Field>;

/** The answer to the first prompt, for one part of the text. */
export const Facts = z.strictObject({
  facts: z.array(z.strictObject({ field: Field, value: Line.max(120), quote: Text.max(1000) })).max(40),
});
export type Facts = z.infer<typeof Facts>;

/** The answer to the second prompt. */
export const Portrait = z.strictObject({
  summary: Text.max(3000),
  claims: z.array(z.strictObject({ field: Field, value: Line.max(200), fact: z.string() })).max(60),
});
export type Portrait = z.infer<typeof Portrait>;

/** A fact whose quote is in the text. */
export interface Fact {
  key: string;
  field: Field;
  value: string;
  /** The passage as it is written in the text. */
  quote: string;
  /** The number of places in the text that mention it. */
  mentions: number;
}
