/** The care loop: capture, let circles form, intend, complete, tell, and see what to care for next. */
import { embed } from "../embed.ts";
import { signUp } from "../sign-up.ts";

const gw = await signUp("Maria", "Europe/Lisbon");

await gw.thoughts.createMany(
  [
    "The stairs hurt grandmother's knee.",
    "Ask the doctor about the knee and the stairs.",
    "A chair for grandmother on every landing of the stairs?",
    "I carried the shopping up the stairs for grandmother.",
    "Grandmother counts the stairs aloud because of her knee.",
    "A second handrail on the stairs for grandmother.",
    "Learn the left hand of the accordion.",
    "The accordion needs a new strap.",
    "Play the accordion for ten minutes before work.",
    "An old waltz for the accordion from the flea market.",
    "The accordion is too loud after nine, play softly.",
    "Water the lemon tree.",
  ].map((thought_text) => ({ thought_text })),
);
await embed(gw);

const plan = await gw.thoughts.organize({ dry_run: true });
const organized = await gw.thoughts.organize();
console.log(`Organized: ${organized.circles.length} circles, as planned: ${plan.circles.length}.`);
const { items: circles } = await gw.circles.list();
for (const { id, circle_name } of circles.toReversed()) {
  const { items: thoughts } = await gw.thoughts.list({ circle_id: id });
  console.log(`  ${circle_name}: ${thoughts.length} thoughts`);
}

const { items: stairs } = await gw.thoughts.list({ circle_id: circles.at(-1)!.id });
const intention = await gw.intentions.create({ intention_text: "Carry the shopping on Saturday" });
await gw.intentions.care(
  intention.id,
  stairs.slice(0, 2).map(({ id }) => id),
);
const story = await gw.intentions.complete(intention.id, "We went to the market together. I carried, she chose.");
console.log(`${intention.intention_text} → ${story.story_text}`);

const related = await gw.thoughts.related(stairs[0]!.id, { matchCount: 2 });
console.log(`Near "${stairs[0]!.thought_text}": ${related.map(({ thought_text }) => thought_text).join(" ")}`);

console.log("To care for next:");
for (const { kind, title } of await gw.circles.discover({ matchCount: 3 })) console.log(`  ${kind}: ${title}`);
