export * from "./client/index.ts";
export { createClient } from "./create-client.ts";
export type { Database, JsonObject } from "./database.ts";
export { Constants, type Enums, type Tables, type TablesInsert, type TablesUpdate } from "./database.types.ts";
export { type ErrorCode, errorCodes } from "./error-codes.ts";
export type { CommunicationPreferences } from "./schemas/communication-preferences.ts";
export type { CustomHours } from "./schemas/custom-hours.ts";
export type { MonthlySpending } from "./schemas/monthly-spending.ts";
export type { VibeProfile } from "./schemas/vibe-profile.ts";
