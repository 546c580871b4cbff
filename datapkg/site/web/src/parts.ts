// Parts that several pages share: cells, badges, rows of facts as links, panels with code and citation.

import type { Row, Value } from "./data";
import { h, outward } from "./dom";
import { marks, number, shown } from "./format";
import { entryAddress, entryLink, entryOf, nameOf, voiceLink } from "./names";
import { type Field, fieldOf, hasTable, type Table, tableOf } from "./site";
import { link } from "./state";
import { t } from "./words";

const VOICES = new Set(["voice", "said_by", "lead_voice", "chosen_voice", "other_voice"]);
const CLAIMS = new Set(["claim_id", "chosen_claim_id", "other_claim_id"]);

/** The content of a cell: a name with a link for an id, an address as a link, else the value. */
export function cell(value: Value | undefined, field: Field): Node | string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  if (CLAIMS.has(field.name)) return h("a", { href: link("claim", text.split("/")) }, text);
  if (field.name === "source_id") return h("a", { href: link("source", [text]) }, text);
  if (VOICES.has(field.name)) return voiceLink(value);
  if (field.target && hasTable(field.target)) return entryLink(field.target, value);
  if (field.name === "url") return outward(text, host(text));
  return shown(value, field);
}

/** The content of a cell of a whole table: an entry leads to its page, and what is said of a fact to that fact. */
export function ownCell(row: Row, field: Field, table: Table): Node | string {
  const value = row[field.name];
  if (table.key.length === 1 && table.key[0] === field.name && entryOf(table.name, value)) return h("a", { href: entryAddress(table.name, String(value)) }, String(value));
  return field.name === "key" && row.table && value ? keyLink(row.table, String(value)) : cell(value, field);
}

function host(address: string): string {
  try {
    return new URL(address).hostname.replace(/^www\./, "");
  } catch {
    return address;
  }
}

/** The text by which a cell is searched and sorted: the name for an id. */
export function plain(value: Value | undefined, field: Field): string {
  if (value === null || value === undefined) return "";
  return field.target ? nameOf(field.target, value) : String(value);
}

export function badges(row: Row): Node {
  const told = marks(row).map((name) => h("span", { class: `badge ${name}` }, t(name)));
  return h("span", { class: "badges" }, ...told);
}

/** The address of one row, by its key. */
export function rowAddress(table: Table, row: Row): string {
  return link("row", [table.name, ...table.key.map((name) => String(row[name] ?? ""))]);
}

/** What a row is about, in words: its key with names for ids. */
export function rowTitle(table: Table, row: Row): string {
  const parts = table.key.map((name) => {
    const field = fieldOf(table, name);
    const value = row[name];
    if (typeof value === "boolean" || value === "true" || value === "false") {
      return String(value) === "true" ? t(name === "forecast" ? "forecast" : "value") : "";
    }
    return field?.target ? nameOf(field.target, value) : String(value ?? "");
  });
  return parts.filter((part) => part && part !== "unspecified").join(" · ");
}

/** The row of a table of facts that a key written as a text, such as market_id=dram;period=2024, is of: a link to its claims. */
export function keyLink(name: Value | undefined, text: string): Node | string {
  const table = hasTable(String(name)) ? tableOf(String(name)) : null;
  const key: Row = Object.fromEntries(text.split(";").map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]));
  return table?.role === "fact" && table.key.every((column) => column in key) ? h("a", { href: rowAddress(table, key) }, rowTitle(table, key)) : text;
}

/** How many rows there are, and how many of them are shown. */
export function counted(rows: number, most: number): string {
  return `${number(rows)} ${t("rows")}${rows > most ? ` · ${t("firstRows")} ${number(most)}` : ""}`;
}

/** A table of few rows. */
export function small(head: string[], rows: (Node | string | number)[][], numeric: number[] = []): HTMLElement {
  const kind = (place: number) => ({ class: numeric.includes(place) ? "number" : null });
  return h("div", { class: "scroll", tabindex: "0", role: "group" },
    h("table", { class: "small" },
      h("thead", {}, h("tr", {}, ...head.map((name, place) => name ? h("th", { scope: "col", ...kind(place) }, name) : h("td")))),
      h("tbody", {}, ...rows.map((cells) => h("tr", {}, ...cells.map((content, place) => h("td", kind(place), content))))),
    ),
  );
}

/** A part that is begun when what is around it has been seen, and takes its place when it is ready. */
export function pending(make: () => Promise<Node | null>): HTMLElement {
  const place = h("div", { "aria-busy": "true" });
  seen().then(make).then((made) => place.replaceWith(made ?? ""), (error: unknown) => place.replaceWith(h("p", { class: "notice", role: "alert" }, error instanceof Error ? error.message : String(error))));
  return place;
}

/** When the page has been painted; at once where nobody looks at it. */
function seen(): Promise<void> {
  return new Promise((resolve) => (document.hidden ? resolve() : requestAnimationFrame(() => setTimeout(resolve))));
}

/** A list of names and values, without those that say nothing. */
export function about(entries: [string, Node | string | number | null][]): HTMLElement {
  const told = entries.filter(([, value]) => value !== null && value !== "");
  return h("dl", { class: "about" }, ...told.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}
