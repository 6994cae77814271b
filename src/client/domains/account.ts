import type { VibeProfile } from "../../schemas/vibe-profile.ts";
import { callRpc } from "../http/call-rpc.ts";
import { load } from "../lazy-methods.ts";
import { updating } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Changes, Client, Row } from "../types.ts";

/** A user: the mirror of their account. `vibe_profile` is computed by the backend. */
export type Account = Row<"users">;
/** What may be changed of an account. */
export type AccountChanges = Changes<"users", "name" | "timezone">;

/** Who is signed in. */
export interface AccountDomain {
  /**
   * Your own row. Call it once after signing in: it repairs the row if the sign-up could not write it.
   *
   * @throws GroundworkError `unauthenticated`
   */
  get(options?: RequestOptions): Promise<Account>;
  /**
   * Changes your name (1 to 200 characters) or time zone (an IANA name).
   *
   * @example await gw.account.update({ timezone: "Europe/Lisbon" });
   */
  update(changes: AccountChanges, options?: RequestOptions): Promise<Account>;
  /** Computes anew what you care for, and gives it: the weight of each tag, 0 to 1. */
  refreshVibeProfile(options?: RequestOptions): Promise<VibeProfile>;
}

/** The domain `gw.account` alone, on a client that is there already. */
export function account(supabase: Client, settings?: RequestSettings): AccountDomain {
  const backend = { supabase, settings };
  const get = (options?: RequestOptions) => callRpc(backend, "repeatable", "ensure_user", {}, options);
  return {
    get,
    refreshVibeProfile: (options) => callRpc(backend, "once", "refresh_vibe_profile", {}, options),
    async update(changes, options) {
      const { timezone } = changes;
      if (timezone !== undefined) (await load(import("./checks.ts"))).check("timezone", timezone);
      // By id, so that with a secret key, which sees everybody, it can't change everybody.
      const { id } = await get(options);
      return updating<Account, AccountChanges>(backend, "users").update(id, changes, options);
    },
  };
}
