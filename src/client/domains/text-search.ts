import type { Enums } from "../../database.types.ts";
import type { Database } from "../../database.ts";
import { callRpc } from "../http/call-rpc.ts";
import { callFunction } from "../http/call-function.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Client } from "../types.ts";

/** A row of yours that was found. `snippet` is HTML: its only tag is `<mark>`, around the words that match. */
export type SearchHit = Database["public"]["Functions"]["search"]["Returns"][number];

/** How many texts of one kind have embeddings, for one model. */
export type EmbeddingHealth = Database["public"]["Functions"]["embedding_health"]["Returns"][number];

/** How to search. */
export interface SearchOptions extends RequestOptions {
  /** Which kinds of rows to search. Default: all. */
  kinds?: readonly Enums<"search_kind">[] | undefined;
  /** 1 to 100. Default 10. */
  matchCount?: number | undefined;
}

/** What was found. */
export interface SearchResult {
  /** The best first. */
  hits: SearchHit[];
  /** The embedding model whose embeddings were compared; null when only words were searched for. */
  model: string | null;
  /** The reason why only words were searched for. */
  degraded?: string;
}

/** The search, and how many of your texts have embeddings. */
export interface TextSearch {
  /**
   * Searches your rows by words and, for thoughts and memories, by meaning.
   *
   * @example const { hits } = await gw.search("pear trees", { kinds: ["thought", "memory"] });
   */
  (query: string, options?: SearchOptions): Promise<SearchResult>;
  /** Counts your texts by kind and embedding model. Those that are `missing` still wait for their embeddings. */
  health(options?: RequestOptions): Promise<EmbeddingHealth[]>;
}

/** The domain `gw.search` alone, on an existing client. */
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
