/** What users may do with their own rows of one table, through the API. */
export interface Capability {
  select: true;
  /** The columns that they may give. */
  insert?: readonly string[];
  /** The columns that they may change. */
  update?: readonly string[];
  delete?: true;
}

/**
 * What the owner of rows may do, for every table that the API exposes. It is written down a second time on purpose: derived
 * from the grants and policies it would change with them, and a right that got lost, or one too many, would go unnoticed.
 */
export const rights = {
  users: { select: true, update: ["name", "timezone"] },
  user_preferences: {
    select: true,
    insert: ["user_id", "custom_hours", "theme", "communication_preferences", "onboarding_completed"],
    update: ["custom_hours", "theme", "communication_preferences", "onboarding_completed"],
    delete: true,
  },
  circles: {
    select: true,
    insert: ["user_id", "circle_name", "description"],
    update: ["circle_name", "description"],
    delete: true,
  },
  thoughts: {
    select: true,
    insert: ["user_id", "thought_text", "tags", "reflection", "circle_id"],
    update: ["thought_text", "tags", "reflection", "circle_id"],
    delete: true,
  },
  intentions: {
    select: true,
    insert: ["user_id", "intention_text"],
    update: ["intention_text", "status"],
    delete: true,
  },
  intention_cares: { select: true, insert: ["user_id", "intention_id", "thought_id"], delete: true },
  stories: { select: true, insert: ["user_id", "story_text", "completed_at"], delete: true },
  tasks: {
    select: true,
    insert: ["user_id", "title", "description", "completed"],
    update: ["title", "description", "completed"],
    delete: true,
  },
  personas: {
    select: true,
    insert: ["user_id", "title", "raw_text", "persona", "source"],
    update: ["title", "raw_text", "persona", "source"],
    delete: true,
  },
  personal_memories: {
    select: true,
    insert: ["user_id", "content", "source", "confidence", "valid_from", "valid_to"],
    update: ["content", "source", "confidence", "valid_from", "valid_to"],
    delete: true,
  },
  thought_embeddings: { select: true },
  memory_embeddings: { select: true },
  circle_embeddings: { select: true },
  thought_relationships: {
    select: true,
    insert: ["user_id", "from_thought_id", "to_thought_id", "weight", "note"],
    delete: true,
  },
  campaigns: {
    select: true,
    insert: ["user_id", "name", "description", "status", "budget", "start_date", "end_date"],
    update: ["name", "description", "status", "budget", "start_date", "end_date"],
    delete: true,
  },
  content_assets: {
    select: true,
    insert: ["user_id", "title", "content", "content_type", "metadata", "campaign_id"],
    update: ["title", "content", "content_type", "status", "metadata", "campaign_id"],
    delete: true,
  },
  agent_jobs: { select: true },
  user_spend_limits: { select: true },
  budget_entries: { select: true, insert: ["user_id", "resource_type", "cost", "description", "campaign_id"] },
} as const satisfies Readonly<Record<string, Capability>>;

/** The same, for tables whose name is a variable. */
export const capabilities: Readonly<Record<string, Capability>> = rights;
