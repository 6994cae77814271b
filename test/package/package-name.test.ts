import { readFile, readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { packageName } from "../../scripts/package/package-name.ts";
import manifest from "../../package.json" with { type: "json" };

const listed = await Promise.all(["docs", "examples"].map((folder) => readdir(folder, { recursive: true })));
const pages = [
  "README.md",
  ...listed[0]!.map((name) => `docs/${name}`),
  ...listed[1]!.map((name) => `examples/${name}`),
]
  .filter((name) => /\.(md|ts)$/.test(name))
  .toSorted();

/** Packages of others, which pages and examples name beside this one. */
const { dependencies, peerDependencies, devDependencies } = manifest;
const others = Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies });

/** What a reader would import or install, by where it stands. Paths and built-ins of Node are no packages. */
function packagesIn(text: string): string[] {
  const imported = [...text.matchAll(/\b(?:from |import |import\()"([^"\s]+)"/g)].map(([, specifier]) => specifier!);
  const installed = [...text.matchAll(/^npm (?:install|i) ((?:.*\\\n)*.*)/gm)]
    .flatMap(([, list]) => list!.replace(/#.*|&&.*|--prefix \S+|\\\n/g, " ").split(/\s+/))
    .filter((word) => word !== "" && !word.startsWith("-"));
  // A tarball has the name of its package, then the version.
  const named = installed.map((word) => /([^/]+)-\d+\.\d+\.\d+\.tgz$/.exec(word)?.[1] ?? word);
  const subpaths = [...text.matchAll(/`([^`\s]+)\/(?:agents|local|schemas)`/g)].map(([, name]) => name!);
  return [...imported, ...named, ...subpaths].filter((name) => !/^(\.|node:|src$)/.test(name));
}

/** Without subpath and version. */
const nameOf = (specifier: string) => /^(@[^/]+\/)?[^/@]+/.exec(specifier)?.[0] ?? specifier;

test("is that of package.json, wherever a reader copies it from", async () => {
  const found = await Promise.all(
    pages.map(async (page) => packagesIn(await readFile(page, "utf8")).map((specifier) => ({ page, specifier }))),
  );
  const wrong = found.flat().filter(({ specifier }) => ![packageName, ...others].includes(nameOf(specifier)));

  expect(wrong).toEqual([]);
  const own = found.flat().filter(({ specifier }) => nameOf(specifier) === packageName);
  expect(own.map(({ page }) => page)).toEqual(
    expect.arrayContaining(["README.md", "docs/guides/client.md", "docs/reference/api.md"]),
  );
});

test("is found in what is imported, installed or named with a subpath, and would be missed under another", () => {
  const text = [
    'import { createGroundwork } from "other";',
    'const { tasks } = await import("other/agents");',
    "npm install --save-dev ../clone/other-0.1.0.tgz zod@4 \\",
    "  @scope/other@1   # a comment",
    '`other/local` starts it, `import { tasks } from "other"` is a part.',
    'import { until } from "./until.ts";',
  ].join("\n");

  expect(packagesIn(text).map(nameOf)).toEqual(["other", "other", "other", "other", "zod", "@scope/other", "other"]);
});
