export { type Account, type AccountChanges, type AccountDomain, account } from "./domains/account.ts";
export {
  type BudgetDomain,
  type BudgetEntry,
  type BudgetEntryFilter,
  type NewBudgetEntry,
  type SpendLimits,
  budget,
} from "./domains/budget.ts";
export {
  type Campaign,
  type CampaignChanges,
  type CampaignFilter,
  type CampaignsDomain,
  type NewCampaign,
  campaigns,
} from "./domains/campaigns.ts";
export {
  type Circle,
  type CircleChanges,
  type CircleFilter,
  type Discovery,
  type CirclesDomain,
  type NewCircle,
  circles,
} from "./domains/circles.ts";
export {
  type ContentAsset,
  type ContentAssetChanges,
  type ContentAssetFilter,
  type ContentAssetsDomain,
  type NewContentAsset,
  contentAssets,
} from "./domains/content-assets.ts";
export { type Groundwork, type GroundworkOptions, createGroundwork, groundwork } from "./groundwork.ts";
export type { JobTerms } from "../jobs/new-agent-job.ts";
export { GroundworkError, type GroundworkErrorCode, type GroundworkErrorDetails } from "./http/groundwork-error.ts";
export {
  type Intention,
  type IntentionCare,
  type IntentionChanges,
  type IntentionFilter,
  type IntentionsDomain,
  type NewIntention,
  intentions,
} from "./domains/intentions.ts";
export {
  type Job,
  type JobFilter,
  type JobInput,
  type JobOutput,
  type JobsDomain,
  type NewJob,
  type WatchOptions,
  jobs,
} from "./domains/jobs.ts";
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
} from "./domains/memories.ts";
export {
  type GeneratedPersona,
  type NewPersona,
  type Persona,
  type PersonaChanges,
  type PersonaFilter,
  type PersonasDomain,
  personas,
} from "./domains/personas.ts";
export {
  type Preferences,
  type PreferencesChanges,
  type PreferencesDomain,
  preferences,
} from "./domains/preferences.ts";
export type {
  AllOptions,
  Creating,
  Page,
  PageOptions,
  Reading,
  Removing,
  Repository,
  Updating,
} from "./http/repository.ts";
export type { RequestOptions, RequestSettings } from "./http/request.ts";
export {
  type EmbeddingHealth,
  type TextSearch,
  type SearchHit,
  type SearchOptions,
  type SearchResult,
  textSearch,
} from "./domains/text-search.ts";
export { type NewStory, type StoriesDomain, type Story, type StoryFilter, stories } from "./domains/stories.ts";
export {
  type NewTask,
  type Task,
  type TaskChanges,
  type TaskFilter,
  type TasksDomain,
  tasks,
} from "./domains/tasks.ts";
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
} from "./domains/thoughts.ts";
export type { Changes, Client, Filter, New, Row, TableName } from "./types.ts";
export { decodeVector, encodeVector } from "../shared/vector.ts";
export type { AgentTerms, FinishedJob } from "./domains/run-agent.ts";
