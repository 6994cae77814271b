import type { PackageJson } from "./package-json.ts";

/** Only Edge Functions import these, and the package has none. */
const ofFunctions = new Set(["@supabase/server", "deno-std"]);

/**
 * The package.json that users get. In the repository `exports` leads to the sources, so that nothing needs a build there;
 * in the package it leads to what was built of them. `imports` is for the tests and scripts of the repository and leads to the
 * sources, which the package does not have, so it is left out. Who clones the repository needs the peers, and who installs the
 * client does not, so they are optional in the package only. npm has no way to say that in one file.
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
