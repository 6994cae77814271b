/** After `npm pack`: puts package.json back. */
import { rename } from "node:fs/promises";
import { asideFile } from "./package-json.ts";

await rename(asideFile, "package.json");
