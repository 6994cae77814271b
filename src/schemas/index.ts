export { CommunicationPreferences } from "./communication-preferences.ts";
export { CustomHours } from "./custom-hours.ts";
export { MonthlySpending } from "./monthly-spending.ts";
export { Persona } from "./persona.ts";
export { DateOfTimestamp, InstantOfTimestamp, Timestamp } from "./timestamp.ts";
export { Timezone } from "./timezone.ts";
export { VibeProfile } from "./vibe-profile.ts";
