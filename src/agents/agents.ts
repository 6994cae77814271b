import type { Agent } from "./agent.ts";
import type { AgentType } from "./agent-job.ts";
import { analyst } from "./analyst.ts";
import { emailMarketer } from "./email-marketer.ts";
import { optimizer } from "./optimizer.ts";
import { seoWriter } from "./seo-writer.ts";
import { socialMedia } from "./social-media.ts";

/** Each knows its own input and answer; together they only promise that what one makes is what it takes. */
export const agents: Record<AgentType, Agent<unknown, unknown>> = {
  seo_writer: seoWriter,
  email_marketer: emailMarketer,
  social_media: socialMedia,
  analyst,
  optimizer,
};
