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

const url = /(?:https?:\/\/|www\.)[^\s<>()[\]"'`]+/giu;

function urlsOf(text: string): string[] {
  return (text.match(url) ?? []).map((found) => found.replace(/[.,;:!?…]+$/u, ""));
}

/**
 * What is wrong with Markdown of a model. HTML is refused, not cleaned: whoever renders the text has nothing to escape.
 * Every address must be one that the person gave: an invented link is broken at best, and a planted one leads people,
 * or a picture's request, to somebody else.
 */
export function markdownProblems(path: string, text: string, given: object): string[] {
  const problems: string[] = [];
  if (/<[a-z/!?]/iu.test(text)) problems.push(`${path}: write Markdown without HTML tags`);
  const targets = text.matchAll(/\](?:\(|:)\s*(\S*)/gu);
  if (targets.some(([, target]) => !/^(https?:\/\/|#)/iu.test(target ?? ""))) {
    problems.push(`${path}: a link must lead to an http(s) address`);
  }
  const allowed = new Set(stringsIn(given).flatMap(urlsOf));
  for (const found of urlsOf(text)) {
    if (!allowed.has(found)) problems.push(`${path}: ${found.slice(0, 100)} is no address that the input gave`);
  }
  return problems;
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** A person's words for use in a draft: one line, without addresses and without what Markdown would read as markup. */
export function plain(text: string, fallback: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029<>()[\]{}`*_#|\\~]/gu, " ")
    .replace(url, " ")
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
