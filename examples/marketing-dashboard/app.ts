/** A marketing dashboard in the terminal: campaigns, a job of each agent, approval, and where the money went. */
import { signUp } from "../sign-up.ts";

const gw = await signUp("Noor", "Europe/Amsterdam");

const start_date = new Date().toISOString();
const [launch, holidays] = await gw.campaigns.createMany([
  { name: "Q4 Product Launch", status: "active", budget: 100, start_date },
  { name: "Holiday Email Series", status: "active", budget: 40, start_date },
]);
await gw.budget.createMany([
  { campaign_id: launch!.id, resource_type: "ad_spend", cost: 62.5, description: "Search ads" },
  { campaign_id: holidays!.id, resource_type: "ad_spend", cost: 9.2, description: "Newsletter tool" },
]);

const topic = "Pear trees in small gardens";
const terms = (campaign_id: string) => ({ campaign_id, max_cost: 1 });
const jobs = await Promise.all([
  gw.jobs.enqueue("seo_writer", { topic, keywords: ["pear tree", "espalier"], length: 300 }, terms(launch!.id)),
  gw.jobs.enqueue("social_media", { topic, platforms: ["linkedin"] }, terms(launch!.id)),
  gw.jobs.enqueue("email_marketer", { goal: "Announce the holiday sale", offer: "20 % off" }, terms(holidays!.id)),
  gw.jobs.enqueue("analyst", { question: "Which campaign has more room?" }, terms(launch!.id)),
  gw.jobs.enqueue("optimizer", { goal: "More orders before the holidays" }, terms(holidays!.id)),
]);
for (const { id } of jobs) {
  const { agent_type, status, tokens_used, cost } = await gw.jobs.wait(id, { signal: AbortSignal.timeout(60_000) });
  console.log(`${agent_type.padEnd(15)} ${status}  ${String(tokens_used).padStart(6)} tokens  $${cost.toFixed(2)}`);
}

const { items: inReview } = await gw.content.list({ status: "review" });
for (const { id } of inReview) await gw.content.approve(id);
const published = await gw.content.publish(inReview.at(-1)!.id);
console.log(`\n${inReview.length} pieces approved; published: ${published.title}\n`);

const width = 24;
for (const { id } of [launch!, holidays!]) {
  const { name, spend, budget, budget_used_percentage } = await gw.campaigns.get(id);
  const used = Math.round(((budget_used_percentage ?? 0) / 100) * width);
  const bar = "█".repeat(used).padEnd(width, "░");
  console.log(`${name.padEnd(22)} ${bar} $${spend.toFixed(2)} of $${budget.toFixed(2)}`);
}
const { spent } = await gw.budget.month();
console.log(`\nAgents have cost $${spent.toFixed(2)} this month.`);
