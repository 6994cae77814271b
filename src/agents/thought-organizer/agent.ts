import type { JsonObject } from "../../database.ts";
import { readHalfVector } from "../../organizing/half-vector.ts";
import { organize } from "../../organizing/organize.ts";
import type { Agent, AgentContext } from "../runtime/agent.ts";
import { ThoughtOrganizerInput } from "./input.ts";
import { Names, thoughtOrganizerPrompt } from "./prompt.ts";
import { cut, markdownProblems } from "../text/safe-text.ts";
import { wordsOfGroups } from "./offline.ts";
import type { ThoughtsToOrganize } from "./thoughts-to-organize.ts";

type Thought = ThoughtsToOrganize["thoughts"][number];

/** A new circle, in the form that `apply_thought_organizer()` takes. */
interface NewCircle {
  name: string;
  description: string;
  tags: string[];
  thought_ids: number[];
  reflections: { thought_id: number; reflection: string }[];
}

/** The number of circles in one question. */
const circlesAtOnce = 6;
/** How many thoughts of a circle the model sees. They are those nearest to the centre. */
const maxThoughts = 8;
const maxCharacters = 400;
/** At most this many taken names are sent to the model. An answer is checked against all of them. */
const maxTakenNames = 200;

/**
 * Puts thoughts into circles, and names the new ones. The embedding of a thought alone decides where it goes. The model
 * only names and describes new circles. The database decides what to carry out of `output_data`.
 */
export const thoughtOrganizer: Agent<ThoughtOrganizerInput> = {
  input: ThoughtOrganizerInput,

  async run({ dry_run = false }, context) {
    const material = await context.thoughtsToOrganize();
    const { joined, gathered, left } = organize(
      material.thoughts.map(({ id, vector }) => ({ id, vector: readHalfVector(vector) })),
      material.circles.flatMap(({ id, members, vector, typical, spread }) =>
        vector && typical !== null && spread !== null
          ? [{ id, members, typical, spread, centroid: readHalfVector(vector) }]
          : [],
      ),
    );
    const { unchanged, not_embedded, remaining, embedding_model, novelty } = material;
    const output_data: JsonObject = {
      dry_run,
      unchanged,
      joined,
      circles: (await nameCircles(gathered, material, context)) as unknown as JsonObject[],
      left,
      not_embedded,
      remaining,
      novelty,
      embedding_model,
    };
    return { output_data, assets: [] };
  },
};

async function nameCircles(
  gathered: number[][],
  material: ThoughtsToOrganize,
  context: AgentContext,
): Promise<NewCircle[]> {
  const byId = new Map(material.thoughts.map((thought) => [thought.id, thought]));
  const groups = gathered.map((ids) => ids.map((id) => byId.get(id)!));
  const isGathered = new Set(gathered.flat());
  const others = material.thoughts.filter(({ id }) => !isGathered.has(id)).map(({ text }) => text);
  const taken = new Set(material.circles.map(({ name }) => name.toLowerCase()));

  const circles: NewCircle[] = [];
  for (let start = 0; start < groups.length; start += circlesAtOnce) {
    const batch = groups.slice(start, start + circlesAtOnce);
    const elsewhere = [...others, ...groups.filter((group) => !batch.includes(group)).flatMap(textsOf)];
    for (const circle of await nameBatch(batch, elsewhere, taken, context)) {
      taken.add(circle.name.toLowerCase());
      circles.push(circle);
    }
  }
  return circles;
}

const textsOf = (group: Thought[]) => group.map(({ text }) => text);

async function nameBatch(
  groups: Thought[][],
  others: string[],
  taken: ReadonlySet<string>,
  context: AgentContext,
): Promise<NewCircle[]> {
  const shown = groups.map((group) => group.slice(0, maxThoughts));
  const { circles } = await context.ask({
    prompt: thoughtOrganizerPrompt,
    answer: Names,
    material: {
      taken: [...taken].slice(0, maxTakenNames),
      circles: shown.map((group, index) => ({
        circle: circleKey(index),
        thoughts: Object.fromEntries(group.map(({ text }, at) => [thoughtKey(at), cut(text, maxCharacters)])),
      })),
    },
    outputTokens: { min: 100 + 60 * groups.length, max: 2000 + 1000 * groups.length },
    problems: (answer) => problemsOf(answer, shown, taken),
    offlineAnswer: () => ({
      circles: wordsOfGroups(groups.map(textsOf), others, taken).map((words, index) => {
        return Object.assign(words, { circle: circleKey(index), reflections: [] });
      }),
    }),
  });
  const byKey = new Map(circles.map((circle) => [circle.circle, circle]));
  return groups.map((group, index) => {
    const { name, description, tags, reflections } = byKey.get(circleKey(index))!;
    return {
      name,
      description,
      tags,
      thought_ids: group.map(({ id }) => id),
      reflections: reflections.flatMap(({ thought, text }) => {
        const at = shown[index]!.findIndex((_, place) => thoughtKey(place) === thought);
        const { id, has_reflection } = group[at]!;
        return has_reflection ? [] : [{ thought_id: id, reflection: text }];
      }),
    };
  });
}

/** The keys by which the model knows a circle and a thought of it. The model never sees an id. */
const circleKey = (index: number) => `c${index + 1}`;
const thoughtKey = (index: number) => `t${index + 1}`;

function problemsOf({ circles }: Names, shown: Thought[][], taken: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const keys = circles.map(({ circle }) => circle).toSorted();
  if (
    keys.join() !==
    shown
      .map((_, index) => circleKey(index))
      .toSorted()
      .join()
  ) {
    problems.push("circles: there must be exactly one for each circle");
  }
  const names = new Set(taken);
  for (const [index, { circle, name, description, tags, reflections }] of circles.entries()) {
    const path = `circles.${index}`;
    if (names.has(name.toLowerCase())) problems.push(`${path}.name: it is taken`);
    names.add(name.toLowerCase());
    const lines: [path: string, line: string][] = [
      [`${path}.name`, name],
      [`${path}.description`, description],
      ...tags.map((tag, at): [string, string] => [`${path}.tags.${at}`, tag]),
      ...reflections.map(({ text }, at): [string, string] => [`${path}.reflections.${at}.text`, text]),
    ];
    problems.push(...lines.flatMap(([at, line]) => lineProblems(at, line)));
    if (tags.some((tag) => tag !== tag.toLowerCase())) problems.push(`${path}.tags: write them in small letters`);
    const known = new Set(shown.find((_, at) => circleKey(at) === circle)?.map((_, at) => thoughtKey(at)));
    const reflected = reflections.map(({ thought }) => thought);
    if (reflected.some((key) => !known.has(key)) || new Set(reflected).size < reflected.length) {
      problems.push(`${path}.reflections: at most one for each thought of the circle`);
    }
  }
  return problems;
}

/** Checks a line as plain text: no tags, no URLs, and no characters that Markdown reads as markup. */
function lineProblems(path: string, line: string): string[] {
  const problems = markdownProblems(path, line, {});
  if (/[<>[\]{}`*_#|\\~]/u.test(line)) problems.push(`${path}: write it without markup`);
  if (line !== line.trim()) problems.push(`${path}: it may not begin or end with a space`);
  return problems;
}
