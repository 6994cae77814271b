import type { Prompt } from "../runtime/agent.ts";
import { rulesOf } from "../runtime/prompt-rules.ts";

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
