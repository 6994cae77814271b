import type { LocalBackend } from "#groundwork/local";
import { embeddingQueueOverHttp } from "../../../src/embeddings/embedding-queue-over-http.ts";
import { runEmbeddingWorker } from "../../../src/embeddings/embedding-worker.ts";
import { lexicalModel } from "../../../src/embeddings/lexical-model.ts";

/** Embeds all texts that wait, with the offline model. */
export const embedAll = (backend: LocalBackend) =>
  runEmbeddingWorker(embeddingQueueOverHttp(backend.adminClient()), () => lexicalModel(), { workerId: "test" });
