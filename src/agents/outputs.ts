// Generated from groundwork.agent_types by npm run db:types. Do not edit.

import type { ZodType } from "zod";
import type { AgentType } from "../agent-types.ts";
import { AnalystOutput } from "./analyst/output.ts";
import { EmailMarketerOutput } from "./email-marketer/output.ts";
import { MemoryKeeperOutput } from "./memory-keeper/output.ts";
import { OptimizerOutput } from "./optimizer/output.ts";
import { PersonaWriterOutput } from "./persona-writer/output.ts";
import { SeoWriterOutput } from "./seo-writer/output.ts";
import { SocialMediaOutput } from "./social-media/output.ts";
import { ThoughtOrganizerOutput } from "./thought-organizer/output.ts";

/** The schemas of a completed job's `output_data`, by agent type. */
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
