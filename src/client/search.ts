import type { Enums } from "../database.types.ts";
import type { Database } from "../database.ts";
import { callFunction } from "./call.ts";
import type { RequestOptions, RequestSettings } from "./request.ts";
import type { Client } from "./types.ts";

/** Something of yours that was found. `snippet` is HTML with `<mark>` around what fits, and nothing else. */
export type SearchHit = Database["public"]["Functions"]["search"]["Returns"][number];

export interface SearchOptions extends RequestOptions {
  /** Of what to search. Default: of everything. */
  kinds?: readonly Enums<"search_kind">[] | undefined;
  /** 1 to 100. Default 10. */
  matchCount?: number | undefined;
}

export interface SearchResult {
  /** The best first. */
  hits: SearchHit[];
  /** The embedding model that knew the meaning; null when only words were searched for. */
  model: string | null;
  /** Why only words were searched for. */
  degraded?: string;
}

/**
 * Finds what is yours by words and by meaning.
 *
 * @example const { hits } = await gw.search("pear trees", { kinds: ["thought", "memory"] });
 */
export type Search = (query: string, options?: SearchOptions) => Promise<SearchResult>;

export function search(supabase: Client, settings?: RequestSettings): Search {
  return async (query, { kinds, matchCount: match_count, ...options } = {}) => {
    const manner = { ...settings, ...options, isRepeatable: true };
    type Body = { data: SearchHit[] } & Omit<SearchResult, "hits">;
    const { data: hits, ...rest } = await callFunction<Body>(supabase, "search", { query, kinds, match_count }, manner);
    return { hits, ...rest };
  };
}
