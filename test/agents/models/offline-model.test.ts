import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emailMarketer } from "../../../src/agents/email-marketer/agent.ts";
import { type CampaignFigures, runJob } from "../../../src/agents/index.ts";
import { EmailMarketerInput } from "../../../src/agents/email-marketer/input.ts";
import { SeoWriterInput } from "../../../src/agents/seo-writer/input.ts";
import { platforms, SocialMediaInput } from "../../../src/agents/social-media/input.ts";
import { postLength, postLimits } from "../../../src/agents/social-media/post-length.ts";
import { seoWriter } from "../../../src/agents/seo-writer/agent.ts";
import { socialMedia } from "../../../src/agents/social-media/agent.ts";
import type { JsonObject } from "../../../src/database.ts";
import { campaign, job, newCampaign, offline } from "../setup/jobs.ts";

const jobs = {
  seo_writer: { topic: "balcony tomatoes", keywords: ["compost", "sunlight"], length: 600, audience: "beginners" },
  email_marketer: { goal: "bring former customers back", type: "sequence", offer: "20 % off until Sunday" },
  social_media: { topic: "Our tomatoes are ripe", link: "https://example.com/tomatoes?from=post" },
  analyst: { question: "What should we stop?" },
  optimizer: { total_budget: 1000 },
} as const;
const figures = [campaign(), newCampaign()];

describe("without a model", () => {
  test.each(Object.keys(jobs) as (keyof typeof jobs)[])(
    "%s reports the offline model, costs nothing, and gives the same answer again",
    async (type) => {
      const run = () => runJob(job(type, { ...jobs[type] } as JsonObject, { max_cost: 0 }), offline(figures));

      const [outcome, again] = [await run(), await run()];

      expect(outcome.output_data).toMatchObject({ model_used: "offline", prompt_version: `${type}/1` });
      expect(JSON.stringify([again.output_data, again.assets])).toBe(
        JSON.stringify([outcome.output_data, outcome.assets]),
      );
      expect(outcome.usage.map(({ model, kind }) => [model, kind])).toEqual([
        ["offline", "input"],
        ["offline", "output"],
      ]);
      for (const { quantity } of outcome.usage) expect(quantity).toBeGreaterThan(0);
      expect(outcome.usage[0]!.request_id).not.toBe(again.usage[0]!.request_id);
    },
  );

  test("a blog post is about its topic, has its keywords, and has the requested length", async () => {
    for (const length of [100, 800, 5000]) {
      const { assets } = await runJob(
        job("seo_writer", { ...jobs.seo_writer, keywords: ["compost", "sunlight"], length }),
        offline(),
      );

      expect(assets).toHaveLength(1);
      const [{ title, content, content_type, metadata }] = assets as [(typeof assets)[0]];
      expect(content_type).toBe("blog");
      expect(title).toBe("Balcony tomatoes: a practical guide for beginners");
      expect(content).toMatch(/tomatoes[\s\S]*compost/i);
      expect(metadata).toMatchObject({
        slug: "balcony-tomatoes-a-practical-guide-for-beginners",
        keywords: ["compost", "sunlight"],
      });
      expect(metadata.word_count).toBeGreaterThanOrEqual(length);
      expect(metadata.word_count).toBeLessThan(length + 40);
      const headings = content.match(/^## .*$/gm)!;
      const sentences = content.match(/[^\s#][^.\n]*\./g)!;
      expect(new Set(headings).size).toBe(headings.length);
      expect(new Set(sentences).size).toBe(sentences.length);
    }
  });

  test("each mail of a sequence is an asset with subject and preview, and they are days apart", async () => {
    const { assets } = await runJob(job("email_marketer", jobs.email_marketer), offline());

    expect(assets.map(({ content_type }) => content_type)).toEqual(["email", "email", "email"]);
    expect(assets.map(({ metadata }) => metadata)).toMatchObject([
      { subject: "Bring former customers back", send_after_days: 0, position: 1, of: 3 },
      { send_after_days: 3, position: 2, of: 3 },
      { send_after_days: 7, position: 3, of: 3 },
    ]);
    for (const { content } of assets) expect(content).toContain("20 % off until Sunday");
  });

  test("there is a post for each platform, within its limit, with the link", async () => {
    const long = { ...jobs.social_media, topic: "Tomatoes are ripe again. ".repeat(20) };
    for (const input of [jobs.social_media, long]) {
      const { assets } = await runJob(job("social_media", input), offline());

      expect(assets.map(({ metadata }) => metadata.platform)).toEqual(platforms);
      for (const [index, { content, content_type, metadata }] of assets.entries()) {
        expect(content_type).toBe("social");
        expect(content).toMatch(/^(Our t|T)omatoes are ripe/);
        expect(content).toContain(input.link);
        expect(metadata.character_count).toBe(postLength(platforms[index]!, content));
        expect(metadata.character_count).toBeLessThanOrEqual(postLimits[platforms[index]!]);
      }
    }
  });

  test("an analysis compares the campaigns, with the figures that SQL gave", async () => {
    const { output_data, assets } = await runJob(job("analyst", jobs.analyst), offline(figures));

    expect(assets).toEqual([]);
    expect(output_data).toMatchObject({
      question: "What should we stop?",
      summary: expect.stringContaining("Most often clicked is Spring 2026, with a click rate of 3.4%."),
      campaigns: [
        {
          campaign_id: campaign().id,
          name: "Spring 2026",
          finding: expect.stringContaining("has spent $120.50 of $500.00. Of 10,000 impressions 3.4% were clicked"),
          figures: { clicks: 340, cost_per_conversion: 7.088235 },
        },
        { name: "Summer", finding: expect.stringContaining("no impressions yet"), figures: { click_rate: null } },
      ],
    });
  });

  test("a budget is divided by the cost of conversions, and the amounts add up", async () => {
    const { output_data, assets } = await runJob(job("optimizer", jobs.optimizer), offline(figures));

    expect(assets).toEqual([]);
    expect(output_data).toMatchObject({
      total_budget: 1000,
      campaigns: [
        {
          campaign_id: campaign().id,
          name: "Spring 2026",
          current_budget: 500,
          proposed_budget: 833.333333,
          change: 333.333333,
          reason: "A conversion costs $7.088235 here.",
        },
        { name: "Summer", current_budget: 500, proposed_budget: 166.666667, change: -333.333333 },
      ],
    });
  });
});

describe("an offline answer passes its own agent's checks", () => {
  const text = (maxLength: number) =>
    fc
      .oneof(
        fc.string({ maxLength: maxLength / 2, unit: "grapheme" }),
        fc.string({ maxLength, unit: fc.constantFrom(..."a<>[](){}#|\\ :/w.\n日👍") }),
        fc.constantFrom("<script>alert(1)</script>", "see www.example.com now", "[x](javascript:alert(1))"),
      )
      .map((value) => value.slice(0, maxLength).toWellFormed())
      .filter((value) => /\S/.test(value));
  const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

  test("of a blog post", () => {
    const inputs = fc.record({
      topic: text(500),
      keywords: fc.array(text(100), { maxLength: 20 }),
      length: fc.integer({ min: 100, max: 400 }),
      audience: optional(text(200)),
    });
    fc.assert(
      fc.property(inputs, (given) => {
        const input = SeoWriterInput.parse(given);
        const answer = seoWriter.answer.parse(seoWriter.offlineAnswer(input, []));
        expect(seoWriter.problems(answer, input, [])).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("of mails", () => {
    const inputs = fc.record({
      goal: text(500),
      type: fc.constantFrom("single", "sequence"),
      audience: optional(text(200)),
      offer: optional(text(500)),
    });
    fc.assert(
      fc.property(inputs, (given) => {
        const input = EmailMarketerInput.parse(given);
        const answer = emailMarketer.answer.parse(emailMarketer.offlineAnswer(input, []));
        expect(emailMarketer.problems(answer, input, [])).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("of posts", () => {
    const link = fc.constantFrom("https://example.com", `https://example.com/${"p".repeat(400)}`, "http://localhost/x");
    const inputs = fc.record({ topic: text(500), platforms: fc.subarray([...platforms], { minLength: 1 }), link });
    fc.assert(
      fc.property(inputs, (given) => {
        const input = SocialMediaInput.parse(given);
        const answer = socialMedia.answer.parse(socialMedia.offlineAnswer(input, []));
        expect(socialMedia.problems(answer, input, [])).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  const maybe = (max: number) => fc.option(fc.double({ min: 0, max, noNaN: true }), { nil: null });
  const anyCampaign: fc.Arbitrary<CampaignFigures> = fc
    .record({
      id: fc.uuid(),
      name: fc.string({ minLength: 1, maxLength: 50 }),
      status: fc.constantFrom("draft", "active", "paused", "completed", "archived"),
      budget: fc.integer({ min: 0, max: 1e9 }),
      spend: fc.integer({ min: 0, max: 1e9 }),
      reserved: fc.integer({ min: 0, max: 1e6 }),
      impressions: fc.nat(),
      clicks: fc.nat(3),
      conversions: fc.nat(3),
      roi: maybe(10),
      click_rate: maybe(1),
      conversion_rate: maybe(1),
      cost_per_click: maybe(100),
      cost_per_conversion: maybe(100),
    })
    // The amounts are in millionths.
    .map((entry) => {
      const [budget, spend, reserved] = [entry.budget / 1e6, entry.spend / 1e6, entry.reserved / 1e6];
      return Object.assign(entry, { budget, spend, reserved, budget_remaining: budget - spend - reserved });
    });

  test("of an analysis, and of weights, whose budgets add up exactly", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCampaign, { minLength: 1, maxLength: 12 }), async (list) => {
        const millionths = (dollars: number) => Math.round(dollars * 1e6);
        const committed = list.reduce((sum, { spend, reserved }) => sum + millionths(spend) + millionths(reserved), 0);
        const total_budget = (committed + 1) / 1e6;

        await expect(runJob(job("analyst", {}), offline(list))).resolves.toMatchObject({
          output_data: { model_used: "offline" },
        });
        const { output_data } = await runJob(job("optimizer", { total_budget }), offline(list));

        const proposals = output_data.campaigns as { proposed_budget: number; change: number }[];
        const sum = proposals.reduce((all, { proposed_budget }) => all + millionths(proposed_budget), 0);
        expect(sum).toBe(committed + 1);
        for (const [index, { proposed_budget, change }] of proposals.entries()) {
          const { spend, reserved, budget } = list[index]!;
          expect(millionths(proposed_budget)).toBeGreaterThanOrEqual(millionths(spend) + millionths(reserved));
          expect(millionths(change)).toBe(millionths(proposed_budget) - millionths(budget));
        }
      }),
      { numRuns: 40 },
    );
  });
});
