import type { Row, RowUser } from "./matrix/row-maker.ts";

/**
 * What a representative row of each table needs beyond what the catalog tells: values that its check constraints accept.
 * Everything else is filled in by `row-maker.ts`, with the owner's marker in every text and every JSON document.
 *
 * A table of an exposed schema that is missing here fails the suite: write `<table>: () => ({})` for it, and run it.
 */
export const rowGenerators: Readonly<Record<string, (user: RowUser) => Row>> = {
  // Sign-up makes the row; these values are written into it.
  users: ({ marker }) => ({ name: marker, timezone: "Europe/Lisbon", phone: marker, vibe_profile: { marker } }),
  user_preferences: ({ marker }) => ({
    custom_hours: { start: "09:00", end: "17:00", timezone: "UTC", marker },
    communication_preferences: { email: true, sms: false, in_app: true, marker },
  }),
  circles: () => ({}),
  thoughts: () => ({}),
  intentions: () => ({}),
  intention_cares: () => ({}),
  stories: () => ({}),
  tasks: () => ({}),
  // A job makes one persona, and a random uuid is none.
  personas: () => ({ replaces: null }),
  // True now; a random uuid is no memory that took its place.
  personal_memories: () => ({ valid_from: "2026-01-01", valid_to: "2100-01-01", superseded_by: null }),
  // Of the model that is searched.
  thought_embeddings: () => ({ model_used: "groundwork-lexical-1" }),
  memory_embeddings: () => ({ model_used: "groundwork-lexical-1" }),
  circle_embeddings: () => ({}),
  thought_relationships: () => ({}),
  campaigns: () => ({}),
  content_assets: () => ({}),
  // A user has each key once.
  agent_jobs: ({ marker }) => ({ agent_type: "seo_writer", idempotency_key: `${marker} ${crypto.randomUUID()}` }),
  user_spend_limits: () => ({}),
  // The only resource that users enter themselves. A request is booked once.
  budget_entries: ({ marker }) => ({
    resource_type: "ad_spend",
    provider_request_id: `${marker} ${crypto.randomUUID()}`,
  }),
};
