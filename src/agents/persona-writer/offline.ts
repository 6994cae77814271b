import type { Fact, Facts, Portrait } from "./prompt.ts";
import { cut, plain } from "../text/safe-text.ts";

type FoundFact = Facts["facts"][number];

/** Adjectives that describe a person. */
const adjectives = new Set(
  (
    "active adventurous affectionate ambitious analytical anxious artistic athletic attentive bold brave bright brilliant " +
    "calm careful caring cautious charming cheerful clever competitive confident considerate cooperative courageous " +
    "creative curious decisive dedicated demanding dependable determined diligent diplomatic direct disciplined discreet " +
    "down-to-earth easygoing eloquent empathetic energetic enthusiastic extroverted fair faithful fearless flexible " +
    "forgiving frank friendly funny generous gentle grumpy hard-working hardworking helpful honest hopeful humble humorous " +
    "imaginative impatient impulsive independent industrious innovative inquisitive intelligent introverted inventive " +
    "kind kind-hearted lazy lively logical loving loyal meticulous modest moody musical naive nervous observant open " +
    "open-minded optimistic organised organized outgoing passionate patient perceptive persistent pessimistic playful " +
    "polite practical pragmatic precise proactive proud punctual quiet rational realistic reflective relaxed reliable " +
    "religious reserved resilient resourceful respectful responsible restless romantic sarcastic scrupulous selfless " +
    "sensible sensitive serious shy silly sincere skeptical sociable spiritual spontaneous stubborn supportive " +
    "sympathetic systematic tactful talkative thorough thoughtful tidy tolerant trustworthy understanding warm " +
    "warm-hearted wise witty"
  ).split(" "),
);

const properName = String.raw`\p{Lu}[\p{L}\p{M}'’-]+(?:\s\p{Lu}[\p{L}\p{M}'’-]+){0,3}`;
/** Matches the end of a phrase. */
const end = String.raw`(?=[.;:!?…\n]|,?\s(?:but|because|although|while|when|so that|and\s(?:he|she|they|I|is|has|was|lives?|works?|likes?|loves?))\b|$)`;
const relation =
  "wife|husband|partner|mother|father|sister|brother|daughter|son|grandmother|grandfather|aunt|uncle|cousin|friend|dog|cat";

/** Patterns that find facts. The group `value` is the fact. A value with `isSplit` is split into several facts. */
const patterns: { field: FoundFact["field"]; pattern: RegExp; isSplit?: true }[] = [
  {
    field: "name",
    pattern: new RegExp(String.raw`\b(?:[Mm]y|[Hh]is|[Hh]er|[Tt]heir) name is (?<value>${properName})`, "u"),
  },
  {
    field: "name",
    pattern: new RegExp(
      String.raw`^["'“]?(?<value>${properName}),?\s(?:who\s)?(?:is|was|has|likes|loves|enjoys|lives|works)\b`,
      "u",
    ),
  },
  {
    field: "occupation",
    pattern: new RegExp(
      String.raw`\b(?:works?|worked|working)\sas\s(?:an?\s|the\s)?(?<value>[^,]+?)(?=,|\s(?:in|at|for|near)\s|${end})`,
      "iu",
    ),
  },
  {
    field: "location",
    pattern: new RegExp(
      String.raw`\b(?:lives?|living|resides?|is\sbased|comes?\sfrom|is\sfrom|am\sfrom)\s(?:in\s|near\s|at\s)?(?:the\s)?(?<value>${properName})`,
      "u",
    ),
  },
  {
    field: "interests",
    pattern: new RegExp(
      String.raw`\b(?:likes?|loves?|enjoys?|adores?|(?:is|am|are)\s(?:fond\sof|passionate\sabout|interested\sin|keen\son))\s(?:to\s)?(?<value>.+?)${end}`,
      "iu",
    ),
    isSplit: true,
  },
  {
    field: "values",
    pattern: new RegExp(
      String.raw`\b(?:values|believes?\sin|cares?\s(?:a\slot\s|deeply\s)?about|stands?\sfor)\s(?<value>.+?)${end}`,
      "iu",
    ),
    isSplit: true,
  },
  {
    field: "goals",
    pattern: new RegExp(
      String.raw`\b(?:wants?\sto|hopes?\sto|plans?\sto|dreams?\sof|aims?\sto|would\slike\sto|goal\sis\sto)\s(?<value>.+?)${end}`,
      "iu",
    ),
  },
  {
    field: "communication_style",
    pattern: new RegExp(
      String.raw`\b(?:speaks?|talks?|writes?|communicates?)\s(?<value>(?:\p{L}+ly|in\s\p{L}+|with\s\p{L}+)\b.*?)${end}`,
      "iu",
    ),
  },
  {
    field: "relationships",
    pattern: new RegExp(
      String.raw`\b(?:my|his|her|their)\s(?<value>(?:${relation}),?\s(?:is\s)?(?:called\s|named\s)?${properName})`,
      "u",
    ),
  },
];

/** The most facts that are taken from one part. */
const maxFacts = 40;
const maxQuoteLength = 500;

const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

/** Words that have a capital letter at the beginning of a sentence, and are not names. */
const noNames =
  /^(?:He|She|It|They|We|You|The|This|That|These|Those|There|Here|My|His|Her|Their|Our|Who|What|Everyone|Somebody|Someone|Nobody|Today|Yesterday|Now|Also|And|But|Both|One)\b/;

/** Finds facts in simple English sentences, by patterns and a list of adjectives. It does not draw conclusions. */
export function offlineFacts(text: string): Facts {
  const facts: FoundFact[] = [];
  for (const { segment } of sentences.segment(text)) {
    for (const line of segment.split(/\n\s*\n/)) {
      const sentence = line.trim();
      if (sentence) facts.push(...factsOf(sentence));
    }
    if (facts.length >= maxFacts) break;
  }
  return { facts: facts.slice(0, maxFacts) };
}

function factsOf(sentence: string): FoundFact[] {
  const quote = sentence.slice(0, maxQuoteLength).toWellFormed();
  const facts: FoundFact[] = [];
  const add = (field: FoundFact["field"], found: string) => {
    const value = cut(plain(found, ""), 100).replace(/[,.;:]+$/, "");
    if (value) facts.push({ field, value, quote });
  };
  for (const { field, pattern, isSplit } of patterns) {
    const match = pattern.exec(quote);
    if (!match || isDenied(quote.slice(0, match.index))) continue;
    const value = match.groups!.value!.replace(/\s+/g, " ");
    if (field === "name" && noNames.test(value)) continue;
    if (isSplit) for (const one of value.split(/,\s*(?:and\s)?|\sand\s/)) add(field, one);
    else add(field, value.replace(/,|\sis\b|\scalled\b|\snamed\b/g, ""));
  }
  for (const trait of traitsOf(quote)) add("traits", trait);
  return facts;
}

const copula = /\b(?:is|am|are|was|were|seems?|person|known)\b|['’](?:s|m|re)\b/i;

function traitsOf(sentence: string): string[] {
  if (!copula.test(sentence)) return [];
  const words = [...sentence.matchAll(/\p{L}+(?:-\p{L}+)*/gu)];
  return words
    .filter(({ 0: word, index }) => adjectives.has(word.toLowerCase()) && !isDenied(sentence.slice(0, index)))
    .map(([word]) => word.toLowerCase());
}

/** Returns true for "He is not a very …", but not for "He is not tall, and …". */
function isDenied(before: string): boolean {
  return /(?:\b(?:not|never|no|hardly|without|neither|nor)|n['’]t)(?:\s+[\p{L}-]+){0,2}\s*$/iu.test(before);
}

/**
 * Composes a persona from the values of the facts: the most often mentioned of each field, with a sentence for each
 * kind.
 */
export function offlinePortrait(facts: Fact[]): Portrait {
  const of = (field: Fact["field"], max: number) => facts.filter((fact) => fact.field === field).slice(0, max);
  const values = (field: Fact["field"], max: number) => listed(of(field, max).map(({ value }) => value));
  const names = of("name", facts.length);
  const name = names.find(({ value }) => value.startsWith(`${names[0]!.value} `)) ?? names[0];
  const who = name?.value ?? "This person";
  const sentence = (before: string, field: Fact["field"], max = 5) =>
    of(field, 1).length > 0 ? `${before} ${values(field, max)}.` : undefined;
  const summary = [
    sentence(`${who} is described as`, "traits"),
    sentence("Works as", "occupation", 1),
    sentence("Home:", "location", 1),
    sentence("Interests:", "interests"),
    sentence("What matters:", "values"),
    sentence("Goals:", "goals", 3),
    sentence("Others:", "relationships"),
  ].filter((part) => part !== undefined);

  const claims = (["occupation", "location", "communication_style"] as const)
    .flatMap((field) => of(field, 1))
    .concat((["traits", "interests", "values", "goals", "relationships"] as const).flatMap((field) => of(field, 11)))
    .map(claimOf);
  return {
    summary: summary.join(" ") || `${who} is mentioned in the text.`,
    claims: [...(name ? [claimOf(name)] : []), ...claims],
  };
}

const claimOf = ({ field, value, key }: Fact) => ({ field, value, fact: key });

function listed(values: string[]): string {
  return values.length < 2 ? values.join("") : `${values.slice(0, -1).join(", ")} and ${values.at(-1)}`;
}
