import { load } from "../lazy-methods.ts";
import { from, reading, removing, rowsIn, runQuery } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Changes, Client, Row } from "../types.ts";

/** A user's preferences. */
export type Preferences = Row<"user_preferences">;
/** The preferences that can be changed. */
export type PreferencesChanges = Changes<
  "user_preferences",
  "custom_hours" | "theme" | "communication_preferences" | "onboarding_completed"
>;

/** Your preferences. A user has one row at most, so no method takes an id. */
export interface PreferencesDomain {
  /** Returns your preferences, or null if none were saved. */
  get(options?: RequestOptions): Promise<Preferences | null>;
  /**
   * Saves the given preferences and leaves the others as they are.
   *
   * @throws GroundworkError `validation` for hours or channels that are not valid
   * @example await gw.preferences.save({ custom_hours: { start: "09:00", end: "17:30", timezone: "Europe/Berlin" } });
   */
  save(changes: PreferencesChanges, options?: RequestOptions): Promise<Preferences>;
  /** Deletes your preferences. Does nothing if you have none. */
  reset(options?: RequestOptions): Promise<void>;
}

/** The domain `gw.preferences` alone, on an existing client. */
export function preferences(supabase: Client, settings?: RequestSettings): PreferencesDomain {
  const backend = { supabase, settings };
  const table = "user_preferences";

  const get = async (options?: RequestOptions) =>
    (await reading<Preferences, object>(backend, table).list({ limit: 1 }, options)).items[0] ?? null;

  return {
    get,

    async save(changes, options) {
      for (const column of ["custom_hours", "communication_preferences"] as const) {
        if (changes[column]) (await load(import("./checks.ts"))).check(column, changes[column]);
      }
      const upsert = () => from(backend, table).upsert(changes, { onConflict: "user_id" }).select();
      return rowsIn<Preferences>(await runQuery(backend, "once", upsert, options))[0]!;
    },

    async reset(options) {
      const saved = await get(options);
      if (saved) await removing<Preferences>(backend, table).remove(saved.id, options);
    },
  };
}
