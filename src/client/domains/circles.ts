import type { Database } from "../../database.ts";
import { callRpc } from "../http/call-rpc.ts";
import { GroundworkError } from "../http/groundwork-error.ts";
import { type Repository, from, repository, rowsIn, runQuery } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Thought } from "./thoughts.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** A circle. The backend counts in `care_frequency` what you did for it. */
export type Circle = Row<"circles">;
/** The fields of a new circle. Fields with a default are optional. */
export type NewCircle = New<"circles", "circle_name" | "description">;
/** The fields of a circle that can be changed. */
export type CircleChanges = Changes<"circles", "circle_name" | "description">;
/** Columns by which circles can be filtered. */
export type CircleFilter = Filter<"circles", "circle_name">;

/** A circle or a thought that you may care for next. */
export type Discovery = Database["public"]["Functions"]["discover"]["Returns"][number];

/** Named groups of thoughts, such as those about one person, place or plan. */
export interface CirclesDomain extends Repository<Circle, NewCircle, CircleChanges, CircleFilter> {
  /**
   * Moves thoughts into a circle. A thought is in one circle at most. `gw.thoughts.list({ circle_id })` returns a
   * circle's thoughts.
   *
   * @throws GroundworkError `not_found` for a thought or circle that is not yours. Thoughts of
   *   yours are moved even if another one is not found
   */
  gather(id: number, thoughtIds: readonly number[], options?: RequestOptions): Promise<Thought[]>;
  /**
   * Lists the circles and thoughts that you may care for next, those with the highest `score` first. The score is made
   * of `affinity` (how well it fits your vibe profile), `recency` and `novelty`, each 0 to 1. An outdated vibe profile
   * is computed again first.
   *
   * @param options.matchCount 1 to 1000; default 10
   */
  discover(options?: { matchCount?: number | undefined } & RequestOptions): Promise<Discovery[]>;
}

/** The domain `gw.circles` alone, on an existing client. */
export function circles(supabase: Client, settings?: RequestSettings): CirclesDomain {
  const backend = { supabase, settings };
  return {
    ...repository<Circle, NewCircle, CircleChanges, CircleFilter>(backend, "circles"),
    discover: ({ matchCount: match_count, ...options } = {}) =>
      callRpc(backend, "repeatable", "discover", { match_count }, options),
    async gather(circle_id, thoughtIds, options) {
      const update = () =>
        from(backend, "thoughts")
          .update({ circle_id })
          .in("id", [...thoughtIds])
          .select();
      const gathered = rowsIn<Thought>(await runQuery(backend, "once", update, options));
      const missing = thoughtIds.filter((id) => !gathered.some((thought) => thought.id === id));
      if (missing.length > 0) throw new GroundworkError("not_found", `You have no row ${missing} in thoughts.`);
      return gathered;
    },
  };
}
