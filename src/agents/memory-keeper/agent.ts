import { z } from "zod";
import type { Agent, AgentContext, Question } from "../runtime/agent.ts";
import { AgentError } from "../../jobs/agent-error.ts";
import { MemoryKeeperInput } from "./input.ts";
import type { MemoriesToConsolidate, MemoryPair, MemoryToConsolidate } from "./memories-to-consolidate.ts";
import { compareMemories } from "./offline.ts";
import { Comparison, Comparisons, memoryKeeperPrompt } from "./prompt.ts";

/** The number of pairs in one question. Models that are asked about more pairs at once start to skip some. */
const pairsInQuestion = 20;

/** This is a type and not an interface, because only then does TypeScript accept it as JSON. */
type Proposal = {
  relation: "same" | "contradicts";
  older_id: string;
  newer_id: string;
};

/**
 * Compares new memories with similar ones, and proposes which of them say the same and which contradict each other. The
 * database decides what to do with each proposal when it completes the job.
 */
export const memoryKeeper: Agent<MemoryKeeperInput> = {
  input: MemoryKeeperInput,

  async run(_, context) {
    const material = await context.memoriesToConsolidate();
    const pairs = pairsOf(material);
    const { compared, comparisons } = await comparePairs(pairs, context);

    const proposals = withoutCircles(
      comparisons.flatMap(({ pair, relation, newer }): Proposal[] => {
        if (relation === "unrelated") return [];
        const [newerOne, olderOne] = newer === "a" ? [pair.a, pair.b] : [pair.b, pair.a];
        return [{ relation, older_id: olderOne.id, newer_id: newerOne.id }];
      }),
    );
    const open = new Set(pairs.slice(compared).flatMap(({ a, b }) => [a.id, b.id]));
    const lookedAt = material.looked_at.filter((id) => !open.has(id));
    const named = new Set([...lookedAt, ...proposals.flatMap(({ older_id, newer_id }) => [older_id, newer_id])]);
    return {
      output_data: {
        looked_at: lookedAt,
        proposals,
        // Only ids and times are stored here, so that no text remains when a user deletes a memory.
        memories: material.memories.filter(({ id }) => named.has(id)).map(({ id, updated_at }) => ({ id, updated_at })),
        pairs_compared: compared,
        remaining: material.remaining + material.looked_at.length - lookedAt.length,
        without_vector: material.without_vector,
      },
      assets: [],
    };
  },
};

function pairsOf({ memories, pairs }: MemoriesToConsolidate): MemoryPair[] {
  const byId = new Map(memories.map((memory) => [memory.id, memory]));
  return pairs.flatMap(({ a_id, b_id }) => {
    const [a, b] = [byId.get(a_id), byId.get(b_id)];
    return a && b ? [{ a, b }] : [];
  });
}

/** Asks about as many pairs as the job can pay for. It must be able to pay for the first question. */
async function comparePairs(pairs: MemoryPair[], context: AgentContext) {
  const comparisons: { pair: MemoryPair; relation: z.infer<typeof Comparison>["relation"]; newer: "a" | "b" }[] = [];
  let compared = 0;
  while (compared < pairs.length) {
    const batch = pairs.slice(compared, compared + pairsInQuestion);
    let answer: Comparisons;
    try {
      answer = await context.ask(questionAbout(batch));
    } catch (error) {
      // The answers so far have been paid for, so they are used. The next job compares the rest.
      if (compared > 0 && error instanceof AgentError && error.code === "over_max_cost") break;
      throw error;
    }
    for (const { pair, relation, newer } of answer.pairs) {
      comparisons.push({ pair: batch[keysOf(batch).indexOf(pair)]!, relation, newer });
    }
    compared += batch.length;
  }
  return { compared, comparisons };
}

const keysOf = (batch: MemoryPair[]) => batch.map((_, index) => `p${index + 1}`);

function questionAbout(batch: MemoryPair[]): Question<Comparisons> {
  const keys = keysOf(batch);
  const shown = ({ content, valid_from, created_at }: MemoryToConsolidate) => ({
    content,
    valid_from,
    told_at: created_at,
  });
  return {
    prompt: memoryKeeperPrompt,
    answer: Comparisons,
    material: { pairs: batch.map(({ a, b }, index) => ({ key: keys[index], a: shown(a), b: shown(b) })) },
    outputTokens: { min: 100 + 40 * batch.length, max: 2000 + 100 * batch.length },
    problems: ({ pairs }) => {
      const answered = pairs.map(({ pair }) => pair).toSorted();
      return answered.join() === keys.toSorted().join() ? [] : ["pairs: there must be exactly one entry for each pair"];
    },
    offlineAnswer: () => ({ pairs: batch.map((pair, index) => ({ pair: keys[index]!, ...compareMemories(pair) })) }),
  };
}

/** Leaves out each proposal that would close a circle, in which a memory supersedes itself through other memories. */
function withoutCircles(proposals: Proposal[]): Proposal[] {
  const successors = new Map<string, string[]>();
  const leadsTo = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (from === to) return true;
    seen.add(from);
    return (successors.get(from) ?? []).some((next) => !seen.has(next) && leadsTo(next, to, seen));
  };
  return proposals.filter(({ relation, older_id, newer_id }) => {
    // Of two memories that say the same, the older one stays.
    const [from, to] = relation === "same" ? [newer_id, older_id] : [older_id, newer_id];
    if (leadsTo(to, from)) return false;
    successors.set(from, [...(successors.get(from) ?? []), to]);
    return true;
  });
}
