import type { Enums } from "../../database.types.ts";
import type { Database } from "../../database.ts";
import { callRpc } from "../http/call-rpc.ts";
import { callFunction } from "../http/call-function.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Client } from "../types.ts";

/** Something of yours that was found. `snippet` is HTML with `<mark>` around what fits, and nothing else. */
export type SearchHit = Database["public"]["Functions"]["search"]["Returns"][number];

/** How far the vectors of one kind of text have come, for one model. */
export type EmbeddingHealth = Database["public"]["Functions"]["embedding_health"]["Returns"][number];

/** How to search. */
export interface SearchOptions extends RequestOptions {
  /** Of what to search. Default: of everything. */
  kinds?: readonly Enums<"search_kind">[] | undefined;
  /** 1 to 100. Default 10. */
  matchCount?: number | undefined;
}

/** What was found. */
export interface SearchResult {
  /** The best first. */
  hits: SearchHit[];
  /** The embedding model that knew the meaning; null when only words were searched for. */
  model: string | null;
  /** Why only words were searched for. */
  degraded?: string;
}

/** The search, and how much of your texts it covers. */
export interface TextSearch {
  /**
   * Finds what is yours by words and by meaning.
   *
   * @example const { hits } = await gw.search("pear trees", { kinds: ["thought", "memory"] });
   */
  (query: string, options?: SearchOptions): Promise<SearchResult>;
  /** How many of your texts have vectors, by kind and embedding model: those that are `missing` are on their way. */
  health(options?: RequestOptions): Promise<EmbeddingHealth[]>;
}

/** The domain `gw.search` alone, on a client that is there already. */
export function textSearch(supabase: Client, settings?: RequestSettings): TextSearch {
  const backend = { supabase, settings };
  return Object.assign(
    async (query: string, { kinds, matchCount: match_count, ...options }: SearchOptions = {}) => {
      type Body = { data: SearchHit[] } & Omit<SearchResult, "hits">;
      const body = { query, kinds, match_count };
      const { data: hits, ...rest } = await callFunction<Body>(backend, "repeatable", "search", body, options);
      return { hits, ...rest };
    },
    { health: (options?: RequestOptions) => callRpc(backend, "repeatable", "embedding_health", {}, options) },
  );
}
