import type { Database } from "../../database.ts";
import { lazyMethods } from "../lazy-methods.ts";
import { type Repository, repository } from "../http/repository.ts";
import type { JobInput, JobOutput } from "./jobs.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { AgentTerms, FinishedJob } from "./run-agent.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** `novelty_score`, 0 to 1, is computed by the backend. */
export type Thought = Row<"thoughts">;
/** What a thought is made of. What has a default may be left out. */
export type NewThought = New<"thoughts", "thought_text" | "tags" | "reflection" | "circle_id">;
/** What may be changed of a thought. */
export type ThoughtChanges = Changes<"thoughts", "thought_text" | "tags" | "reflection" | "circle_id">;
/** Columns by which a thought is found. */
export type ThoughtFilter = Filter<"thoughts", "circle_id" | "tags">;

/** A thought near another, or near a vector. */
export type SimilarThought = Database["public"]["Functions"]["match_thoughts"]["Returns"][number];
/** A thought that has to do with another; `relationship` says how. */
export type RelatedThought = Database["public"]["Functions"]["related_thoughts"]["Returns"][number];
/** A line that somebody or something drew between two thoughts. */
export type ThoughtRelationship = Row<"thought_relationships">;

/** What was gathered, and the job that did it. */
export type OrganizedThoughts = JobOutput<"thought_organizer"> & { job: FinishedJob };

/** How to look for similar thoughts. */
export interface SimilarOptions extends RequestOptions {
  /** 1 to 1000. Default 10. */
  matchCount?: number | undefined;
  /** The least similarity, -1 to 1. Default: none. */
  matchThreshold?: number | undefined;
  /** Only thoughts of this circle. */
  circleId?: number | undefined;
}

/** What crossed your mind. */
export interface ThoughtsDomain extends Repository<Thought, NewThought, ThoughtChanges, ThoughtFilter> {
  /**
   * Keeps a thought.
   *
   * @example await gw.thoughts.capture("Plant a pear tree", { tags: ["garden"] });
   */
  capture(text: string, more?: Omit<NewThought, "thought_text">, options?: RequestOptions): Promise<Thought>;
  /**
   * Thoughts that have to do with this one: those that a line leads to, and those that mean something similar.
   *
   * @throws GroundworkError `not_found` (GW206)
   */
  related(id: number, options?: Pick<SimilarOptions, "matchCount"> & RequestOptions): Promise<RelatedThought[]>;
  /** Draws a line from one thought to another. `weight` is 0 to 1, by default 1. */
  relate(
    fromId: number,
    toId: number,
    more?: New<"thought_relationships", "weight" | "note">,
    options?: RequestOptions,
  ): Promise<ThoughtRelationship>;
  /**
   * Lets an agent gather thoughts that nobody has placed into circles, and waits for it. With `dry_run` it only says what it
   * would do.
   *
   * @throws GroundworkError `limit_exceeded` when it waits for money, `timeout` when it takes longer than a minute: the job
   *   goes on, `details` has its id
   * @example const { circles, joined } = await gw.thoughts.organize();
   */
  organize(request?: JobInput<"thought_organizer"> & AgentTerms, options?: RequestOptions): Promise<OrganizedThoughts>;
  /** The thoughts nearest to a vector of the active embedding model, 1536 numbers, the most similar first. */
  similar(embedding: number[], options?: SimilarOptions): Promise<SimilarThought[]>;
}

/** The domain `gw.thoughts` alone, on a client that is there already. */
export function thoughts(supabase: Client, settings?: RequestSettings): ThoughtsDomain {
  const backend = { supabase, settings };
  const rows = repository<Thought, NewThought, ThoughtChanges, ThoughtFilter>(backend, "thoughts");
  return {
    ...rows,
    capture: (thought_text, more, options) => rows.create({ ...more, thought_text }, options),
    ...lazyMethods(backend, () => import("./thought-methods.ts"), ["organize", "related", "relate", "similar"]),
  };
}
