import type { Database } from "../../database.ts";
import type { JobInput, JobOutput } from "./jobs.ts";
import { lazyMethods } from "../lazy-methods.ts";
import { type Repository, repository } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { AgentTerms, FinishedJob } from "./run-agent.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** Something that holds from `valid_from` until `valid_to`, with a `confidence` of 0 to 1. */
export type Memory = Row<"personal_memories">;
/** What a memory is made of. What has a default may be left out. */
export type NewMemory = New<"personal_memories", "content" | "source" | "confidence" | "valid_from" | "valid_to">;
/** What may be changed of a memory. */
export type MemoryChanges = Changes<
  "personal_memories",
  "content" | "source" | "confidence" | "valid_from" | "valid_to"
>;
/** Columns by which a memory is found. */
export type MemoryFilter = Filter<"personal_memories", "source" | "superseded_by">;
/** A memory near a question; `similarity` is -1 to 1. */
export type SimilarMemory = Database["public"]["Functions"]["match_memories"]["Returns"][number];

/** How to look for similar memories. */
export interface SimilarMemoriesOptions extends RequestOptions {
  /** 1 to 1000. Default 10. */
  matchCount?: number | undefined;
  /** The least similarity, -1 to 1. Default: none. */
  matchThreshold?: number | undefined;
  /** ISO 8601: what held then. Default: now. */
  asOf?: string | undefined;
}

/** How to recall. */
export interface RecallOptions extends SimilarMemoriesOptions {
  /** 1 to 100. Default 10. */
  matchCount?: number | undefined;
}

/** What was found to be the same or to contradict, and the job that did it. */
export type ConsolidatedMemories = JobOutput<"memory_keeper"> & { job: FinishedJob };

/** What is remembered about you. */
export interface MemoriesDomain extends Repository<Memory, NewMemory, MemoryChanges, MemoryFilter> {
  /**
   * Remembers something, or finds that it is remembered already: the same words are one memory.
   *
   * @param more.valid_from ISO 8601: since when it holds; default now
   * @param more.confidence 0 to 1; default 1
   * @example await gw.memories.remember("I live in Lisbon.", { valid_from: "2026-03-02T00:00:00Z" });
   */
  remember(
    content: string,
    more?: Omit<FunctionArguments<"remember">, "content">,
    options?: RequestOptions,
  ): Promise<Memory>;
  /**
   * What is remembered about a question, as it was known at a time, the nearest first.
   *
   * @throws GroundworkError `limit_exceeded` (GW803) when the month has no money left for the question's vector
   * @example const [home] = await gw.memories.recall("Where do I live?", { asOf: "2026-04-01T00:00:00Z", matchCount: 1 });
   */
  recall(query: string, options?: RecallOptions): Promise<SimilarMemory[]>;
  /** Forgets a memory for good, its vector included. The same as `remove`. */
  forget(id: string, options?: RequestOptions): Promise<void>;
  /** Forgets everything, and gives how many memories that were. */
  forgetAll(options?: RequestOptions): Promise<number>;
  /**
   * Lets an agent find which memories say the same and which contradict each other, and waits for it: what is contradicted
   * is superseded by the newer one, never deleted.
   *
   * @throws GroundworkError `limit_exceeded` when it waits for money, `timeout` when it takes longer than a minute: the job
   *   goes on, `details` has its id
   */
  consolidate(
    request?: JobInput<"memory_keeper"> & AgentTerms,
    options?: RequestOptions,
  ): Promise<ConsolidatedMemories>;
  /** Lets a newer memory take the place of an older one, which then held until `at` (ISO 8601; default now). */
  supersede(oldId: string, newId: string, at?: string, options?: RequestOptions): Promise<Memory>;
  /** Lets a superseded memory hold again. */
  restore(id: string, options?: RequestOptions): Promise<Memory>;
  /** The memories nearest to a vector of the active embedding model, 1536 numbers, the most similar first. */
  similar(embedding: number[], options?: SimilarMemoriesOptions): Promise<SimilarMemory[]>;
}

type FunctionArguments<Name extends keyof Database["public"]["Functions"]> =
  Database["public"]["Functions"][Name]["Args"];

/** The domain `gw.memories` alone, on a client that is there already. */
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
