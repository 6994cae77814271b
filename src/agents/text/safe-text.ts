import { z } from "zod";

// Postgres stores neither, in text nor in jsonb.
const isStorable = (text: string) => text.isWellFormed() && !text.includes("\0");

/** Text of a model: not blank, and such that Postgres can store it. */
export const Text = z
  .string()
  .regex(/\S/, { error: "must not be blank" })
  .refine(isStorable, { error: "holds characters that are none" });

/** Text of one line: a title, a subject. A line break in a subject would be another header of the mail. */
export const Line = Text.regex(/^[^\p{Cc}\u2028\u2029]*$/u, { error: "must be one line" });

/** An address up to the next space: with `https://'@evil.example` a browser goes to evil.example, in spite of the quote. */
const address = /(?:https?:\/\/|www\.)[^\s<>]*/giu;

/** An address as people write it, often between quotes or brackets. */
const quotedAddress = /(?:https?:\/\/|www\.)[^\s<>()[\]"'`]+/giu;

/**
 * `[label](address)` that is a link to every reader of Markdown, so that the address ends at its bracket. With other
 * brackets, a line break or the bar of a table in it or `]` before it, it may be mere text to one that makes links of
 * addresses in text, and that one reads on: `](https://example.com)@evil.example`.
 */
const inlineLink = /(?<![\\\]])(\[[^[\]\\`^|\r\n]*)\]\((https?:\/\/(?:[^\s<>()]|\([^\s<>()]*\))*)\)/giu;

/** What more often ends a sentence, a quote, a bracket or an emphasis than an address. No letter, digit or `@`. */
const closingMark = /[\p{Pe}\p{Pi}\p{Pf}.,;:!?…*_~|'"`。，、；：！？]/u;

/** More than these at the end of an address are no prose. Each costs a parse of the address. */
const maxClosingMarks = 10;

/** The address, and what it is without its last closing mark, its last two and so on. */
function readingsOf(found: string): string[] {
  const readings = [found];
  let rest = found;
  while (readings.length <= maxClosingMarks && closingMark.test(rest.slice(-1))) {
    rest = rest.slice(0, -1);
    readings.push(rest);
  }
  return readings;
}

/** Where a browser goes. Undefined with a name before `@`, or with what Markdown and browsers read differently. */
function hrefOf(found: string): string | undefined {
  const full = found.replace(/^www\./iu, "http://$&");
  if (/[\\\p{Cc}]/u.test(full) || !URL.canParse(full)) return undefined;
  const { href, username, password } = new URL(full);
  return username || password ? undefined : href;
}

function givenHrefs(given: object): Set<string> {
  const found = stringsIn(given).flatMap((text) => [address, quotedAddress].flatMap((form) => text.match(form) ?? []));
  const hrefs = found.flatMap(readingsOf).map(hrefOf);
  return new Set(hrefs.filter((href) => href !== undefined));
}

/** The addresses in a text that are not, as a whole, among those given. */
function inventedAddresses(text: string, given: Set<string>): string[] {
  const isGiven = (found: string) => given.has(hrefOf(found) ?? "");
  const targets = Array.from(text.matchAll(inlineLink), ([, , target = ""]) => target);
  const others = text.replace(inlineLink, "$1 ").match(address) ?? [];
  return [
    ...targets.filter((target) => !isGiven(target)),
    ...others.filter((found) => !readingsOf(found).some(isGiven)),
  ];
}

const namedCharacters = new Map([
  ["colon", ":"],
  ["sol", "/"],
  ["period", "."],
]);

/** The text once Markdown has read what may hide an address from us. Some readers look for addresses only then. */
function unescaped(text: string): string {
  return text
    .replace(/\\([!-/:-@[-`{-~])/gu, "$1")
    .replace(/&([a-z]+);/gu, (whole, name: string) => namedCharacters.get(name) ?? whole)
    .replace(/&#(\d{1,7}|x[\da-f]{1,6});/giu, (whole, number: string) => {
      const code = Number(number.replace(/^x/iu, "0x"));
      return code < 128 ? String.fromCharCode(code) : whole;
    });
}

/**
 * What is wrong with Markdown of a model. HTML is refused, not cleaned: whoever renders the text has nothing to escape.
 * Every address must be one that the user gave: an invented link is broken at best, and a planted one leads people,
 * or a picture's request, to somebody else.
 */
export function markdownProblems(path: string, text: string, given: object): string[] {
  const problems: string[] = [];
  if (/<[a-z/!?]/iu.test(text)) problems.push(`${path}: write Markdown without HTML tags`);
  const targets = text.matchAll(/\](?:\(|:)\s*(\S*)/gu);
  if (targets.some(([, target]) => !/^(https?:\/\/|#)/iu.test(target ?? ""))) {
    problems.push(`${path}: a link must lead to an http(s) address`);
  }
  const hrefs = givenHrefs(given);
  for (const found of new Set([text, unescaped(text)].flatMap((read) => inventedAddresses(read, hrefs)))) {
    problems.push(`${path}: ${found.slice(0, 100)} is no address that the input gave`);
  }
  return problems;
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** A user's words for use in an offline answer: one line, without addresses and without what Markdown would read as markup. */
export function plain(text: string, fallback: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029<>()[\]{}`*_#|\\~]/gu, " ")
    // Else an offline answer could hold an address that `unescaped` finds.
    .replace(/&(?=[a-z]+;)/giu, " ")
    .replace(address, " ")
    .replace(/\s+/gu, " ")
    .trim();
  return line || fallback;
}

/** Shortens one line to at most `max` UTF-16 units, at a space if there is one in its second half. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const start = text.slice(0, max);
  const space = start.lastIndexOf(" ");
  return (space > max / 2 ? start.slice(0, space) : start).replace(/[\uD800-\uDBFF]$/u, "").trim();
}

/** The text with its first letter large. */
export function capitalised(text: string): string {
  const [first = "", ...rest] = text;
  return first.toUpperCase() + rest.join("");
}
