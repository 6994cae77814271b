import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import {
  agentInputModule,
  agentOutputModule,
  agentRegistryModule,
  agentTypeModule,
  checkAgentFolders,
} from "../../scripts/generate/agent-types.ts";

const types = [
  { name: "translator", purpose: "Translates a text." },
  { name: "seo_writer_2", purpose: "Writes." },
];

describe("the folders of agents", () => {
  let folder: string;
  const folders: string[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "groundwork-agents-"));
    folders.push(folder);
    for (const name of ["translator", "seo-writer-2"]) await addFolder(name);
    // A folder that several agents share has no input, and does not count as an agent.
    await addFolder("runtime", ["agent.ts"]);
  });
  afterAll(() => Promise.all(folders.map((each) => rm(each, { recursive: true }))));

  const addFolder = async (
    name: string,
    files: string[] = ["input.ts", "output.ts", "prompt.ts", "agent.ts", "offline.ts"],
  ) => {
    await mkdir(path.join(folder, name));
    for (const file of files) await writeFile(path.join(folder, name, file), "");
  };

  test("match the agent types", async () => {
    await expect(checkAgentFolders(types, folder)).resolves.toBeUndefined();
  });

  test("are required if there is only the row", async () => {
    const withPoet = [...types, { name: "poet", purpose: "Rhymes." }];

    await expect(checkAgentFolders(withPoet, folder)).rejects.toThrow(/poet\/input\.ts is missing\.[^]*add-an-agent/);
  });

  test("must have each file", async () => {
    await rm(path.join(folder, "translator", "offline.ts"));

    await expect(checkAgentFolders(types, folder)).rejects.toThrow(/^[^\n]*translator\/offline\.ts is missing\.\nSee/);
  });

  test("are named if there is no row", async () => {
    await addFolder("poet");

    await expect(checkAgentFolders(types, folder)).rejects.toThrow("poet has no row in groundwork.agent_types.");
  });
});

test("the modules name each agent by its type", () => {
  expect(agentTypeModule(types)).toContain('/** Translates a text. */\n  "translator",');
  expect(agentRegistryModule(types)).toContain('import { seoWriter2 } from "./seo-writer-2/agent.ts";');
  expect(agentRegistryModule(types)).toContain("seo_writer_2: seoWriter2,");
  expect(agentInputModule(types)).toContain('import { SeoWriter2Input } from "./seo-writer-2/input.ts";');
  expect(agentOutputModule(types)).toContain("translator: TranslatorOutput,");
});
