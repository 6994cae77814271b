import type { ClaimedText, EmbeddingQueue, EmbeddingResult } from "../../../src/embeddings/embedding-queue.ts";
import type { EmbeddingUsage } from "../../../src/embeddings/embedding-usage.ts";

export interface QueueInMemory extends EmbeddingQueue {
  results: EmbeddingResult[];
  booked: { model: string; requestId: string; usage: EmbeddingUsage[] }[];
  /** The calls in their order: `claim 2` with the number of texts, `store 2` with the number of results. */
  calls: string[];
}

/** Makes a queue that keeps the results it receives, and gives each text out once. */
export function queueInMemory(texts: Partial<ClaimedText>[], changes: Partial<EmbeddingQueue> = {}): QueueInMemory {
  const waiting: ClaimedText[] = texts.map((text, place) => ({
    id: place + 1,
    lease_token: `lease ${place + 1}`,
    model_used: "groundwork-lexical-1",
    kind: "thought",
    user_id: "owner",
    content: `text ${place + 1}`,
    content_hash: `hash ${place + 1}`,
    attempts: 1,
    ...text,
  }));
  const results: EmbeddingResult[] = [];
  const booked: QueueInMemory["booked"] = [];
  const calls: string[] = [];
  return {
    results,
    booked,
    calls,
    models: async () => [{ name: "groundwork-lexical-1", state: "active" }],
    async claim({ model, batchSize, userId }) {
      const fits = (text: ClaimedText) =>
        text.model_used === model && (userId === undefined || text.user_id === userId);
      const claimed = waiting.filter(fits).slice(0, batchSize);
      for (const text of claimed) waiting.splice(waiting.indexOf(text), 1);
      calls.push(`claim ${claimed.length}`);
      return claimed;
    },
    async store(sent) {
      results.push(...sent);
      calls.push(`store ${sent.length}`);
      const failed = sent.filter((result) => "error" in result).length;
      return { stored: sent.length - failed, dropped: 0, failed };
    },
    async book(model, requestId, usage) {
      booked.push({ model, requestId, usage });
    },
    ...changes,
  };
}
