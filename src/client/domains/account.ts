import type { VibeProfile } from "../../schemas/vibe-profile.ts";
import { callRpc } from "../http/call-rpc.ts";
import { load } from "../lazy-methods.ts";
import { updating } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Changes, Client, Row } from "../types.ts";

/** A user: a copy of the account that Auth keeps. The backend computes `vibe_profile`. */
export type Account = Row<"users">;
/** The fields of an account that can be changed. */
export type AccountChanges = Changes<"users", "name" | "timezone">;

/** The signed-in user. */
export interface AccountDomain {
  /**
   * Returns your own row. Call it once after signing in: it creates the row if the sign-up could not write it.
   *
   * @throws GroundworkError `unauthenticated`
   */
  get(options?: RequestOptions): Promise<Account>;
  /**
   * Changes your name (1 to 200 characters) or your time zone (an IANA name).
   *
   * @example await gw.account.update({ timezone: "Europe/Lisbon" });
   */
  update(changes: AccountChanges, options?: RequestOptions): Promise<Account>;
  /** Computes your vibe profile again and returns it: the weight of each tag, 0 to 1. */
  refreshVibeProfile(options?: RequestOptions): Promise<VibeProfile>;
}

/** The domain `gw.account` alone, on an existing client. */
export function account(supabase: Client, settings?: RequestSettings): AccountDomain {
  const backend = { supabase, settings };
  const get = (options?: RequestOptions) => callRpc(backend, "repeatable", "ensure_user", {}, options);
  return {
    get,
    refreshVibeProfile: (options) => callRpc(backend, "once", "refresh_vibe_profile", {}, options),
    async update(changes, options) {
      const { timezone } = changes;
      if (timezone !== undefined) (await load(import("./checks.ts"))).check("timezone", timezone);
      // A client with the secret key can update the rows of all users. The id limits the update to this one.
      const { id } = await get(options);
      return updating<Account, AccountChanges>(backend, "users").update(id, changes, options);
    },
  };
}
