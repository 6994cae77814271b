export { localKeys } from "./keys.ts";
export type { LocalDatabase, Statements } from "./database/local-database.ts";
export type { SignedUp } from "./sign-up.ts";
export { StartError } from "./start-error.ts";
export { type LocalBackend, type LocalOptions, startLocal } from "./start-local.ts";
