import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { width } from "../../src/embeddings/embedding-model.ts";
import { encodeUnitVector } from "../../src/shared/vector.ts";
import { hashFeatures, lexicalModel } from "../../src/embeddings/lexical-model.ts";
import { rotate } from "../../src/embeddings/rotation.ts";
import { goldenVectors, sha256 } from "./setup/golden-vectors.ts";
import { correlation, hamming, ranks } from "./setup/statistics.ts";
import { cpuTime } from "../setup/cpu-time.ts";

const model = lexicalModel();

async function embed(...texts: string[]): Promise<Float32Array[]> {
  const { embedded } = await model.embed(texts);
  return embedded.map((each) => ("vector" in each ? each.vector : expect.unreachable(each.error.message)));
}

const dot = (one: ArrayLike<number>, other: ArrayLike<number>) =>
  Array.from(one).reduce((sum, number, place) => sum + number * other[place]!, 0);

async function similarity(one: string, other: string): Promise<number> {
  const [first, second] = await embed(one, other);
  return dot(first!, second!);
}

const numbers = fc
  .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: width, maxLength: width })
  .map((array) => Float64Array.from(array));

describe("the offline model", () => {
  test.for(goldenVectors)("always makes the same vector of %j", async ([text, digest]) => {
    const [vector] = await embed(text);

    expect(await sha256(vector!)).toBe(digest);
  });

  test("gives every text a vector of unit length, the same each time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), async (text) => {
        const [one, again] = await embed(text, text);

        expect(one).toHaveLength(width);
        expect(Math.hypot(...one!)).toBeCloseTo(1, 6);
        expect(again).toEqual(one);
      }),
      { numRuns: 100 },
    );
  });

  test("gives all texts without a word the same vector", async () => {
    const vectors = await embed("!!!", "", " \n", "…—…", "\u0000");

    expect(new Set(vectors.map((vector) => encodeUnitVector(vector))).size).toBe(1);
    expect(await similarity("!!!", "bees")).toBeLessThan(0.3);
  });

  test("finds similar texts: with other forms of a word, in another order, or with additional words", async () => {
    expect(await similarity("beekeeping in the city", "In the city: beekeeping!")).toBeGreaterThan(0.99);
    expect(await similarity("the gardens", "a garden")).toBeGreaterThan(0.4);
    expect(await similarity("call my mother", "I should call my mother about her knee")).toBeGreaterThan(0.4);
    expect(await similarity("call my mother", "The quarterly report is due")).toBeLessThan(0.15);
  });

  test("ignores case, accents, width and apostrophes", async () => {
    for (const [one, other] of [
      ["Crème brûlée", "creme brulee"],
      ["Ｗｉｄｅ ﬁnd", "wide find"],
      ["don’t", "dont"],
      ["й ё", "и е"],
      ["Zu\u0308rich", "zürich"],
    ] as const) {
      expect(await similarity(one, other)).toBeCloseTo(1, 6);
    }
  });

  test("knows words of any script, also without spaces, and emoji", async () => {
    expect(await similarity("養蜂は楽しい", "都市の養蜂")).toBeGreaterThan(0.2);
    expect(await similarity("도시에서 양봉을", "양봉은 재미있다")).toBeGreaterThan(0.1);
    expect(await similarity("городское пчеловодство", "пчеловодства")).toBeGreaterThan(0.4);
    expect(await similarity("النحل في المدينة", "النحل")).toBeGreaterThan(0.4);
    expect(await similarity("शहर में मधुमक्खी", "मधुमक्खी पालन")).toBeGreaterThan(0.3);
    expect(await similarity("🎉 party", "🎉")).toBeGreaterThan(0.2);
    expect(await similarity("養蜂は楽しい", "東京駅")).toBeLessThan(0.15);
  });

  test("gives a repeated word more weight, but less than in proportion", async () => {
    const once = await similarity("bees wasps", "bees");
    const often = await similarity(`${"bees ".repeat(100)} wasps`, "bees");

    expect(often).toBeGreaterThan(once);
    expect(often).toBeLessThan(0.999);
  });

  test("embeds 100 kB in well under a second, even a single word or only punctuation", async () => {
    const words = Array.from({ length: 12_000 }, (_, number) => `word${number}`).join(" ");
    for (const text of [
      words,
      "a".repeat(100_000),
      "<b>&amp;'".repeat(12_000),
      "'".repeat(100_000),
      "養".repeat(50_000),
    ]) {
      const started = cpuTime();

      const [vector] = await embed(text);

      expect(cpuTime() - started).toBeLessThan(1000);
      expect(Math.hypot(...vector!)).toBeCloseTo(1, 6);
    }
  });

  test("ignores a text after a million characters", async () => {
    const long = "bee ".repeat(250_000);

    expect(await similarity(long, `${long}wasp hornet`)).toBeCloseTo(1, 6);
  });
});

describe("the rotation", () => {
  test("keeps inner products, and so lengths and angles", () => {
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        const before = dot(one, other);
        const scale = Math.hypot(...one) * Math.hypot(...other);

        const after = dot(rotate(one.slice()), rotate(other.slice()));

        expect(Math.abs(after - before)).toBeLessThanOrEqual(1e-6 * scale);
      }),
      { numRuns: 50 },
    );
  });

  test("spreads a single number over all positions", () => {
    for (const place of [0, 511, 512, 1535]) {
      const vector = new Float64Array(width);
      vector[place] = 1;

      const turned = rotate(vector);

      expect(turned.filter((number) => number !== 0).length).toBeGreaterThan(width * 0.9);
      expect(Math.max(...turned.map(Math.abs))).toBeLessThan(0.15);
      expect(Math.hypot(...turned)).toBeCloseTo(1, 10);
    }
  });

  test("makes signs that show the distance: the signs of rotated vectors show it, those of other vectors do not", async () => {
    const texts = mixedTexts(200);
    const vectors = await embed(...texts);
    const unrotated = texts.map(hashFeatures);
    const cosines: number[] = [];
    const rotatedCodes: number[] = [];
    const otherCodes: number[] = [];
    for (let one = 0; one < texts.length; one += 1) {
      for (let other = 0; other < one; other += 1) {
        cosines.push(1 - dot(vectors[one]!, vectors[other]!));
        rotatedCodes.push(hamming(vectors[one]!, vectors[other]!));
        otherCodes.push(hamming(unrotated[one]!, unrotated[other]!));
      }
    }

    expect(correlation(ranks(cosines), ranks(rotatedCodes))).toBeGreaterThan(0.9);
    expect(correlation(ranks(cosines), ranks(otherCodes))).toBeLessThan(0.6);
  });
});

/** Texts of 3 to 60 words from one or two of a few subjects. A pair of texts has from no words to many in common. */
function mixedTexts(count: number): string[] {
  const subjects = [
    "bees hive honey queen swarm comb wax balcony flowers nectar smoker frame brood winter feeding",
    "mother knee operation hospital doctor Thursday visit tablets walking pain recovery nurse window soup",
    "guitar concert strings rehearsal song chorus stage Saturday singer tuning amplifier cable drums",
    "report quarter numbers meeting budget campaign newsletter deadline colleague spreadsheet margin forecast",
    "sourdough starter flour oven crust butter plums cake cinnamon kneading yeast rye sieve",
  ].map((words) => words.split(" "));
  let state = 7;
  const next = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
  return Array.from({ length: count }, () => {
    const [one, other] = [subjects[next(5)]!, subjects[next(5)]!];
    return Array.from({ length: 3 + next(58) }, (_, place) => {
      const words = place % 3 === 0 ? other : one;
      return words[next(words.length)];
    }).join(" ");
  });
}
