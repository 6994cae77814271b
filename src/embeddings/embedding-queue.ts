import type { EmbeddingUsage } from "./embedding-usage.ts";

/** A text that waits for its vector, and is the worker's until its lease expires. */
export interface ClaimedText {
  id: number;
  lease_token: string;
  /** Whose vector it waits for. */
  model_used: string;
  kind: "thought" | "memory";
  user_id: string;
  content: string;
  /** SHA-256 of the content in UTF-8, in lower-case hexadecimal: a vector of another text is dropped. */
  content_hash: string;
  /** With this one. */
  attempts: number;
}

/** What became of a claimed text. */
export type EmbeddingResult = Pick<ClaimedText, "id" | "lease_token"> &
  (
    | { content_hash: string; /** As pgvector reads it. */ embedding: string }
    | {
        error: string;
        retryable: boolean;
        retry_after_seconds?: number;
        /** The model was at fault, not the text: this was no attempt. */
        is_released?: boolean;
      }
  );

/** How many results ended in which way. */
export interface Stored {
  stored: number;
  /** Too late: the text was changed or deleted, or the lease had expired. */
  dropped: number;
  /** Without a vector, to be tried again unless it was said otherwise. */
  failed: number;
}

export interface RegisteredModel {
  name: string;
  /** Searches use the active one's vectors. One that is filling is to become it; a former one was it. */
  state: "filling" | "active" | "former";
}

export interface Claim {
  workerId: string;
  model: string;
  batchSize: number;
  leaseSeconds: number;
  /** Claims this user's texts only. */
  userId?: string | undefined;
}

/** The queue as a worker uses it. Every method throws a `QueueError`. */
export interface EmbeddingQueue {
  models(): Promise<RegisteredModel[]>;
  claim(claim: Claim): Promise<ClaimedText[]>;
  /** Safe to repeat: results are fenced by their leases. */
  store(results: EmbeddingResult[]): Promise<Stored>;
  /** Has users pay for a request to the active model, if it has a price. Safe to repeat with the same id. */
  book(model: string, requestId: string, usage: EmbeddingUsage[]): Promise<void>;
}

/** How far a model is, counted over the texts of everyone. */
export interface EmbeddingProgress {
  /** Texts with a vector of their present words. */
  embedded: number;
  /** Texts without, and among them those that were given up, and those that wait because their user's month is spent. */
  pending: number;
  failed: number;
  unpaid: number;
}

/** The models that the database has vectors of. Every method throws a `QueueError`. */
export interface EmbeddingModels {
  models(): Promise<RegisteredModel[]>;
  /** Registers a model and queues every text for it that has no vector of it. Gives how many those are. */
  add(name: string): Promise<number>;
  /** From one moment to the next, searches use this model's vectors. Refused while some are missing, unless forced. */
  switchTo(name: string, isForced?: boolean): Promise<void>;
  /** Forgets a model and deletes so many of its vectors. Gives how many those were; 0 when none are left. */
  drop(name: string, batchSize: number): Promise<number>;
  progress(name: string): Promise<EmbeddingProgress>;
  /** Tries again what was given up. Gives how many texts that are. */
  retryFailed(): Promise<number>;
}
