export { type Account, type AccountChanges, type AccountDomain, account } from "./account.ts";
export {
  type BudgetDomain,
  type BudgetEntry,
  type BudgetEntryFilter,
  type NewBudgetEntry,
  type SpendLimits,
  budget,
} from "./budget.ts";
export {
  type Campaign,
  type CampaignChanges,
  type CampaignFilter,
  type CampaignsDomain,
  type NewCampaign,
  campaigns,
} from "./campaigns.ts";
export {
  type Circle,
  type CircleChanges,
  type CircleFilter,
  type Discovery,
  type CirclesDomain,
  type NewCircle,
  circles,
} from "./circles.ts";
export {
  type ContentAsset,
  type ContentAssetChanges,
  type ContentAssetFilter,
  type ContentAssetsDomain,
  type NewContentAsset,
  contentAssets,
} from "./content-assets.ts";
export { type Groundwork, type GroundworkOptions, createGroundwork, groundwork } from "./groundwork.ts";
export type { JobTerms } from "../agents/job-terms.ts";
export { GroundworkError, type GroundworkErrorCode, type GroundworkErrorDetails } from "./groundwork-error.ts";
export {
  type Intention,
  type IntentionCare,
  type IntentionChanges,
  type IntentionFilter,
  type IntentionsDomain,
  type NewIntention,
  intentions,
} from "./intentions.ts";
export { type Job, type JobFilter, type JobInput, type JobOutput, type JobsDomain, type NewJob, jobs } from "./jobs.ts";
export {
  type ConsolidatedMemories,
  type MemoriesDomain,
  type Memory,
  type MemoryChanges,
  type MemoryFilter,
  type NewMemory,
  type RecallOptions,
  type SimilarMemoriesOptions,
  type SimilarMemory,
  memories,
} from "./memories.ts";
export {
  type GeneratedPersona,
  type NewPersona,
  type Persona,
  type PersonaChanges,
  type PersonaFilter,
  type PersonasDomain,
  personas,
} from "./personas.ts";
export { type Preferences, type PreferencesChanges, type PreferencesDomain, preferences } from "./preferences.ts";
export type { AllOptions, Creating, Page, PageOptions, Reading, Removing, Repository, Updating } from "./repository.ts";
export type { RequestOptions, RequestSettings } from "./request.ts";
export {
  type EmbeddingHealth,
  type TextSearch,
  type SearchHit,
  type SearchOptions,
  type SearchResult,
  textSearch,
} from "./text-search.ts";
export { type NewStory, type StoriesDomain, type Story, type StoryFilter, stories } from "./stories.ts";
export { type NewTask, type Task, type TaskChanges, type TaskFilter, type TasksDomain, tasks } from "./tasks.ts";
export {
  type NewThought,
  type OrganizedThoughts,
  type RelatedThought,
  type SimilarOptions,
  type SimilarThought,
  type Thought,
  type ThoughtChanges,
  type ThoughtFilter,
  type ThoughtRelationship,
  type ThoughtsDomain,
  thoughts,
} from "./thoughts.ts";
export type { Changes, Client, Filter, New, Row, TableName } from "./types.ts";
export { decodeVector, encodeVector } from "./vector.ts";
export type { WatchOptions } from "./watch-job.ts";
export type { AgentTerms, FinishedJob } from "./run-agent.ts";
