import type { SeoWriterInput } from "./input.ts";
import { capitalised, cut, plain } from "../text/safe-text.ts";
import type { BlogPost } from "./prompt.ts";
import { wordCount } from "../text/word-count.ts";

/**
 * For each section: its heading, and the subject of its sentences. They are enough for 5000 words without repetition.
 */
const sections = [
  ["Why it matters", "the reason to begin"],
  ["Where to start", "the first step"],
  ["Knowing your readers", "the people you want to reach"],
  ["Setting a goal", "the goal"],
  ["Planning the work", "the plan"],
  ["What it takes", "the effort"],
  ["Choosing your tools", "the choice of tools"],
  ["Working with others", "the division of work"],
  ["Common mistakes", "the usual mistake"],
  ["Measuring progress", "the measure of success"],
  ["Learning from results", "the evidence"],
  ["Keeping quality up", "the quality"],
  ["Staying consistent", "the routine"],
  ["Handling setbacks", "the first setback"],
  ["Knowing the risks", "the risk"],
  ["Answering doubts", "the strongest doubt"],
  ["Finding the time", "the time you have"],
  ["Spending wisely", "the cost"],
  ["Asking for help", "the question of help"],
  ["Looking at examples", "the best example"],
  ["Telling the story", "the story behind it"],
  ["Choosing your words", "the language"],
  ["Being easy to find", "the way people find you"],
  ["Earning trust", "the trust of others"],
  ["Listening to feedback", "the feedback"],
  ["Deciding what to leave out", "the part to leave out"],
  ["Setting priorities", "the order of things"],
  ["Starting over", "the second attempt"],
  ["Passing it on", "the knowledge you pass on"],
  ["Growing with care", "the pace of growth"],
  ["Keeping it simple", "the simplest version"],
  ["Checking your facts", "the facts"],
  ["Celebrating progress", "the small success"],
  ["Thinking ahead", "the year ahead"],
  ["Making it last", "the long run"],
  ["What to do next", "the next step"],
] as const;

/**
 * Each sentence names the subject of its section, so no sentence appears twice. Each has at most one of topic and
 * keyword, so none is too long.
 */
const sentences = [
  "When people talk about {topic}, {subject} is where most of their questions begin.",
  "Take a moment to write down {subject} in a single sentence, so that everyone involved means the same thing.",
  "A good way to look at {keyword} is to ask who gains from it, and what {subject} has to do with that.",
  "It is tempting to skip {subject}, because nothing seems to depend on it at first.",
  "In practice {topic} rewards those who do not rush {subject} and check what they assume.",
  "Small and regular attention to {subject} does more for {keyword} than one great effort that nobody repeats.",
  "Ask somebody outside your team to explain {subject} back to you, and listen for what is missing.",
  "Whatever you already know about {topic}, somebody thinks about {subject} for the first time today.",
  "Keep a short record of {subject}, since memory is kind to plans and hard on facts.",
  "If {keyword} seems too large to begin with, let {subject} show you the part that you can finish this week.",
  "There is rarely one right answer, but {subject} tells you quickly which answers are wrong.",
  "Think of {topic} as something you look after, and of {subject} as a part of that care.",
  "Compare what you expected of {keyword} with what came of it, then look at {subject} again.",
  "Once {subject} is clear, most of the decisions that follow become easier and cheaper.",
  "The best advice on {topic} is often the plainest: settle {subject}, go on, and look at what happened.",
  "Good examples of {keyword} have one thing in common, which is that someone cared about {subject}.",
] as const;

/** It has no common divisor with the number of sentences, so each section begins with a different sentence. */
const sentencesInSection = 9;

/**
 * Writes a blog post of about the given length, from sentences that fit any topic. It ignores the tone, which needs a
 * model.
 */
export function offlineBlogPost({ topic, keywords, length, audience }: SeoWriterInput): BlogPost {
  const about = cut(plain(topic, "this topic"), 60);
  const readers = audience && cut(plain(audience, "readers"), 40);
  const terms = keywords.map((keyword) => cut(plain(keyword, about), 40));
  const focus = terms.length > 0 ? terms : [about];

  const blocks = [`${capitalised(about)} is worth understanding well${readers ? `, above all for ${readers}` : ""}.`];
  let words = wordCount(blocks.join());
  for (let section = 0; words < length; section += 1) {
    const [heading, subject] = sections[section % sections.length]!;
    const fill = { topic: about, keyword: focus[section % focus.length]!, subject };
    const paragraph: string[] = [];
    words += wordCount(heading);
    for (let index = 0; index < sentencesInSection && words < length; index += 1) {
      const sentence = sentences[(section * sentencesInSection + index) % sentences.length]!;
      const filled = capitalised(sentence.replace(/\{(\w+)\}/g, (_, name) => fill[name as keyof typeof fill]));
      paragraph.push(filled);
      words += wordCount(filled);
    }
    blocks.push(`## ${heading}`, paragraph.join(" "));
  }

  return {
    title: capitalised(cut(`${about}: a practical guide${readers ? ` for ${readers}` : ""}`, 120)),
    meta_description: `${capitalised(about)}: why it matters, where to start, and what to do next. A practical guide.`,
    keywords: focus,
    content: blocks.join("\n\n"),
  };
}
