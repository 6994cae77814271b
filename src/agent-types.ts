// Generated from groundwork.agent_types by npm run db:types. Do not edit.

/** The agent types that this backend knows. */
export const agentTypes = [
  /** Answers questions about campaigns, from their figures. */
  "analyst",
  /** Writes marketing e-mails. */
  "email_marketer",
  /** Compares memories: it merges those that say the same, and ends those that newer ones contradict. */
  "memory_keeper",
  /** Proposes how to divide a budget between campaigns. */
  "optimizer",
  /** Makes a persona of a text. */
  "persona_writer",
  /** Writes blog posts that search engines find. */
  "seo_writer",
  /** Writes posts for social media. */
  "social_media",
  /** Places thoughts in circles. */
  "thought_organizer",
] as const;

/** The name of an agent type. */
export type AgentType = (typeof agentTypes)[number];
