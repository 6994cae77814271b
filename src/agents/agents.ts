import type { Agent } from "./runtime/agent.ts";
import type { AgentType } from "../jobs/agent-job.ts";
import { analyst } from "./analyst/agent.ts";
import { emailMarketer } from "./email-marketer/agent.ts";
import { memoryKeeper } from "./memory-keeper/agent.ts";
import { oneQuestion } from "./runtime/one-question.ts";
import { optimizer } from "./optimizer/agent.ts";
import { personaWriter } from "./persona-writer/agent.ts";
import { seoWriter } from "./seo-writer/agent.ts";
import { socialMedia } from "./social-media/agent.ts";
import { thoughtOrganizer } from "./thought-organizer/agent.ts";

/** Each knows its own input; together they only promise that what one parses is what it runs on. */
export const agents: Record<AgentType, Agent<unknown>> = {
  seo_writer: oneQuestion(seoWriter),
  email_marketer: oneQuestion(emailMarketer),
  social_media: oneQuestion(socialMedia),
  analyst: oneQuestion(analyst),
  optimizer: oneQuestion(optimizer),
  thought_organizer: thoughtOrganizer,
  memory_keeper: memoryKeeper,
  persona_writer: personaWriter,
};
