// Generated from groundwork.error_codes by npm run db:types. Do not edit.

/** The errors that the backend itself raises, by their `code`. */
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
  /** There is no such thought. Check the id; other users' thoughts can't be seen. */
  GW206: { status: 404, message: "There is no such thought." },
  /** There is no such persona. Read your own personas and use the id of one of them. */
  GW401: { status: 404, message: "There is no such persona." },
  /** Changes of a persona are a JSON object. Send the fields to change; null takes a field away. */
  GW402: { status: 400, message: "Changes of a persona are a JSON object." },
  /** This can't be remembered. Give a content of 1 to 20,000 characters, a confidence from 0 to 1, and times that are finite. */
  GW501: { status: 400, message: "This can't be remembered." },
  /** There is no such memory. Read your own memories and use the id of one of them. */
  GW502: { status: 404, message: "There is no such memory." },
  /** This memory is already superseded. Take it back with restore_memory() first, or supersede the one that took its place. */
  GW503: { status: 409, message: "This memory is already superseded." },
  /** A memory can't be superseded by itself, or by what it superseded. Exchange the two ids if it is the other way round. */
  GW504: { status: 409, message: "A memory can't be superseded by itself, or by what it superseded." },
  /** Content can't move from this status to that one. The workflow is draft, review, approved, published, archived, one step at a time; review may go back to draft. */
  GW601: { status: 409, message: "Content can't move from this status to that one." },
  /** Only its owner approves content. Set the status to approved with the token of the user whose content it is. */
  GW602: { status: 403, message: "Only its owner approves content." },
  /** What an agent wrote starts in review. Insert the content with the status review; its owner approves it. */
  GW701: { status: 409, message: "What an agent wrote starts in review." },
  /** The job does not take this step. Read its status: pending and running jobs can be cancelled, failed ones sent back with retry_agent_job(). */
  GW702: { status: 409, message: "The job does not take this step." },
  /** The lease on this job is lost. It expired, or the job was cancelled or ended. Drop the result; book what it cost with book_late_usage(). */
  GW703: { status: 409, message: "The lease on this job is lost." },
  /** There is no such job. Read your own jobs and use the id of one of them. */
  GW704: { status: 404, message: "There is no such job." },
  /** A job like this can't be queued. See the details, and the schemas of the agents' inputs in the documentation. */
  GW705: { status: 400, message: "A job like this can't be queued." },
  /** Too many of your jobs wait. Wait until some are done, cancel some, or ask the operator for a higher max_queued_jobs. */
  GW706: { status: 429, message: "Too many of your jobs wait." },
  /** This idempotency key belongs to another job. Use a key of its own for each job, and the same key only to repeat the same request. */
  GW707: { status: 409, message: "This idempotency key belongs to another job." },
  /** A worker may not ask for this. See the details. */
  GW708: { status: 400, message: "A worker may not ask for this." },
  /** This agent type can't be deleted or renamed. See the details. Delete its jobs first, or keep it and set is_open_to_users to false. */
  GW709: { status: 409, message: "This agent type can't be deleted or renamed." },
  /** There is no price for this usage. Add one with set_model_price(): an unknown model is refused, because it would be free. */
  GW801: { status: 422, message: "There is no price for this usage." },
  /** The budget is lower than what is spent and reserved. Pause the campaign, and lower the budget when its jobs are done, or cancelled and answered by their workers. */
  GW802: { status: 409, message: "The budget is lower than what is spent and reserved." },
  /** What you may spend this month is spent. Wait for the next month (UTC), or ask the operator for a higher monthly_limit. Guests may spend nothing. */
  GW803: { status: 429, message: "What you may spend this month is spent." },
  /** batch_size or lease_seconds is out of range. batch_size is 1 to 1000, lease_seconds 1 to 3600. */
  GW901: { status: 400, message: "batch_size or lease_seconds is out of range." },
  /** These are no results of embedding. See the details, and the comment on store_embeddings(). */
  GW902: { status: 400, message: "These are no results of embedding." },
  /** There is no such embedding model. Add it with add_embedding_model(name), or npm run reembed. */
  GW903: { status: 404, message: "There is no such embedding model." },
  /** This embedding model has no vector of some texts yet. Wait until embedding_health shows none missing; failed ones are tried again by retry_failed_embeddings(). */
  GW904: { status: 409, message: "This embedding model has no vector of some texts yet." },
  /** The active embedding model can't be dropped. Switch to another one first. */
  GW905: { status: 409, message: "The active embedding model can't be dropped." },
  /** match_count is out of range. It is 1 to 1000. */
  GW906: { status: 400, message: "match_count is out of range." },
  /** There is nothing to search for. Give a query with a word in it, a query_embedding, or both. */
  GW907: { status: 400, message: "There is nothing to search for." },
} as const;

export type ErrorCode = keyof typeof errorCodes;
