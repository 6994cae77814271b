export { createClient } from "./create-client.ts";
export type { Database } from "./database.ts";
