import type { EmbeddingProgress } from "./embedding-queue.ts";

interface Health {
  model: string;
  embedded: number;
  missing: number;
  stale: number;
  failed: number;
  unpaid: number;
}

/** Adds up the rows of `embedding_health()` for one model. */
export function progressOf(name: string, health: Health[]): EmbeddingProgress {
  const progress = { embedded: 0, pending: 0, failed: 0, unpaid: 0 };
  for (const { model, embedded, missing, stale, failed, unpaid } of health) {
    if (model !== name) continue;
    progress.embedded += embedded;
    progress.pending += missing + stale;
    progress.failed += failed;
    progress.unpaid += unpaid;
  }
  return progress;
}
