import { offlineMails } from "./offline.ts";
import { EmailMarketerInput } from "./input.ts";
import { oneQuestion } from "../runtime/one-question.ts";
import { Mails, emailMarketerPrompt } from "./prompt.ts";
import { markdownProblems } from "../text/safe-text.ts";

/** Writes one mail, or a sequence of two to five mails. Each mail is a content asset in Markdown. */
export const emailMarketer = oneQuestion<EmailMarketerInput, Mails>({
  input: EmailMarketerInput,
  answer: Mails,
  prompt: emailMarketerPrompt,
  usesFigures: false,
  outputTokens: ({ type }) => (type === "single" ? { min: 600, max: 6000 } : { min: 1800, max: 14_000 }),

  problems({ mails }, input) {
    const problems = mails.flatMap(({ body }, index) => markdownProblems(`mails.${index}.body`, body, input));
    if (input.type === "single" && mails.length !== 1) problems.push("mails: there must be exactly one");
    if (input.type === "sequence" && mails.length < 2) problems.push("mails: a sequence has 2 to 5");
    const days = mails.map(({ send_after_days }) => send_after_days);
    if (days[0] !== 0) problems.push("mails.0.send_after_days: it must be 0");
    if (days.some((day, index) => index > 0 && day <= days[index - 1]!)) {
      problems.push("mails: send_after_days must grow from mail to mail");
    }
    return problems;
  },

  offlineAnswer: offlineMails,

  result({ mails }) {
    const metadata = mails.map(({ subject, preview_text, send_after_days }, index) => {
      return { subject, preview_text, send_after_days, position: index + 1, of: mails.length };
    });
    return {
      output_data: { mails: metadata },
      assets: mails.map(({ subject, body }, index) => {
        return { title: subject, content: body, content_type: "email", metadata: metadata[index]! };
      }),
    };
  },
});
