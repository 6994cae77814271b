import type { AgentType } from "./agent-types.ts";
import type { Database as Generated, Json } from "./database.types.ts";
import type { CommunicationPreferences, CustomHours } from "./schemas/preferences.ts";
import type { MonthlySpending } from "./schemas/monthly-spending.ts";
import type { Persona } from "./schemas/persona.ts";
import type { VibeProfile } from "./schemas/vibe-profile.ts";

/** A jsonb column in which the database allows only objects. */
export type JsonObject = { [key: string]: Json | undefined };

/** An embedding as the API returns and takes it: `[0.1,-0.2,…]`, 1536 numbers. */
type Vector = string;

/** Types of columns for which the generated types are too general: jsonb, and the types of pgvector. */
interface RefinedColumns {
  users: { vibe_profile: VibeProfile | null };
  user_preferences: {
    custom_hours: CustomHours | null;
    communication_preferences: CommunicationPreferences | null;
  };
  personas: { persona: Persona };
  content_assets: { metadata: JsonObject };
  agent_jobs: { agent_type: AgentType; input_data: JsonObject };
  thought_embeddings: { embedding: Vector };
  memory_embeddings: { embedding: Vector };
  circle_embeddings: { embedding: Vector };
}

type Public = Generated["public"];
type Simplify<T> = { [Key in keyof T]: T[Key] };
type Replace<T, By> = Simplify<Omit<T, keyof By> & By>;

/** Replaces the types of columns, and keeps which of them are optional. */
type Refined<Row, Columns> = { [Column in keyof Row]: Column extends keyof Columns ? Columns[Column] : Row[Column] };

type RefinedTable<Table extends { Row: object; Insert: object; Update: object }, Columns> = Replace<
  Table,
  {
    Row: Refined<Table["Row"], Columns>;
    Insert: Refined<Table["Insert"], Columns>;
    Update: Refined<Table["Update"], Columns>;
  }
>;

type Tables = {
  [Name in keyof Public["Tables"]]: Name extends keyof RefinedColumns
    ? RefinedTable<Public["Tables"][Name], RefinedColumns[Name]>
    : Public["Tables"][Name];
};

/** The functions that return one row of a table. */
interface RowFunctions {
  ensure_user: "users";
  enqueue_agent_job: "agent_jobs";
  cancel_agent_job: "agent_jobs";
  retry_agent_job: "agent_jobs";
  remember: "personal_memories";
  supersede_memory: "personal_memories";
  restore_memory: "personal_memories";
  update_persona: "personas";
}

/** Columns of function results that may be null. The catalog does not have this information. */
interface NullableResults {
  match_thoughts: "circle_id" | "tags";
  match_memories: "source" | "superseded_by" | "valid_to";
  related_thoughts: "circle_id" | "similarity";
  search: "title";
  embedding_health: "oldest";
  discover: "circle_id";
}

/** Arguments of type `text` that take only known values. */
interface RefinedArguments {
  enqueue_agent_job: { agent_type: AgentType };
  claim_agent_jobs: { agent_types?: AgentType[] };
  exchange_agent_jobs: { agent_types?: AgentType[] };
}

type WithNulls<Row, Column> = { [Key in keyof Row]: Key extends Column ? Row[Key] | null : Row[Key] };

type WithArguments = Replace<
  Public["Functions"],
  {
    [Name in keyof RefinedArguments]: Replace<
      Public["Functions"][Name],
      { Args: Replace<Public["Functions"][Name]["Args"], RefinedArguments[Name]> }
    >;
  }
>;

type Functions = Replace<
  WithArguments,
  {
    [Name in keyof RowFunctions]: Replace<WithArguments[Name], { Returns: Tables[RowFunctions[Name]]["Row"] }>;
  } & {
    [Name in keyof NullableResults]: Replace<
      WithArguments[Name],
      { Returns: WithNulls<WithArguments[Name]["Returns"][number], NullableResults[Name]>[] }
    >;
  } & {
    claim_agent_jobs: Replace<
      WithArguments["claim_agent_jobs"],
      { Returns: Replace<WithArguments["claim_agent_jobs"]["Returns"][number], { agent_type: AgentType }>[] }
    >;
    embedding_payer: Replace<WithArguments["embedding_payer"], { Returns: string | null }>;
    monthly_spending: Replace<WithArguments["monthly_spending"], { Returns: MonthlySpending }>;
    refresh_vibe_profile: Replace<WithArguments["refresh_vibe_profile"], { Returns: VibeProfile }>;
  }
>;

/**
 * The schema of the API as the Supabase CLI generates it, with exact types for jsonb, vectors and agent types. Use it
 * as `createClient<Database>`.
 */
export type Database = Replace<Generated, { public: Replace<Public, { Tables: Tables; Functions: Functions }> }>;
