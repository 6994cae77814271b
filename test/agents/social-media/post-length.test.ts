import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { postLength } from "../../../src/agents/social-media/post-length.ts";

const tweet = (text: string) => postLength("twitter", text);

describe("twitter counts", () => {
  test.each([
    ["", 0],
    ["Grüße aus Köln", 14],
    ["“quoted” – with dashes…", 24],
    ["日本語", 6],
    ["👍", 2],
    ["👨‍👩‍👧‍👦", 2],
    ["🇩🇪🇫🇷", 4],
    ["1️⃣", 2],
    ["e\u0301", 1],
    ["http://a.co", 23],
    ["See https://example.com/a/very/long/path?with=query&and=more#fragment!", 28],
    ["(https://example.com/a).", 26],
    ["https://example.com/a, https://example.com/b", 48],
    ["https://example.com/日本", 27],
    ["https://localhost", 17],
    ["buy at example.com now", 34],
    ["e.g. this", 9],
  ])("%s as %i", (text, length) => {
    expect(tweet(text)).toBe(length);
  });

  test("an address as 23, however long it is", () => {
    const path = fc.string({ unit: fc.constantFrom(..."abcXYZ019-_/"), maxLength: 300 });
    fc.assert(
      fc.property(path, fc.string({ unit: "grapheme-ascii" }), (part, words) => {
        const text = words.replace(/[.:/]/g, "");
        expect(tweet(`${text} https://example.com/${part} ${text}`)).toBe(2 * tweet(text) + 25);
      }),
    );
  });

  test("each part of a text by itself", () => {
    const part = fc.string({ unit: "grapheme", maxLength: 50 }).map((text) => text.replace(/[.:]/g, ""));
    fc.assert(
      fc.property(part, part, (one, other) => {
        expect(tweet(`${one} ${other}`)).toBe(tweet(one) + 1 + tweet(other));
      }),
    );
  });
});

test("the other platforms count UTF-16 units", () => {
  for (const platform of ["linkedin", "facebook", "instagram"] as const) {
    expect(postLength(platform, "👍 https://example.com/path")).toBe(27);
  }
});
