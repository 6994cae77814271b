import type { Platform } from "./input.ts";

export const postLimits: Record<Platform, number> = {
  twitter: 280,
  linkedin: 3000,
  facebook: 63_206,
  instagram: 2200,
};

/**
 * Returns the length of a post as the platform counts it. For platforms that do not document it, this is the number of
 * UTF-16 units, which is never too low.
 */
export function postLength(platform: Platform, text: string): number {
  return platform === "twitter" ? tweetLength(text) : text.length;
}

/** Twitter counts every URL as this many characters. */
const addressLength = 23;

const path = String.raw`(?:[/?#](?:[\w\-.~:/?#@!$&*+,;=%]*[\w/=&#\-])?)?`;
const address = new RegExp(String.raw`https?:\/\/(?:[a-z0-9\-]+\.)+[a-z]{2,}(?::\d+)?${path}`, "giu");
// Twitter knows all top-level domains. Of those that are missing here, a short address counts a little less than it
// should.
const bareAddress = new RegExp(
  String.raw`\b(?:[a-z0-9\-]+\.)+(?:com|org|net|edu|gov|io|co|dev|app|ai|info|me|tv|eu|us|uk|de|fr)\b${path}`,
  "giu",
);

/**
 * Counts as twitter-text 3 does: a URL as 23, an emoji as 2, Latin and most other alphabets as 1, everything else as 2.
 */
function tweetLength(text: string): number {
  let addresses = 0;
  const words = text
    .normalize("NFC")
    .replace(address, () => {
      addresses += 1;
      return "\n";
    })
    .replace(bareAddress, (found) => found.padEnd(addressLength));
  // Each URL was replaced by one character, so that the texts before and after it do not join.
  let length = addresses * (addressLength - 1);
  for (const [index, part] of words.split(/\p{RGI_Emoji}/v).entries()) {
    if (index > 0) length += 2;
    for (const character of part) length += isLight(character.codePointAt(0)!) ? 1 : 2;
  }
  return length;
}

function isLight(code: number): boolean {
  return (
    code <= 0x10ff ||
    (code >= 0x2000 && code <= 0x200d) ||
    (code >= 0x2010 && code <= 0x201f) ||
    (code >= 0x2032 && code <= 0x2037)
  );
}
