// The proof of an anchor: the copy of a page is normalised, and passages are digested until one has the claim's digest.
// docs/anchors.md is the rule; tests/vectors/anchors.json holds for this code too. Nothing leaves the browser.

import { sha256 } from "./data";

export interface Anchor {
  sha256: string;
  /** Code points that are left without white space and bars, of a quote without a position. */
  chars: number | null;
  start: number | null;
  end: number | null;
}

export interface Found {
  state: "exact" | "moved" | "found" | "several" | "missing";
  /** Code points of the copy, the end is the one after the last. */
  places: [number, number][];
}

/** The elements that do not part the words around them. */
const INLINE = new Set(
  "a abbr b bdi bdo cite code del em font i ins kbd mark q s samp small span strong sub sup time u var wbr".split(" "),
);
/** White space as Python knows it, and the bars that tools write between the cells of tables. */
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const LEFT_OUT = new RegExp(`[${SPACE}|]`, "u");
const BETWEEN_WORDS = new RegExp(`[${SPACE}]+`, "u");
const AT_ONCE = 2000;

/** The normalised text (text/1) of a file, as its code points. */
export function normalised(text: string): string[] {
  return Array.from(text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n").normalize("NFC"));
}

/** The text of a file: of HTML what the page shows. Throws a RangeError or TypeError for an unknown or wrong encoding. */
export function textOf(name: string, bytes: Uint8Array): string[] {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 4096));
  const markup = /\.x?html?$/i.test(name) || /^(\xef\xbb\xbf)?\s*<(!doctype html|html|\?xml|!--)/i.test(start);
  if (!markup) return normalised(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  const charset = /<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{2,40})/i.exec(start)?.[1] ?? "utf-8";
  const page = new DOMParser().parseFromString(new TextDecoder(charset, { fatal: true }).decode(bytes), "text/html");
  const lines = seen(page.documentElement).split("\n").map((line) => line.split(BETWEEN_WORDS).filter(Boolean).join(" "));
  return normalised(lines.filter(Boolean).join("\n"));
}

function seen(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent ?? "";
  if (!(node instanceof Element)) return "";
  const name = node.localName;
  if (name === "script" || name === "style") return "\n";
  const inside = node instanceof HTMLTemplateElement ? node.content : node;
  const text = Array.from(inside.childNodes, seen).join("");
  return INLINE.has(name) ? text : `\n${text}\n`;
}

/** Where the passage of an anchor stands in a text. */
export async function proven(text: string[], anchor: Anchor): Promise<Found> {
  if (anchor.start !== null && anchor.end !== null) {
    const squeezed = text.slice(anchor.start, anchor.end).filter(kept).join("");
    if ((await digest(squeezed)) === anchor.sha256) return { state: "exact", places: [[anchor.start, anchor.end]] };
  }
  const lengths = anchor.chars !== null ? [anchor.chars] : possible(anchor);
  const places = await search(text, anchor.sha256, lengths);
  if (!places.length) return { state: "missing", places };
  if (anchor.start === null) return { state: places.length > 1 ? "several" : "found", places };
  return { state: "moved", places: [await nearest(text, anchor.sha256, anchor.start, places[0] ?? [0, 0])] };
}

/** Of all places that hold what was found at one of them, inside words too, the one nearest to where it was. */
async function nearest(text: string[], wanted: string, start: number, one: [number, number]): Promise<[number, number]> {
  const where = keptOf(text);
  const chars = text.slice(...one).filter(kept).length;
  const near = where.filter((place) => place < start).length;
  const every = await windows(text, where, wanted, chars, where.map((_, number) => number));
  return span(where, chars, every.sort((first, other) => Math.abs(first - near) - Math.abs(other - near))[0] ?? 0);
}

/** Half to all of a position's code points may be left without white space. */
function possible(anchor: Anchor): number[] {
  const longest = (anchor.end ?? 0) - (anchor.start ?? 0);
  const shortest = Math.floor((longest + 1) / 2);
  return Array.from({ length: Math.max(0, longest - shortest + 1) }, (_, more) => longest - more);
}

function kept(letter: string): boolean {
  return !LEFT_OUT.test(letter);
}

/** Where in a text the characters are that count. */
function keptOf(text: string[]): number[] {
  return text.flatMap((letter, place) => (kept(letter) ? [place] : []));
}

/** The windows of some lengths that have a digest: those between words first, then, if none has it, every one. */
async function search(text: string[], wanted: string, lengths: number[]): Promise<[number, number][]> {
  const where = keptOf(text);
  const words = where.flatMap((place, number) => (number === 0 || place - (where[number - 1] ?? 0) > 1 ? [number] : []));
  const ends = new Set([...words, where.length]);
  const every = where.map((_, number) => number);
  for (const [begins, bound] of [[words, ends], [every, null]] as const) {
    for (const chars of lengths) {
      const firsts = begins.filter((first) => !bound || bound.has(first + chars));
      const found = await windows(text, where, wanted, chars, firsts);
      if (found.length) return found.map((first) => span(where, chars, first));
    }
  }
  return [];
}

/** Of the windows of a length that begin at some characters, those that have a digest. */
async function windows(text: string[], where: number[], wanted: string, chars: number, begins: number[]): Promise<number[]> {
  const firsts = begins.filter((first) => first + chars <= where.length);
  const found: number[] = [];
  for (let from = 0; from < firsts.length; from += AT_ONCE) {
    const some = firsts.slice(from, from + AT_ONCE);
    const digests = await Promise.all(some.map((first) => digest(where.slice(first, first + chars).map((at) => text[at]).join(""))));
    found.push(...some.filter((_, number) => digests[number] === wanted));
  }
  return found;
}

function span(where: number[], chars: number, first: number): [number, number] {
  return [where[first] ?? 0, (where[first + chars - 1] ?? 0) + 1];
}

function digest(text: string): Promise<string | null> {
  return sha256(new TextEncoder().encode(text));
}
