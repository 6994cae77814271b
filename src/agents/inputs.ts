// Generated from groundwork.agent_types by npm run db:types. Do not edit.

import type { ZodType } from "zod";
import type { AgentType } from "../agent-types.ts";
import { AnalystInput } from "./analyst/input.ts";
import { EmailMarketerInput } from "./email-marketer/input.ts";
import { MemoryKeeperInput } from "./memory-keeper/input.ts";
import { OptimizerInput } from "./optimizer/input.ts";
import { PersonaWriterInput } from "./persona-writer/input.ts";
import { SeoWriterInput } from "./seo-writer/input.ts";
import { SocialMediaInput } from "./social-media/input.ts";
import { ThoughtOrganizerInput } from "./thought-organizer/input.ts";

/** The schemas of a job's `input_data`, by agent type. Unknown keys are refused. */
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
