import type { Database } from "../database.ts";
import { callRpc } from "./call.ts";
import { type Repository, repository } from "./repository.ts";
import type { RequestOptions, RequestSettings } from "./request.ts";
import type { Changes, Client, Filter, New, Row } from "./types.ts";
import { encodeVector } from "./vector.ts";

/** Something that holds from `valid_from` until `valid_to`, with a `confidence` of 0 to 1. */
export type Memory = Row<"personal_memories">;
export type NewMemory = New<"personal_memories", "content" | "source" | "confidence" | "valid_from" | "valid_to">;
export type MemoryChanges = Changes<
  "personal_memories",
  "content" | "source" | "confidence" | "valid_from" | "valid_to"
>;
export type MemoryFilter = Filter<"personal_memories", "source" | "superseded_by">;
export type SimilarMemory = Database["public"]["Functions"]["match_memories"]["Returns"][number];

export interface SimilarMemoriesOptions extends RequestOptions {
  /** 1 to 1000. Default 10. */
  matchCount?: number | undefined;
  /** The least similarity, -1 to 1. Default: none. */
  matchThreshold?: number | undefined;
  /** ISO 8601: what held then. Default: now. */
  asOf?: string | undefined;
}

/** What is remembered about you. */
export interface MemoriesDomain extends Repository<Memory, NewMemory, MemoryChanges, MemoryFilter> {
  /** The memories nearest to a vector of the active embedding model, 1536 numbers, the most similar first. */
  similar(embedding: number[], options?: SimilarMemoriesOptions): Promise<SimilarMemory[]>;
}

export function memories(supabase: Client, settings?: RequestSettings): MemoriesDomain {
  return {
    ...repository<Memory, NewMemory, MemoryChanges, MemoryFilter>(supabase, "personal_memories", settings),
    similar(embedding, { matchCount: match_count, matchThreshold: match_threshold, asOf: as_of, ...options } = {}) {
      const args = { query_embedding: encodeVector(embedding), match_count, match_threshold, as_of };
      return callRpc(supabase, "match_memories", args, { ...settings, ...options, isRepeatable: true });
    },
  };
}
