export { MonthlySpending } from "./monthly-spending.ts";
export { Persona } from "./persona.ts";
export { CommunicationPreferences, CustomHours, Timezone } from "./preferences.ts";
export { DateOfTimestamp, InstantOfTimestamp, Timestamp } from "./timestamp.ts";
export { VibeProfile } from "./vibe-profile.ts";
