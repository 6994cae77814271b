import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { partsOfText } from "../../../src/agents/text/parts-of-text.ts";
import { quotableText } from "../../../src/agents/text/quotes.ts";
import { cpuTime } from "../../setup/cpu-time.ts";

const text = "Ana — “the curious one” — loves\n  old maps; she’s\u00a0never late… 他喜欢喝茶。 Straße in ÉVORA.";

describe("a quote", () => {
  test.each([
    ["Ana — “the curious one” — loves\n  old maps"],
    ['ana - "The curious one" - loves old maps'],
    ["loves old\tmaps; she's never late"],
    ["late..."],
    ["喜欢喝茶"],
    ["straße in évora"],
    ["Straße in E\u0301vora"],
    ["  old maps  "],
    ["old\u200b ma\u00adps"],
  ])("is found with other quotation marks, dashes and spaces: %j", (quote) => {
    const found = quotableText(text).find(quote === "late..." ? "never late..." : quote);

    expect(text).toContain(found);
  });

  test("is returned as it is written in the text", () => {
    expect(quotableText(text).find('the CURIOUS one" - loves old maps')).toBe("the curious one” — loves\n  old maps");
    expect(quotableText(text).find("she's never late...")).toBe("she’s\u00a0never late…");
  });

  test.each([
    ["what the text does not say", "Ana loves new maps"],
    ["two passages made one", "Ana loves old maps"],
    ["an ellipsis", "Ana … loves old maps"],
    ["a letter", "a"],
    ["nothing", "  "],
    ["signs", "— “"],
    ["one word", "curious"],
    ["two short words", "she’s"],
    ["the end of one word and the beginning of another", "ves old maps; she’s nev"],
    ["more than the text", `${text} And more.`],
  ])("is refused if it is %s: %s", (_, quote) => {
    expect(quotableText(text).find(quote)).toBeUndefined();
  });

  test("is found for every passage of whole words, in plain characters", () => {
    const word = fc.stringMatching(/^[a-zà-ö]{3,8}(’s|…|,| —|”)?$/);
    const space = fc.constantFrom(" ", "\n", " \t ", "\u00a0");
    fc.assert(
      fc.property(fc.array(word, { minLength: 6, maxLength: 30 }), fc.nat(3), space, (list, start, gap) => {
        const whole = list.join(gap);
        const passage = list.slice(start, start + 3).join(gap);
        const plain = passage.replaceAll("’", "'").replaceAll("…", "...").replaceAll("—", "-").replaceAll("”", '"');

        expect(quotableText(whole).find(plain.replace(/\s+/g, " ").toUpperCase())).toBe(passage);
      }),
    );
  });

  test("is found quickly in a long text", () => {
    const long = `${"She collects “old” maps — and more. ".repeat(28_000)}The end is here.`;
    const started = cpuTime();

    const quotable = quotableText(long);
    const found = Array.from({ length: 200 }, () => quotable.find("the end is here"));

    expect(found[199]).toBe("The end is here");
    expect(long.length).toBeGreaterThan(1_000_000);
    expect(cpuTime() - started).toBeLessThan(5000);
  });
});

describe("the parts of a text", () => {
  const sizes = { maxLength: 100, overlap: 20 };

  test("are one, if it is short", () => {
    expect(partsOfText("x".repeat(100), sizes)).toEqual(["x".repeat(100)]);
  });

  test("end after a paragraph, or else after a sentence, or else after a word", () => {
    const words = "word ".repeat(17);

    expect(partsOfText(`${words}end.\n\nNext one. And ${words}`, sizes)[0]).toBe(`${words}end.\n\n`);
    expect(partsOfText(`${words}end. Next one and ${words}`, sizes)[0]).toBe(`${words}end. `);
    expect(partsOfText(`${words}${words}`, sizes)[0]).toBe("word ".repeat(20));
  });

  test("together contain the whole text, and each begins before the previous one ends", () => {
    const gap = fc.constantFrom(" ", "\n\n", ". ", "-");
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 300 }), (gaps) => {
        const whole = gaps.map((sign, index) => `n${index}${sign}`).join("");
        const parts = partsOfText(whole, sizes);

        const starts = parts.map((part) => whole.indexOf(part));
        const ends = parts.map((part, index) => starts[index]! + part.length);
        expect(starts[0]).toBe(0);
        expect(ends.at(-1)).toBe(whole.length);
        for (const [index, start] of starts.slice(1).entries()) {
          expect(start).toBeLessThan(ends[index]!);
          expect(start).toBeGreaterThan(starts[index]!);
        }
      }),
    );
  });

  test("are never too long, and do not cut a character", () => {
    const piece = fc.constantFrom("\n\n", ". ", "🌻".repeat(70), "x".repeat(250), "word ");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (list) => {
        for (const part of partsOfText(list.join(""), sizes)) {
          expect(part.length).toBeLessThanOrEqual(100);
          expect(part.isWellFormed()).toBe(true);
        }
      }),
    );
  });
});
