import fc from "fast-check";
import { CommunicationPreferences, CustomHours, Timezone } from "#groundwork/schemas";
import { startLocal } from "#groundwork/local";
import { afterAll, expect, test } from "vitest";

const backend = await startLocal();
afterAll(() => backend.close());

async function databaseAccepts(check: string, value: unknown): Promise<boolean> {
  const [row] = await backend.database.query<{ accepted: boolean }>(
    `select groundwork.${check}($1::text::jsonb) as accepted`,
    [JSON.stringify(value)],
  );
  return row!.accepted;
}

const zones = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "America/Argentina/Ushuaia",
  "Etc/GMT+3",
  "PST",
  "A/B3",
  "+02",
  "x/y",
  "",
);
const time = fc.oneof(
  fc.constantFrom("09:00", "24:00", "9:00", "23:59", "00:60", "23:59:59", "２３:59", "09:00\n"),
  fc.tuple(fc.nat(23), fc.nat(59)).map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":")),
);
const junk = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.array(fc.string()), fc.object());

test("the schemas accept exactly what the database accepts", async () => {
  const hours = fc.oneof(
    fc.record({ start: time, end: time, timezone: zones }),
    fc.record({ start: fc.oneof(time, junk), end: time, timezone: fc.oneof(zones, junk) }, { requiredKeys: [] }),
    junk,
  );
  const channel = fc.oneof({ weight: 4, arbitrary: fc.boolean() }, junk);
  const channels = fc.oneof(fc.record({ email: channel, sms: channel, in_app: channel }, { requiredKeys: [] }), junk);

  await fc.assert(
    fc.asyncProperty(hours, channels, async (customHours, preferences) => {
      expect(await databaseAccepts("is_custom_hours", customHours)).toBe(CustomHours.safeParse(customHours).success);
      expect(await databaseAccepts("is_communication_preferences", preferences)).toBe(
        CommunicationPreferences.safeParse(preferences).success,
      );
    }),
    { numRuns: 300 },
  );
});

test("the database accepts every Area/Location time zone of JavaScript", async () => {
  const known = Intl.supportedValuesOf("timeZone").filter((name) => Timezone.safeParse(name).success);

  const refused = await backend.database.query(
    "select name from unnest($1::text[]) as name where not groundwork.is_timezone(name)",
    [known],
  );

  expect(known.length).toBeGreaterThan(400);
  expect(refused).toEqual([]);
});
