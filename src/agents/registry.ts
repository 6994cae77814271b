// Generated from groundwork.agent_types by npm run db:types. Do not edit.

import type { AgentType } from "../agent-types.ts";
import { analyst } from "./analyst/agent.ts";
import { emailMarketer } from "./email-marketer/agent.ts";
import { memoryKeeper } from "./memory-keeper/agent.ts";
import { optimizer } from "./optimizer/agent.ts";
import { personaWriter } from "./persona-writer/agent.ts";
import { seoWriter } from "./seo-writer/agent.ts";
import { socialMedia } from "./social-media/agent.ts";
import { thoughtOrganizer } from "./thought-organizer/agent.ts";
import type { Agent } from "./runtime/agent.ts";

/** The agents by type. Each receives a job's input as its own schema `input` has parsed it. */
export const agents: Record<AgentType, Agent<unknown>> = {
  analyst: analyst,
  email_marketer: emailMarketer,
  memory_keeper: memoryKeeper,
  optimizer: optimizer,
  persona_writer: personaWriter,
  seo_writer: seoWriter,
  social_media: socialMedia,
  thought_organizer: thoughtOrganizer,
};
