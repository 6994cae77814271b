import type { Database } from "../../database.ts";
import type { JobInput, JobOutput } from "./jobs.ts";
import { lazyMethods } from "../lazy-methods.ts";
import { type Repository, repository } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { AgentTerms, FinishedJob } from "./run-agent.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** A memory. It is true from `valid_from` until `valid_to`, with a `confidence` of 0 to 1. */
export type Memory = Row<"personal_memories">;
/** The fields of a new memory. Fields with a default are optional. */
export type NewMemory = New<"personal_memories", "content" | "source" | "confidence" | "valid_from" | "valid_to">;
/** The fields of a memory that can be changed. */
export type MemoryChanges = Changes<
  "personal_memories",
  "content" | "source" | "confidence" | "valid_from" | "valid_to"
>;
/** Columns by which memories can be filtered. */
export type MemoryFilter = Filter<"personal_memories", "source" | "superseded_by">;
/** A memory that is similar to a question; `similarity` is -1 to 1. */
export type SimilarMemory = Database["public"]["Functions"]["match_memories"]["Returns"][number];

/** How to look for similar memories. */
export interface SimilarMemoriesOptions extends RequestOptions {
  /** 1 to 1000. Default 10. */
  matchCount?: number | undefined;
  /** The lowest similarity, -1 to 1. Default: none. */
  matchThreshold?: number | undefined;
  /** ISO 8601. Finds the memories that were true at this time. Default: now. */
  asOf?: string | undefined;
}

/** How to recall memories. */
export interface RecallOptions extends SimilarMemoriesOptions {
  /** 1 to 100. Default 10. */
  matchCount?: number | undefined;
}

/** The pairs of memories that say the same or contradict each other, and the job that found them. */
export type ConsolidatedMemories = JobOutput<"memory_keeper"> & { job: FinishedJob };

/** What is remembered about you. */
export interface MemoriesDomain extends Repository<Memory, NewMemory, MemoryChanges, MemoryFilter> {
  /**
   * Stores a memory. If a memory with the same words exists, that one is returned.
   *
   * @param more.valid_from ISO 8601: the time from which it is true; default now
   * @param more.confidence 0 to 1; default 1
   * @example await gw.memories.remember("I live in Lisbon.", { valid_from: "2026-03-02T00:00:00Z" });
   */
  remember(
    content: string,
    more?: Omit<FunctionArguments<"remember">, "content">,
    options?: RequestOptions,
  ): Promise<Memory>;
  /**
   * Finds the memories that are nearest in meaning to a question, as they were true at a given time, the nearest first.
   *
   * @throws GroundworkError `limit_exceeded` (GW803) when your monthly limit does not allow the question's embedding
   * @example
   * const [home] = await gw.memories.recall("Where do I live?", { asOf: "2026-04-01T00:00:00Z", matchCount: 1 });
   */
  recall(query: string, options?: RecallOptions): Promise<SimilarMemory[]>;
  /** Deletes a memory and its embedding for good. The same as `remove`. */
  forget(id: string, options?: RequestOptions): Promise<void>;
  /** Deletes all memories for good and returns their number. */
  forgetAll(options?: RequestOptions): Promise<number>;
  /**
   * Has an agent find memories that say the same or contradict each other, and waits for it. Of two memories that
   * contradict each other, the older one is superseded by the newer one, never deleted.
   *
   * @throws GroundworkError `limit_exceeded` when the job waits because a limit is reached, `timeout` when it takes
   *   longer than a minute: the job continues, `details` has its id
   */
  consolidate(
    request?: JobInput<"memory_keeper"> & AgentTerms,
    options?: RequestOptions,
  ): Promise<ConsolidatedMemories>;
  /** Supersedes an older memory by a newer one. The older one ends at `at` (ISO 8601; default now). */
  supersede(oldId: string, newId: string, at?: string, options?: RequestOptions): Promise<Memory>;
  /** Makes a superseded memory valid again. */
  restore(id: string, options?: RequestOptions): Promise<Memory>;
  /**
   * Returns the memories nearest to an embedding of the active embedding model (1536 numbers), the most similar first.
   */
  similar(embedding: number[], options?: SimilarMemoriesOptions): Promise<SimilarMemory[]>;
}

type FunctionArguments<Name extends keyof Database["public"]["Functions"]> =
  Database["public"]["Functions"][Name]["Args"];

/** The domain `gw.memories` alone, on an existing client. */
export function memories(supabase: Client, settings?: RequestSettings): MemoriesDomain {
  const backend = { supabase, settings };
  const rows = repository<Memory, NewMemory, MemoryChanges, MemoryFilter>(backend, "personal_memories");
  return {
    ...rows,
    forget: rows.remove,
    ...lazyMethods(backend, () => import("./memory-methods.ts"), [
      "remember",
      "recall",
      "forgetAll",
      "consolidate",
      "supersede",
      "restore",
      "similar",
    ]),
  };
}
