/** The parts of package.json that the package changes. */
export interface PackageJson {
  private?: boolean;
  scripts?: object;
  devDependencies?: object;
  /** The version of Node that the repository installs. */
  optionalDependencies?: object;
  /** Additional packages that the embedded stack, agents and workers need. */
  peerDependencies: Record<string, string>;
  allowScripts?: object;
  /** The names by which the tests and scripts of this repository import the sources. */
  imports?: object;
  /** The subpaths and their files. */
  exports: Record<string, string>;
}

/** The name of the original package.json while the published form is in its place. */
export const asideFile = ".package.json.aside";
