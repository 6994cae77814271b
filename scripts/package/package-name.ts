import manifest from "../../package.json" with { type: "json" };

/** What the package is called on npm. For code, the name stands in package.json alone. */
export const packageName: string = manifest.name;
