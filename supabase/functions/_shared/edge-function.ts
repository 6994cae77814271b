import { STATUS_CODE } from "@std/http/status";
import { type AuthConfig, type AuthMode, ErrorCodeHeader, withSupabase } from "@supabase/server";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.ts";
import { errorResponse } from "./error-response.ts";

/** Who calls, with a client of the database for each role. */
export interface Caller {
  authMode: AuthMode;
  /** The database with the rights of the caller: row-level security holds. */
  userClient: SupabaseClient<Database>;
  /** The database with the rights of the service role, for what users may not read or write. */
  admin: SupabaseClient<Database>;
}

/**
 * Makes what an Edge Function exports: `handle`, for callers who have the right key, from pages of any origin. A
 * caller who is refused gets an error in the form of all others. The code of `@supabase/server` stays in the header
 * `x-supabase-server-error`.
 *
 * @param auth `user` for users who are signed in, `secret:*` for any secret key of the project, `none` for everyone
 */
export function edgeFunction(auth: AuthConfig, handle: (request: Request, caller: Caller) => Promise<Response>) {
  const answer = withSupabase<Database>({ auth }, (request, { authMode, supabase, supabaseAdmin }) =>
    handle(request, { authMode, userClient: supabase, admin: supabaseAdmin }),
  );
  const isForUsers = auth.includes("user");
  return {
    async fetch(request: Request): Promise<Response> {
      const response = await answer(request);
      if (!response.headers.has(ErrorCodeHeader)) return response;
      const body = (await response.json()) as { message: string; hint?: string };
      const refused =
        response.status === STATUS_CODE.Unauthorized
          ? refused401(isForUsers)
          : errorResponse(response.status, "misconfigured", body.message, body.hint ?? "See the function's log.");
      for (const [name, value] of response.headers) if (name !== "content-length") refused.headers.set(name, value);
      return refused;
    },
  };
}

const refused401 = (isForUsers: boolean) =>
  isForUsers
    ? errorResponse(
        STATUS_CODE.Unauthorized,
        "unauthenticated",
        "You are not signed in, or your session has ended.",
        "Sign in, and send the access token as authorization: Bearer …, with the publishable key as apikey.",
      )
    : errorResponse(
        STATUS_CODE.Unauthorized,
        "unauthenticated",
        "This is for the project's secret keys.",
        "Send one as the header apikey.",
      );
