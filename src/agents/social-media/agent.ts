import { SocialMediaInput } from "./input.ts";
import { oneQuestion } from "../runtime/one-question.ts";
import { postLength, postLimits } from "./post-length.ts";
import { Posts, socialMediaPrompt } from "./prompt.ts";
import { markdownProblems } from "../text/safe-text.ts";
import { offlinePosts } from "./offline.ts";

const platformNames = { twitter: "Twitter", linkedin: "LinkedIn", facebook: "Facebook", instagram: "Instagram" };

/**
 * The check of the link is here and not in the schema, because the client loads the schema and does not need this
 * check.
 */
const Input = SocialMediaInput.refine(({ link }) => !link || markdownProblems("link", link, { link }).length === 0, {
  path: ["link"],
  error: "must have no user name, password or backslash",
});

/** Writes a post for each platform, within the platform's limit. Each post is a content asset in plain text. */
export const socialMedia = oneQuestion<SocialMediaInput, Posts>({
  input: Input,
  answer: Posts,
  prompt: socialMediaPrompt,
  usesFigures: false,
  outputTokens: (input) => ({ min: 100 + 200 * input.platforms.length, max: 3000 + 1500 * input.platforms.length }),

  problems({ posts }, input) {
    const answered = posts.map(({ platform }) => platform);
    const problems =
      answered.toSorted().join() === input.platforms.toSorted().join()
        ? []
        : [`posts: there must be exactly one for each of ${input.platforms.join(", ")}`];
    for (const [index, { platform, text }] of posts.entries()) {
      const path = `posts.${index}.text`;
      problems.push(...markdownProblems(path, text, input));
      const length = postLength(platform, text);
      const limit = postLimits[platform];
      if (length > limit) problems.push(`${path}: ${platform} counts ${length} characters and allows ${limit}`);
      if (input.link && !text.includes(input.link)) problems.push(`${path}: input.link is missing`);
    }
    return problems;
  },

  offlineAnswer: offlinePosts,

  result({ posts }, { topic }) {
    const metadata = posts.map(({ platform, text }) => ({ platform, character_count: postLength(platform, text) }));
    return {
      output_data: { posts: metadata },
      assets: posts.map(({ platform, text }, index) => ({
        title: `${platformNames[platform]}: ${topic}`.replace(/\s+/g, " ").slice(0, 200).toWellFormed(),
        content: text,
        content_type: "social",
        metadata: metadata[index]!,
      })),
    };
  },
});
