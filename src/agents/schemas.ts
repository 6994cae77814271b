// Generated from groundwork.agent_types by npm run db:types. Do not edit.

import type { ZodType } from "zod";
import type { AgentType } from "../agent-types.ts";
import { AnalystInput, AnalystOutput } from "./analyst/schema.ts";
import { EmailMarketerInput, EmailMarketerOutput } from "./email-marketer/schema.ts";
import { MemoryKeeperInput, MemoryKeeperOutput } from "./memory-keeper/schema.ts";
import { OptimizerInput, OptimizerOutput } from "./optimizer/schema.ts";
import { PersonaWriterInput, PersonaWriterOutput } from "./persona-writer/schema.ts";
import { SeoWriterInput, SeoWriterOutput } from "./seo-writer/schema.ts";
import { SocialMediaInput, SocialMediaOutput } from "./social-media/schema.ts";
import { ThoughtOrganizerInput, ThoughtOrganizerOutput } from "./thought-organizer/schema.ts";

/** What `input_data` of a job must be, by agent type. Unknown keys are refused. */
export const agentInputs = {
  analyst: AnalystInput,
  email_marketer: EmailMarketerInput,
  memory_keeper: MemoryKeeperInput,
  optimizer: OptimizerInput,
  persona_writer: PersonaWriterInput,
  seo_writer: SeoWriterInput,
  social_media: SocialMediaInput,
  thought_organizer: ThoughtOrganizerInput,
} satisfies Record<AgentType, ZodType>;

/** What `output_data` of a completed job is, by agent type. */
export const agentOutputs = {
  analyst: AnalystOutput,
  email_marketer: EmailMarketerOutput,
  memory_keeper: MemoryKeeperOutput,
  optimizer: OptimizerOutput,
  persona_writer: PersonaWriterOutput,
  seo_writer: SeoWriterOutput,
  social_media: SocialMediaOutput,
  thought_organizer: ThoughtOrganizerOutput,
} satisfies Record<AgentType, ZodType>;
