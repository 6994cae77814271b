import { describe, expect, test } from "vitest";
import { agentInputs, runJob } from "../../src/agents/index.ts";
import { agentTypes } from "../../src/agent-types.ts";
import type { JsonObject } from "../../src/database.ts";
import { campaign, job, newCampaign, offline } from "./setup/jobs.ts";

const minimal = {
  seo_writer: { topic: "Tomatoes" },
  email_marketer: { goal: "Win people back" },
  social_media: { topic: "Tomatoes" },
  analyst: {},
  optimizer: {},
  thought_organizer: {},
  memory_keeper: {},
  persona_writer: { raw_text: "I keep bees." },
};

describe("input of a job", () => {
  test("has a schema for each agent type, which gives defaults", () => {
    expect(Object.keys(agentInputs).toSorted()).toEqual(agentTypes.toSorted());
    expect(agentInputs.seo_writer.parse(minimal.seo_writer)).toEqual({ topic: "Tomatoes", keywords: [], length: 800 });
    expect(agentInputs.email_marketer.parse(minimal.email_marketer)).toEqual({
      goal: "Win people back",
      type: "single",
    });
    expect(agentInputs.social_media.parse(minimal.social_media)).toEqual({
      topic: "Tomatoes",
      platforms: ["twitter", "linkedin", "facebook", "instagram"],
    });
    expect(agentInputs.analyst.parse({})).toEqual({});
    expect(agentInputs.optimizer.parse({})).toEqual({});
  });

  test.each(Object.keys(minimal) as (keyof typeof minimal)[])("of %s has no keys but its own", async (type) => {
    for (const key of ["user_id", "campaign_id", "max_cost", "status", "system"]) {
      const run = runJob(job(type, { ...minimal[type], [key]: "x" }), offline([campaign()]));

      await expect(run).rejects.toMatchObject({ code: "invalid_input", retryable: false, usage: [] });
      await expect(run).rejects.toThrow(`"${key}"`);
    }
  });

  test.each<[keyof typeof minimal, JsonObject, string]>([
    ["seo_writer", {}, "topic: "],
    ["seo_writer", { topic: " \n" }, "topic: must not be blank"],
    ["seo_writer", { topic: "x".repeat(501) }, "topic: "],
    ["seo_writer", { topic: "x", length: 99 }, "length: "],
    ["seo_writer", { topic: "x", length: 5001 }, "length: "],
    ["seo_writer", { topic: "x", length: 100.5 }, "length: "],
    ["seo_writer", { topic: "x", keywords: [""] }, "keywords.0: "],
    ["email_marketer", { goal: "x", type: "newsletter" }, "type: "],
    ["social_media", { topic: "x", platforms: [] }, "platforms: "],
    ["social_media", { topic: "x", platforms: ["myspace"] }, "platforms.0: "],
    ["social_media", { topic: "x", platforms: ["twitter", "twitter"] }, "platforms: names a platform twice"],
    ["social_media", { topic: "x", link: "javascript:alert(1)" }, "link: "],
    ["analyst", { campaign_ids: ["c1"] }, "campaign_ids.0: "],
    ["analyst", { campaign_ids: [] }, "campaign_ids: "],
    ["optimizer", { total_budget: 0 }, "total_budget: "],
    ["thought_organizer", { dry_run: "yes" }, "dry_run: "],
    ["memory_keeper", { memory_ids: [] }, "memory_ids: "],
    ["persona_writer", { raw_text: " " }, "raw_text: must not be blank"],
    ["persona_writer", { raw_text: "x", replaces: "p1" }, "replaces: "],
  ])("of %s may not be %j", async (type, input, reason) => {
    const run = runJob(job(type, input), offline([campaign()]));

    await expect(run).rejects.toMatchObject({ code: "invalid_input", retryable: false });
    await expect(run).rejects.toThrow(`input_data: ${reason}`);
  });

  test("that needs campaigns is refused if there are none, if some of the named ones do not exist, or if there are too many", async () => {
    const stranger = "20000000-0000-4000-8000-000000000009";
    const refused = { code: "invalid_input", retryable: false };
    const many = Array.from({ length: 101 }, () => campaign());

    await expect(runJob(job("analyst", {}), offline())).rejects.toMatchObject(refused);
    await expect(runJob(job("optimizer", {}), offline())).rejects.toMatchObject(refused);
    await expect(runJob(job("analyst", {}), offline(many))).rejects.toMatchObject(refused);
    const unknown = runJob(job("analyst", { campaign_ids: [campaign().id, stranger] }), offline([campaign()]));
    await expect(unknown).rejects.toMatchObject(refused);
    await expect(unknown).rejects.toThrow(stranger);
  });

  test("for the optimizer is refused if the total is 0, or less than what is spent and reserved", async () => {
    const figures = [campaign({ spend: 100, reserved: 50 }), newCampaign({ budget: 0 })];

    await expect(runJob(job("optimizer", { total_budget: 149.999999 }), offline(figures))).rejects.toThrow(
      /^150 is spent/,
    );
    await expect(runJob(job("optimizer", { total_budget: 150 }), offline(figures))).resolves.toMatchObject({
      output_data: { model_used: "offline" },
    });
    await expect(runJob(job("optimizer", {}), offline([newCampaign({ budget: 0 })]))).rejects.toThrow(/no budget/);
  });
});
