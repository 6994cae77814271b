import type { PackageJson } from "./package-json.ts";

/** Only Edge Functions import these packages, and the package contains no Edge Functions. */
const ofFunctions = new Set(["@supabase/server", "deno-std"]);

/**
 * Makes the package.json of the published package. In the repository, `exports` points to the sources, so that nothing
 * needs a build. In the package it points to the built files. `imports` is left out, because it serves the tests and
 * scripts of the repository and points to the sources, which the package does not contain. A clone of the repository
 * needs the peer dependencies, but an app that uses only the client does not, so they are optional in the package. One
 * package.json cannot express both.
 */
export function publishedManifest(manifest: PackageJson): PackageJson {
  const {
    private: _private,
    scripts: _scripts,
    devDependencies: _dev,
    allowScripts: _allowed,
    imports: _imports,
    optionalDependencies: _node,
    ...kept
  } = manifest;
  const peerDependencies = Object.fromEntries(
    Object.entries(manifest.peerDependencies).filter(([name]) => !ofFunctions.has(name)),
  );
  const peerDependenciesMeta = Object.fromEntries(
    Object.keys(peerDependencies).map((name) => [name, { optional: true }]),
  );
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([subpath, source]) => {
      const built = source.replace(/^\.\/src\//, "./dist/").replace(/\.ts$/, "");
      return [subpath, built === source ? source : { types: `${built}.d.ts`, default: `${built}.js` }];
    }),
  );
  return { ...kept, exports, peerDependencies, peerDependenciesMeta } as PackageJson;
}
