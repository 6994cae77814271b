import { z } from "zod";

// Postgres cannot store NUL or lone surrogates, in text or in jsonb.
const isStorable = (text: string) => text.isWellFormed() && !text.includes("\0");

/** A text that a model wrote. It is not blank, and Postgres can store it. */
export const Text = z
  .string()
  .regex(/\S/, { error: "must not be blank" })
  .refine(isStorable, { error: "holds characters that are none" });

/**
 * A text of one line, such as a title or a subject. A line break in a subject would start another header of the mail.
 */
export const Line = Text.regex(/^[^\p{Cc}\u2028\u2029]*$/u, { error: "must be one line" });

/**
 * A URL up to the next space. In `https://'@evil.example` the quote does not end the URL: a browser goes to
 * evil.example.
 */
const address = /(?:https?:\/\/|www\.)[^\s<>]*/giu;

/** A URL as people write it, often between quotes or brackets. */
const quotedAddress = /(?:https?:\/\/|www\.)[^\s<>()[\]"'`]+/giu;

/**
 * Matches `[label](address)` if every reader of Markdown sees a link that ends at this bracket. Otherwise, a reader
 * that turns URLs in plain text into links may read past the bracket: `](https://example.com)@evil.example`. This
 * happens with other brackets, a line break or the bar of a table in the link, or with `]` before it.
 */
const inlineLink = /(?<![\\\]])(\[[^[\]\\`^|\r\n]*)\]\((https?:\/\/(?:[^\s<>()]|\([^\s<>()]*\))*)\)/giu;

/**
 * A character that ends a sentence, a quote, a bracket or an emphasis more often than a URL. No letter, digit or `@`.
 */
const closingMark = /[\p{Pe}\p{Pi}\p{Pf}.,;:!?…*_~|'"`。，、；：！？]/u;

/**
 * More closing marks at the end of a URL do not occur in prose. The limit is there because each costs a parse of the
 * URL.
 */
const maxClosingMarks = 10;

/** Returns the URL, then the URL without its last closing mark, without its last two, and so on. */
function readingsOf(found: string): string[] {
  const readings = [found];
  let rest = found;
  while (readings.length <= maxClosingMarks && closingMark.test(rest.slice(-1))) {
    rest = rest.slice(0, -1);
    readings.push(rest);
  }
  return readings;
}

/**
 * Returns where a browser goes. Undefined for a URL with a name before `@`, or one that Markdown and browsers read
 * differently.
 */
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

/** Returns the URLs in a text that are not among the given ones as a whole. */
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

/**
 * Returns the text after Markdown's escapes are resolved, which may hide a URL. Some readers look for URLs only then.
 */
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
 * Lists what is wrong with Markdown that a model wrote. HTML is refused, not cleaned, so that an app that shows the
 * text has nothing to escape. Every URL must be one that the user gave: an invented link is broken at best, and a
 * planted link or picture sends people or requests to an attacker.
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

/**
 * Prepares a user's words for an offline answer: one line, without URLs and without characters that Markdown reads as
 * markup.
 */
export function plain(text: string, fallback: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029<>()[\]{}`*_#|\\~]/gu, " ")
    // Without this, an offline answer could contain a URL that `unescaped` finds.
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

/** Returns the text with an upper-case first letter. */
export function capitalised(text: string): string {
  const [first = "", ...rest] = text;
  return first.toUpperCase() + rest.join("");
}
