import type { JsonObject } from "../../database.ts";
import type { Persona } from "../../schemas/persona.ts";
import type { Agent, AnyQuestion, AgentContext, Question } from "../runtime/agent.ts";
import { AgentError } from "../../jobs/agent-error.ts";
import { PersonaWriterInput } from "./input.ts";
import { partsOfText } from "../text/parts-of-text.ts";
import { offlineFacts, offlinePortrait } from "./offline.ts";
import { singleFields, listFields, Field, Facts, Portrait, type Fact, composePrompt, factsPrompt } from "./prompt.ts";
import { quotableText } from "../text/quotes.ts";
import { markdownProblems } from "../text/safe-text.ts";

/** In UTF-16 units. A model still quotes exactly from a text of this length. */
const partSizes = { maxLength: 24_000, overlap: 500 };
/** How many parts are read at the same time. */
const readers = 4;
/** The most bytes of facts that are composed: from each part, and from all parts together. */
const factBytes = { ofPart: 7000, ofAll: 20_000 };

/**
 * Makes a persona from a text, in two steps. First the model lists facts with quotes from each part of the text. Then
 * it composes the persona from the facts. A fact whose quote is not in the text is dropped, and so is a claim without a
 * fact.
 */
export const personaWriter: Agent<PersonaWriterInput> = {
  input: PersonaWriterInput,

  async run({ raw_text, title, source }, context) {
    const parts = partsOfText(raw_text, partSizes);
    const found = await readParts(parts, { title, source }, context);

    const text = quotableText(raw_text);
    const quoted = found.flatMap(({ quote, ...fact }) => {
      const passage = text.find(quote);
      return passage === undefined ? [] : [{ ...fact, quote: passage }];
    });
    if (quoted.length === 0) {
      if (found.length === 0) throw new AgentError("invalid_input", "The text says nothing about a person.");
      const message = `The model gave ${found.length} facts, but none of their quotes is in the text.`;
      throw new AgentError("invalid_answer", message);
    }
    const facts = mergeFacts(quoted, Math.min(factBytes.ofAll, parts.length * factBytes.ofPart));
    const portrait = await context.ask(composeQuestion(facts, raw_text));
    const { persona, dropped } = personaOf(portrait, facts);

    return {
      output_data: {
        persona: persona as JsonObject,
        parts: parts.length,
        facts: facts.length,
        dropped_facts: found.length - quoted.length,
        dropped_claims: dropped,
      },
      assets: [],
    };
  },
};

/** Reads several parts at once, and returns the facts in the order of the text. Stops when reading one part fails. */
async function readParts(parts: string[], about: object, context: AgentContext): Promise<Facts["facts"]> {
  const questions = parts.map((part, index) => factsQuestion(part, { ...about, part: index + 1, parts: parts.length }));
  const composing = costliestComposing(parts.length);
  context.checkCost([...questions, composing]);
  const found: Facts["facts"][] = [];
  let next = 0;
  const read = async () => {
    while (next < questions.length) {
      const index = next;
      next += 1;
      const { facts } = await context.ask(questions[index]!, [...questions.slice(next), composing]);
      found[index] = facts;
    }
  };
  // Waits until all readers have ended, so that the usage of each is known.
  const ends = await Promise.allSettled(Array.from({ length: readers }, () => read().catch(stopReading)));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
  return found.flat();

  function stopReading(error: unknown): never {
    next = questions.length;
    throw error;
  }
}

function factsQuestion(text: string, about: object): Question<Facts> {
  return {
    prompt: factsPrompt,
    answer: Facts,
    material: { ...about, text },
    outputTokens: { min: 400, max: 8000 },
    problems: () => [],
    offlineAnswer: () => offlineFacts(text),
  };
}

const composingTokens = { min: 600, max: 8000 };

function composeQuestion(facts: Fact[], rawText: string): Question<Portrait> {
  return {
    prompt: composePrompt,
    answer: Portrait,
    material: { facts: facts.map(shownFact) },
    outputTokens: composingTokens,
    problems: ({ summary, claims }) => [
      ...markdownProblems("summary", summary, { rawText }),
      ...claims.flatMap(({ value }, index) => markdownProblems(`claims.${index}.value`, value, { rawText })),
    ],
    offlineAnswer: () => offlinePortrait(facts),
  };
}

/** The most expensive composing question that is possible. It is used while the facts are not known yet. */
function costliestComposing(parts: number): AnyQuestion {
  const facts = "x".repeat(Math.min(factBytes.ofAll, parts * factBytes.ofPart));
  return { prompt: composePrompt, answer: Portrait, material: { facts }, outputTokens: composingTokens };
}

/** The fact without its quote, which composing does not need. */
const shownFact = ({ key, field, value, mentions }: Fact) => ({ key, field, value, mentions });

/** Merges facts that are the same, and returns as many as fit, those that are mentioned most often first. */
function mergeFacts(found: Facts["facts"], maxBytes: number): Fact[] {
  const byContent = new Map<string, Omit<Fact, "key">>();
  for (const fact of found) {
    const content = `${fact.field} ${fact.value.toLowerCase()}`;
    const known = byContent.get(content);
    if (known) known.mentions += 1;
    else byContent.set(content, { ...fact, mentions: 1 });
  }
  const facts = [...byContent.values()].toSorted((one, other) => other.mentions - one.mentions);
  const fitting: Fact[] = [];
  let bytes = 0;
  for (const [index, { field, value, quote, mentions }] of facts.entries()) {
    const fact = { key: `f${index + 1}`, field, value, quote, mentions };
    // Counts the bytes as they are sent: "<" is escaped with six characters.
    bytes += new TextEncoder().encode(JSON.stringify(shownFact(fact)).replaceAll("<", "\\u003c")).length + 1;
    if (bytes > maxBytes) break;
    fitting.push(fact);
  }
  return fitting;
}

function personaOf({ summary, claims }: Portrait, facts: Fact[]): { persona: Persona; dropped: number } {
  const byKey = new Map(facts.map((fact) => [fact.key, fact]));
  const lists: Record<(typeof listFields)[number], string[]> = {
    traits: [],
    interests: [],
    values: [],
    goals: [],
    relationships: [],
  };
  const single: Partial<Record<(typeof singleFields)[number], string>> = {};
  const evidence: NonNullable<Persona["evidence"]> = [];
  let dropped = 0;

  for (const { field, value, fact: key } of claims) {
    const fact = byKey.get(key);
    if (!fact) {
      dropped += 1;
      continue;
    }
    if (isListField(field)) {
      if (lists[field].some((known) => known.toLowerCase() === value.toLowerCase())) continue;
      lists[field].push(value);
    } else {
      if (single[field] !== undefined) continue;
      single[field] = value;
    }
    evidence.push({ field, value, quote: fact.quote });
  }
  const { name, ...others } = single;
  return { persona: { ...(name !== undefined && { name }), summary, ...others, ...lists, evidence }, dropped };
}

function isListField(field: Field): field is (typeof listFields)[number] {
  return (listFields as readonly string[]).includes(field);
}
