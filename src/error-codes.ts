// Generated from private.error_codes by npm run db:types. Do not edit.

/** The errors that the backend raises by itself, by the `code` that clients find in them. */
export const errorCodes = {
  /** You are not signed in. Sign in and send the access token with the request. */
  GW101: { status: 401, message: "You are not signed in." },
  /** This account no longer exists. Sign out: the token outlived the account it was made for. */
  GW102: { status: 403, message: "This account no longer exists." },
  /** Another account has this e-mail address. Sign in as that account, or change its address first. */
  GW103: { status: 409, message: "Another account has this e-mail address." },
  /** The token carries no e-mail address. Add the claim "email" to the session token of the issuer (Clerk: Sessions, Customize session token). */
  GW104: { status: 400, message: "The token carries no e-mail address." },
  /** There is no such intention. Read your own intentions and use the id of one of them. */
  GW201: { status: 404, message: "There is no such intention." },
  /** This intention is completed already. A completed intention stays completed. Form a new one. */
  GW202: { status: 409, message: "This intention is completed already." },
  /** This intention is archived. Set its status back to active, then complete it. */
  GW203: { status: 409, message: "This intention is archived." },
  /** A story needs a text. Pass story_text with at least one character that is not a space. */
  GW204: { status: 400, message: "A story needs a text." },
  /** An intention is not completed by writing its status. Call complete_intention(intention_id, story_text), which also writes the story. */
  GW205: { status: 409, message: "An intention is not completed by writing its status." },
  /** Content does not take this step. The workflow is draft, review, approved, published, archived, one step at a time; review may go back to draft. */
  GW601: { status: 409, message: "Content does not take this step." },
  /** Only its owner approves content. Set the status to approved with the token of the person whose content it is. */
  GW602: { status: 403, message: "Only its owner approves content." },
  /** What an agent wrote starts in review. Insert the content with the status review; its owner approves it. */
  GW701: { status: 409, message: "What an agent wrote starts in review." },
} as const;

export type ErrorCode = keyof typeof errorCodes;
