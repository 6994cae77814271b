import manifest from "../../package.json" with { type: "json" };

/** The name of the package on npm. Code reads it from package.json only. */
export const packageName: string = manifest.name;
