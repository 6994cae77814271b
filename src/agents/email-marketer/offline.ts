import type { Mails } from "./prompt.ts";
import type { EmailMarketerInput } from "./input.ts";
import { capitalised, cut, plain } from "../text/safe-text.ts";

/**
 * Writes one mail, or a sequence of three that invite, explain and remind. It ignores the tone, which needs a model.
 */
export function offlineMails({ goal, type, audience, offer }: EmailMarketerInput): Mails {
  const aim = plain(goal, "our news");
  const short = cut(aim, 90);
  const greeting = `Hello${audience ? `, ${cut(plain(audience, "everyone"), 80)}` : ""},`;
  const gift = offer ? `What we offer: ${plain(offer, "see our reply")}.` : "";
  const mail = (send_after_days: number, subject: string, preview_text: string, paragraphs: string[]) => {
    const body = [greeting, ...paragraphs, "Kind regards,", "The team"].filter(Boolean).join("\n\n");
    return { subject: capitalised(subject), preview_text: capitalised(preview_text), body, send_after_days };
  };

  const invitation = mail(
    0,
    short,
    offer ? cut(plain(offer, "What it is about."), 140) : "What it is, and how to begin.",
    [
      `We are writing to you about one thing: ${aim}.`,
      gift,
      "**Reply to this mail** if you would like to take part, and we will help you with the first step.",
    ],
  );
  if (type === "single") return { mails: [invitation] };

  return {
    mails: [
      invitation,
      mail(3, `What to know: ${short}`, "Three questions that people ask first.", [
        `Last time we wrote to you about this: ${aim}. These are the questions that people ask first.`,
        "- What is it for? It should save you work, and you should notice that in the first days.",
        "- What does it take? A few minutes to begin, and somebody to ask when you are stuck.",
        "- What if it is not for you? Then tell us, and nothing more happens.",
        gift,
        "**Reply to this mail** with any question of your own.",
      ]),
      mail(7, `Still open to you: ${short}`, "A last reminder before we leave you in peace.", [
        `This is our last mail about it: ${aim}.`,
        gift,
        "**Reply to this mail** and we begin. If now is not the time, there is nothing for you to do.",
      ]),
    ],
  };
}
