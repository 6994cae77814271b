import { callRpc } from "../http/call-rpc.ts";
import { type Repository, creating, from, repository, rowsIn, runQuery } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Story } from "./stories.ts";
import type { Thought } from "./thoughts.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** Something that a user means to do. */
export type Intention = Row<"intentions">;
/** The fields of a new intention. Fields with a default are optional. */
export type NewIntention = New<"intentions", "intention_text">;
/** The fields of an intention that can be changed. */
export type IntentionChanges = Omit<Changes<"intentions", "intention_text" | "status">, "status"> & {
  /** An intention is completed with a story: `gw.intentions.complete`. */
  status?: Exclude<Intention["status"], "completed"> | undefined;
};
/** Columns by which intentions can be filtered. */
export type IntentionFilter = Filter<"intentions", "status">;
/** The link between an intention and a thought that it is for. */
export type IntentionCare = Row<"intention_cares">;

/** What you mean to do. */
export interface IntentionsDomain extends Repository<Intention, NewIntention, IntentionChanges, IntentionFilter> {
  /**
   * Links an intention with the thoughts that it is for.
   *
   * @throws GroundworkError `not_found` for an intention or thought that is not yours, `conflict` if a link exists
   *   already
   */
  care(id: number, thoughtIds: readonly number[], options?: RequestOptions): Promise<IntentionCare[]>;
  /** Returns the thoughts that an intention is for, the oldest first, 1000 at most. */
  thoughts(id: number, options?: RequestOptions): Promise<Thought[]>;
  /**
   * Completes an intention and writes its story.
   *
   * @throws GroundworkError `not_found` (GW201), `conflict` if it is completed (GW202) or archived (GW203),
   *   `validation` for a story without a text (GW204)
   * @example const story = await gw.intentions.complete(intention.id, "We walked to the lock and back.");
   */
  complete(id: number, storyText: string, options?: RequestOptions): Promise<Story>;
  /** Archives an intention. */
  archive(id: number, options?: RequestOptions): Promise<Intention>;
}

/** The domain `gw.intentions` alone, on an existing client. */
export function intentions(supabase: Client, settings?: RequestSettings): IntentionsDomain {
  const backend = { supabase, settings };
  const rows = repository<Intention, NewIntention, IntentionChanges, IntentionFilter>(backend, "intentions");
  return {
    ...rows,

    care: (intention_id, thoughtIds, options) =>
      creating<IntentionCare, object>(backend, "intention_cares").createMany(
        thoughtIds.map((thought_id) => ({ intention_id, thought_id })),
        options,
      ),

    async thoughts(id, options) {
      const select = () =>
        from(backend, "thoughts")
          .select("*, intention_cares!inner()")
          .eq("intention_cares.intention_id", id)
          .order("id");
      return rowsIn(await runQuery(backend, "repeatable", select, options));
    },

    complete: (intention_id, story_text, options) =>
      callRpc(backend, "once", "complete_intention", { intention_id, story_text }, options),

    archive: (id, options) => rows.update(id, { status: "archived" }, options),
  };
}
