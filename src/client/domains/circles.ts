import type { Database } from "../../database.ts";
import { callRpc } from "../http/call-rpc.ts";
import { GroundworkError } from "../http/groundwork-error.ts";
import { type Repository, from, repository, rowsIn, runQuery } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Thought } from "./thoughts.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** `care_frequency` counts what you did for a circle; the backend does. */
export type Circle = Row<"circles">;
/** What a circle is made of. What has a default may be left out. */
export type NewCircle = New<"circles", "circle_name" | "description">;
/** What may be changed of a circle. */
export type CircleChanges = Changes<"circles", "circle_name" | "description">;
/** Columns by which a circle is found. */
export type CircleFilter = Filter<"circles", "circle_name">;

/** A circle or a thought to care for next. */
export type Discovery = Database["public"]["Functions"]["discover"]["Returns"][number];

/** What belongs together: a person, a place, an undertaking. */
export interface CirclesDomain extends Repository<Circle, NewCircle, CircleChanges, CircleFilter> {
  /**
   * Gathers thoughts in a circle, out of any other. The thoughts of a circle are `gw.thoughts.list({ circle_id })`.
   *
   * @throws GroundworkError `not_found` for a thought or circle that is not yours; those that are yours were gathered then
   */
  gather(id: number, thoughtIds: readonly number[], options?: RequestOptions): Promise<Thought[]>;
  /**
   * What you might care for next: circles, and thoughts, the most fitting first. `score` is made of `affinity` (how
   * it fits what you care for), `recency` and `novelty`, each 0 to 1. Counts what you care for anew where that is out of date.
   *
   * @param options.matchCount 1 to 1000; default 10
   */
  discover(options?: { matchCount?: number | undefined } & RequestOptions): Promise<Discovery[]>;
}

/** The domain `gw.circles` alone, on a client that is there already. */
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
