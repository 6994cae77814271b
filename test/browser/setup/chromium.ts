import { existsSync } from "node:fs";

/** Returns the path of Chromium or Chrome. */
export function chromiumPath(): string {
  const path = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((file) => existsSync(file));
  if (path) return path;
  throw new Error(
    "CHROMIUM is not set, and there is none in /usr/bin. It names Chromium or Chrome.\n" +
      "On Debian: CHROMIUM=$(sudo bash scripts/prepare-debian-chromium.sh | tail -n 1) npm run test:browser",
  );
}
