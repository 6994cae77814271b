import type { Platform, SocialMediaInput } from "./input.ts";
import { postLength, postLimits } from "./post-length.ts";
import { capitalised, cut, plain } from "../text/safe-text.ts";
import type { Posts } from "./prompt.ts";

const followUps: Record<Platform, string[]> = {
  twitter: ["What would you add?"],
  linkedin: [
    "Three questions are worth asking before you start: who is it for, what changes for them, and how will you notice?",
    "What has worked for you? I am glad of every example.",
  ],
  facebook: ["Tell us in the comments what you think, and share it with somebody who should know."],
  instagram: ["Save this for later, and tell us below what you would like to see next."],
};

/**
 * Writes posts about the topic. Longer parts are added where the platform's limit allows. It ignores the tone, which
 * needs a model.
 */
export function offlinePosts({ topic, platforms, link }: SocialMediaInput): Posts {
  const subject = capitalised(plain(topic, "our news"));
  return {
    posts: platforms.map((platform) => {
      const fits = (text: string) => postLength(platform, text) <= postLimits[platform];
      const assemble = (opening: string, rest: string[]) => [opening, ...rest, link].filter(Boolean).join("\n\n");
      const whole = assemble(subject, followUps[platform]);
      if (fits(whole)) return { platform, text: whole };

      let opening = subject;
      while (!fits(assemble(`${opening}…`, []))) opening = cut(opening, opening.length - 1);
      return { platform, text: assemble(opening === subject ? subject : `${opening}…`, []) };
    }),
  };
}
