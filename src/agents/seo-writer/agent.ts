import { SeoWriterInput } from "./input.ts";
import { oneQuestion } from "../runtime/one-question.ts";
import { BlogPost, seoWriterPrompt } from "./prompt.ts";
import { markdownProblems } from "../text/safe-text.ts";
import { offlineBlogPost } from "./offline.ts";
import { wordCount } from "../text/word-count.ts";

/** Writes a blog post for search engines: one content asset in Markdown. */
export const seoWriter = oneQuestion<SeoWriterInput, BlogPost>({
  input: SeoWriterInput,
  answer: BlogPost,
  prompt: seoWriterPrompt,
  usesFigures: false,
  // English has about 1.3 tokens a word, other languages up to twice as many. Models that reason need more tokens
  // first.
  outputTokens: ({ length }) => ({ min: 300 + 2 * length, max: 4000 + 4 * length }),

  problems({ content }, input) {
    const words = wordCount(content);
    const problems = markdownProblems("content", content, input);
    if (words < input.length / 2 || words > input.length * 2) {
      problems.push(`content: it has ${words} words instead of about ${input.length}`);
    }
    return problems;
  },

  offlineAnswer: offlineBlogPost,

  result({ title, meta_description, keywords, content }) {
    const metadata = { meta_description, keywords, word_count: wordCount(content), slug: slugOf(title) };
    return {
      output_data: { title, ...metadata },
      assets: [{ title, content, content_type: "blog", metadata }],
    };
  },
});

/** Makes the last part of a URL: lower-case letters and digits with hyphens, at most 80 characters, never empty. */
function slugOf(title: string): string {
  const slug = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .normalize("NFC");
  const whole = Array.from(slug).slice(0, 80).join("");
  return whole.replace(/^-|-$/g, "") || "post";
}
