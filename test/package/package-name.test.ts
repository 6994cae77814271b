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

/** Other packages that pages and examples name. */
const { dependencies, peerDependencies, devDependencies } = manifest;
const others = Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies });

/** Returns the packages that a reader would import or install. Paths and built-in modules of Node do not count. */
function packagesIn(text: string): string[] {
  const imported = [...text.matchAll(/\b(?:from |import |import\()"([^"\s]+)"/g)].map(([, specifier]) => specifier!);
  const installed = [...text.matchAll(/^npm (?:install|i) ((?:.*\\\n)*.*)/gm)]
    .flatMap(([, list]) => list!.replace(/#.*|&&.*|--prefix \S+|\\\n/g, " ").split(/\s+/))
    .filter((word) => word !== "" && !word.startsWith("-"));
  // The name of a tarball is the name of its package, then the version.
  const named = installed.map((word) => /([^/]+)-\d+\.\d+\.\d+\.tgz$/.exec(word)?.[1] ?? word);
  const subpaths = [...text.matchAll(/`([^`\s]+)\/(?:agents|local|schemas)`/g)].map(([, name]) => name!);
  return [...imported, ...named, ...subpaths].filter((name) => !/^(\.|node:|src$)/.test(name));
}

/** Returns a name without subpath and version. */
const nameOf = (specifier: string) => /^(@[^/]+\/)?[^/@]+/.exec(specifier)?.[0] ?? specifier;

test("is the one in package.json, in every place from which a reader may copy it", async () => {
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

test("is found in imports, installs and subpaths, and another name is found to be wrong", () => {
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
