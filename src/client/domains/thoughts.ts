import type { Database } from "../../database.ts";
import { lazyMethods } from "../lazy-methods.ts";
import { type Repository, repository } from "../http/repository.ts";
import type { JobInput, JobOutput } from "./jobs.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { AgentTerms, FinishedJob } from "./run-agent.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** A thought. The backend computes its `novelty_score`, 0 to 1. */
export type Thought = Row<"thoughts">;
/** The fields of a new thought. Fields with a default are optional. */
export type NewThought = New<"thoughts", "thought_text" | "tags" | "reflection" | "circle_id">;
/** The fields of a thought that can be changed. */
export type ThoughtChanges = Changes<"thoughts", "thought_text" | "tags" | "reflection" | "circle_id">;
/** Columns by which thoughts can be filtered. */
export type ThoughtFilter = Filter<"thoughts", "circle_id" | "tags">;

/** A thought that is similar to another one or to an embedding. */
export type SimilarThought = Database["public"]["Functions"]["match_thoughts"]["Returns"][number];
/** A thought that is related to another one; `relationship` says how. */
export type RelatedThought = Database["public"]["Functions"]["related_thoughts"]["Returns"][number];
/** A relationship between two thoughts, which a user or an agent has made. */
export type ThoughtRelationship = Row<"thought_relationships">;

/** The thoughts that were put into circles, and the job that did it. */
export type OrganizedThoughts = JobOutput<"thought_organizer"> & { job: FinishedJob };

/** How to look for similar thoughts. */
export interface SimilarOptions extends RequestOptions {
  /** 1 to 1000. Default 10. */
  matchCount?: number | undefined;
  /** The lowest similarity, -1 to 1. Default: none. */
  matchThreshold?: number | undefined;
  /** Only thoughts of this circle. */
  circleId?: number | undefined;
}

/** Your thoughts. */
export interface ThoughtsDomain extends Repository<Thought, NewThought, ThoughtChanges, ThoughtFilter> {
  /**
   * Stores a thought.
   *
   * @example await gw.thoughts.capture("Plant a pear tree", { tags: ["garden"] });
   */
  capture(text: string, more?: Omit<NewThought, "thought_text">, options?: RequestOptions): Promise<Thought>;
  /**
   * Returns the thoughts that have a relationship with this one, and those of similar meaning.
   *
   * @throws GroundworkError `not_found` (GW206)
   */
  related(id: number, options?: Pick<SimilarOptions, "matchCount"> & RequestOptions): Promise<RelatedThought[]>;
  /** Makes a relationship from one thought to another. `weight` is 0 to 1; default 1. */
  relate(
    fromId: number,
    toId: number,
    more?: New<"thought_relationships", "weight" | "note">,
    options?: RequestOptions,
  ): Promise<ThoughtRelationship>;
  /**
   * Has an agent put thoughts that nobody has placed into circles, and waits for it. With `dry_run` nothing is
   * changed; the result says what would be done.
   *
   * @throws GroundworkError `limit_exceeded` when the job waits because a limit is reached, `timeout` when it takes
   *   longer than a minute: the job continues, `details` has its id
   * @example const { circles, joined } = await gw.thoughts.organize();
   */
  organize(request?: JobInput<"thought_organizer"> & AgentTerms, options?: RequestOptions): Promise<OrganizedThoughts>;
  /**
   * Returns the thoughts nearest to an embedding of the active embedding model (1536 numbers), the most similar first.
   */
  similar(embedding: number[], options?: SimilarOptions): Promise<SimilarThought[]>;
}

/** The domain `gw.thoughts` alone, on an existing client. */
export function thoughts(supabase: Client, settings?: RequestSettings): ThoughtsDomain {
  const backend = { supabase, settings };
  const rows = repository<Thought, NewThought, ThoughtChanges, ThoughtFilter>(backend, "thoughts");
  return {
    ...rows,
    capture: (thought_text, more, options) => rows.create({ ...more, thought_text }, options),
    ...lazyMethods(backend, () => import("./thought-methods.ts"), ["organize", "related", "relate", "similar"]),
  };
}
