/** As much of package.json as is changed in it. */
export interface PackageJson {
  private?: boolean;
  scripts?: object;
  devDependencies?: object;
  /** The Node that the repository brings along. */
  optionalDependencies?: object;
  /** What the embedded stack, agents and workers need besides. */
  peerDependencies: Record<string, string>;
  allowScripts?: object;
  /** How the tests and scripts of this repository import the sources. */
  imports?: object;
  /** Subpaths and the files that they lead to. */
  exports: Record<string, string>;
}

/** Where package.json waits while its published form is in its place. */
export const asideFile = ".package.json.aside";
