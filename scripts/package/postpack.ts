/** Runs after `npm pack`: restores package.json. */
import { rename } from "node:fs/promises";
import { asideFile } from "./package-json.ts";

await rename(asideFile, "package.json");
