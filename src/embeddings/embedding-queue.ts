import type { EmbeddingUsage } from "./embedding-usage.ts";

/** A text that waits for its embedding, and that a worker has claimed until the lease expires. */
export interface ClaimedText {
  id: number;
  lease_token: string;
  /** The model that is to make the embedding. */
  model_used: string;
  kind: "thought" | "memory";
  user_id: string;
  content: string;
  /** SHA-256 of the content in UTF-8, in lower-case hexadecimal. A result for another content is dropped. */
  content_hash: string;
  /** The number of attempts, this one included. */
  attempts: number;
}

/** The result for a claimed text. */
export type EmbeddingResult = Pick<ClaimedText, "id" | "lease_token"> &
  (
    | { content_hash: string; /** In the form that pgvector reads. */ embedding: string }
    | {
        error: string;
        retryable: boolean;
        retry_after_seconds?: number;
        /** True if the model failed and not the text. This does not count as an attempt. */
        is_released?: boolean;
      }
  );

/** How many results ended in each way. */
export interface Stored {
  stored: number;
  /** Results that came too late: the text was changed or deleted, or the lease had expired. */
  dropped: number;
  /** Results without an embedding. The texts are tried again, unless the result says otherwise. */
  failed: number;
}

export interface RegisteredModel {
  name: string;
  /**
   * Searches use the embeddings of the active model. A filling one is to become active. A former one was active before.
   */
  state: "filling" | "active" | "former";
}

export interface Claim {
  workerId: string;
  model: string;
  batchSize: number;
  leaseSeconds: number;
  /** Claims texts of this user only. */
  userId?: string | undefined;
}

/** The embedding queue as a worker uses it. Every method throws a `QueueError`. */
export interface EmbeddingQueue {
  models(): Promise<RegisteredModel[]>;
  claim(claim: Claim): Promise<ClaimedText[]>;
  /** Stores results. It can be repeated safely: each result has its fencing token. */
  store(results: EmbeddingResult[]): Promise<Stored>;
  /**
   * Books the usage of one request to its payers, if the model is active and has a price. It can be repeated safely
   * with the same id.
   */
  book(model: string, requestId: string, usage: EmbeddingUsage[]): Promise<void>;
}

/** The progress of a model, counted over the texts of all users. */
export interface EmbeddingProgress {
  /** Texts with an embedding of their present content. */
  embedded: number;
  /**
   * Texts without one. `failed` of them were given up, and `unpaid` wait because the monthly limit of their user is
   * used up.
   */
  pending: number;
  failed: number;
  unpaid: number;
}

/** The registered embedding models. Every method throws a `QueueError`. */
export interface EmbeddingModels {
  models(): Promise<RegisteredModel[]>;
  /** Registers a model, and queues every text that has no embedding of it. Returns the number of these texts. */
  add(name: string): Promise<number>;
  /**
   * Makes this model active: from now on, searches use its embeddings. Refused while some are missing, unless
   * `isForced`.
   */
  switchTo(name: string, isForced?: boolean): Promise<void>;
  /** Deletes a model and up to `batchSize` of its embeddings. Returns how many were deleted; 0 when none are left. */
  drop(name: string, batchSize: number): Promise<number>;
  progress(name: string): Promise<EmbeddingProgress>;
  /** Queues the texts again that were given up. Returns their number. */
  retryFailed(): Promise<number>;
}
