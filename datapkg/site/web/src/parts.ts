// Parts that several pages share: cells, badges, rows of facts as links, panels with code and citation.

import type { Row, Value } from "./data";
import { copying, h, outward } from "./dom";
import { marks, shown } from "./format";
import { entryLink, nameOf, voiceLink } from "./names";
import { type Field, fieldOf, hasTable, site, type Table } from "./site";
import { known, link, policy } from "./state";
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

export type Condition = [column: string, sign: "==" | "!=" | ">=" | "<=" | ">" | "<", value: Value];

/** Panels: how these rows are loaded elsewhere, and how they are cited. */
export function using(table: Table, conditions: Condition[]): HTMLElement {
  return h("details", { class: "panel" }, h("summary", {}, `${t("code")} · ${t("cite")}`),
    ...Object.entries(codes(table, conditions)).map(([name, text]) => codeBlock(name, text)),
    codeBlock("BibTeX", site.citation.bibtex),
    h("p", {}, site.citation.apa),
  );
}

export function codeBlock(name: string, text: string): HTMLElement {
  return h("figure", { class: "code" },
    h("figcaption", {}, name, copying(t("copy"), t("copied"), () => text)),
    h("pre", { tabindex: "0" }, h("code", {}, text)),
  );
}

/** The lines that give the same rows in pandas, R and DuckDB. */
export function codes(table: Table, conditions: Condition[]): Record<string, string> {
  const file = new URL(table.file.path, location.href.split("#")[0]).href;
  const asked = [`"${table.name}"`, `version="${site.version}"`];
  if (conditions.length) asked.push(`filters=[${conditions.map(python).join(", ")}]`);
  const dated = table.role === "fact" && table.history;
  if (known() && (dated || table.name === "sources")) asked.push(`known_by="${known()}"`);
  if (dated && policy() !== "preferred") asked.push(`policy="${policy()}"`);
  const told: Record<string, string> = { Python: `import datapkg\ndf = datapkg.load(${asked.join(", ")})` };
  told.DuckDB = sql(table, conditions);
  if (!known() && policy() === "preferred") {
    const where = conditions.map(([name, sign, value]) => `${name} ${sign} ${literal(value, "TRUE", "FALSE")}`);
    const filter = where.length ? ` |>\n  subset(${where.join(" & ")})` : "";
    told.R = `df <- arrow::read_parquet("${file}")${filter}`;
  }
  return told;
}

function sql(table: Table, conditions: Condition[]): string {
  const base = location.href.split("#")[0];
  const where = conditions.map(([name, sign, value]) => `"${name}" ${sign === "==" ? "=" : sign} ${quoted(value)}`);
  const filter = (parts: string[]) => (parts.length ? `\nWHERE ${parts.join("\n  AND ")}` : "");
  const plainly = policy() === "preferred" && !known();
  if (plainly || table.role !== "fact" || !table.history || !table.observations) {
    return `SELECT * FROM '${new URL(table.file.path, base).href}'${filter(where)};`;
  }
  if (policy() === "all") {
    const published = known() ? [`known_from <= DATE '${known()}'`] : [];
    return `SELECT * FROM '${new URL(table.observations.path, base).href}'${filter([...where, ...published])};`;
  }
  const day = known() ? [`known_day <= DATE '${known()}'`] : [];
  const last = `row_number() OVER (PARTITION BY ${table.key.map((name) => `"${name}"`).join(", ")} ORDER BY known_day DESC) = 1`;
  return `SELECT * FROM '${new URL(table.history.path, base).href}'${filter([`policy = '${policy()}'`, ...day, ...where])}\nQUALIFY ${last};`;
}

function python([name, sign, value]: Condition): string {
  return `("${name}", "${sign}", ${literal(value, "True", "False")})`;
}

function literal(value: Value, yes: string, no: string): string {
  return typeof value === "boolean" ? (value ? yes : no) : JSON.stringify(value);
}

function quoted(value: Value): string {
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}
