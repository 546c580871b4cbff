// How the rows of a page are taken elsewhere: as CSV, by the lines that give the same rows in Python, R and DuckDB, and how they are cited.

import type { Row, Value } from "./data";
import { copying, download, h } from "./dom";
import { ALL, choosing, PREFERRED, type View } from "./facts";
import { csv } from "./format";
import { site, type Table } from "./site";
import { t, titleOf } from "./words";

export type Condition = [column: string, sign: "==" | "!=" | ">=" | "<=" | ">" | "<", value: Value] | [column: string, sign: "in", values: Value[]];

/** Rows of a table that a page shows: those for which some conditions hold, under the day and policy of the page. */
export interface Offer {
  table: Table;
  conditions: Condition[];
  /** The rows, where there is no other way to their CSV. */
  rows?: Row[];
  label?: string;
  view?: View;
  /** Lines of Python that go on from the frame `df`. */
  more?: string;
}

/** A panel with everything that is offered, one at a time. */
export function using(...offers: Offer[]): HTMLElement {
  const place = h("div", {});
  const draw = (offer: Offer | undefined) => place.replaceChildren(...(offer ? taken(offer) : []));
  const select = h("select", { "aria-label": t("table"), change: () => draw(offers[Number(select.value)]) },
    ...offers.map((offer, number) => h("option", { value: number }, `${offer.label ?? titleOf(offer.table)}${offer.rows ? ` (${offer.rows.length})` : ""}`)));
  draw(offers[0]);
  return panel(offers.some((offer) => offer.rows), offers.length > 1 ? h("p", {}, select) : null, place);
}

/** A panel with lines that are no more than text. */
export function usingLines(codes: Record<string, string>): HTMLElement {
  return panel(false, ...Object.entries(codes).map(([name, text]) => codeBlock(name, text)));
}

function panel(csv: boolean, ...inside: (Node | null)[]): HTMLElement {
  return h("details", { class: "panel using" }, h("summary", {}, [csv ? t("csv") : "", t("code"), t("cite")].filter(Boolean).join(" · ")),
    ...inside, codeBlock("BibTeX", site.citation.bibtex), h("p", {}, site.citation.apa));
}

function taken(offer: Offer): Node[] {
  const { rows, table } = offer;
  const columns = rows?.[0] ? Object.keys(rows[0]) : table.fields.map((field) => field.name);
  const save = h("button", { type: "button", click: () => download(`${table.name}.csv`, csv(rows ?? [], columns), "text/csv") }, t("csv"));
  return [...(rows ? [h("p", {}, save)] : []), ...Object.entries(codes(offer)).map(([name, text]) => codeBlock(name, text))];
}

export function codeBlock(name: string, text: string): HTMLElement {
  return h("figure", { class: "code" },
    h("figcaption", {}, name, copying(t("copy"), t("copied"), () => text)),
    h("pre", { tabindex: "0" }, h("code", {}, text)),
  );
}

/** The lines that give the same rows in pandas, R and DuckDB. */
export function codes({ table, conditions, view = choosing(), more }: Offer): Record<string, string> {
  const asked = [`"${table.name}"`, `version="${site.version}"`];
  if (conditions.length) asked.push(`filters=[${conditions.map(python).join(", ")}]`);
  const dated = table.role === "fact" && table.history;
  if (view.known && (dated || table.name === "sources")) asked.push(`known_by="${view.known}"`);
  if (dated && view.policy !== PREFERRED) asked.push(`policy="${view.policy}"`);
  const told: Record<string, string> = { Python: `import datapkg\ndf = datapkg.load(${asked.join(", ")})${more ? `\n${more}` : ""}` };
  told.DuckDB = sql(table, conditions, view);
  if (!view.known && view.policy === PREFERRED) {
    const filter = conditions.length ? ` |>\n  subset(${conditions.map(inR).join(" & ")})` : "";
    told.R = `df <- arrow::read_parquet("${addressOf(table.file.path)}")${filter}`;
  }
  return told;
}

function addressOf(path: string): string {
  return new URL(path, location.href.split("#")[0]).href;
}

function sql(table: Table, conditions: Condition[], view: View): string {
  const where = conditions.map(inSql);
  const filter = (parts: string[]) => (parts.length ? `\nWHERE ${parts.join("\n  AND ")}` : "");
  const plainly = view.policy === PREFERRED && !view.known;
  if (plainly || table.role !== "fact" || !table.history || !table.observations) return `SELECT * FROM '${addressOf(table.file.path)}'${filter(where)};`;
  if (view.policy === ALL) {
    const published = view.known ? [`known_from <= DATE '${view.known}'`] : [];
    return `SELECT * FROM '${addressOf(table.observations.path)}'${filter([...where, ...published])};`;
  }
  const day = view.known ? [`known_day <= DATE '${view.known}'`] : [];
  const last = `row_number() OVER (PARTITION BY ${table.key.map((name) => `"${name}"`).join(", ")} ORDER BY known_day DESC) = 1`;
  return `SELECT * FROM '${addressOf(table.history.path)}'${filter([`policy = '${view.policy}'`, ...day, ...where])}\nQUALIFY ${last};`;
}

function inSql([name, sign, value]: Condition): string {
  if (sign === "in") return `"${name}" IN (${value.map(quoted).join(", ")})`;
  return `"${name}" ${sign === "==" ? "=" : sign} ${quoted(value)}`;
}

function inR([name, sign, value]: Condition): string {
  const literal = (one: Value) => (typeof one === "boolean" ? String(one).toUpperCase() : JSON.stringify(one));
  return sign === "in" ? `${name} %in% c(${value.map(literal).join(", ")})` : `${name} ${sign} ${literal(value)}`;
}

function python([name, sign, value]: Condition): string {
  const literal = (one: Value) => (typeof one === "boolean" ? (one ? "True" : "False") : JSON.stringify(one));
  return `("${name}", "${sign}", ${sign === "in" ? `[${value.map(literal).join(", ")}]` : literal(value)})`;
}

function quoted(value: Value): string {
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}
