import type { Agent } from "./agent.ts";
import type { AgentType } from "./agent-job.ts";
import { analyst } from "./analyst.ts";
import { emailMarketer } from "./email-marketer.ts";
import { memoryKeeper } from "./memory-keeper.ts";
import { oneQuestion } from "./one-question.ts";
import { optimizer } from "./optimizer.ts";
import { personaWriter } from "./persona-writer.ts";
import { seoWriter } from "./seo-writer.ts";
import { socialMedia } from "./social-media.ts";
import { thoughtOrganizer } from "./thought-organizer.ts";

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
