// One virtual table: only the rows in sight are in the page, so that a million scroll as well as ten.

import { grouped, type Row, type Rows } from "./data";
import { h } from "./dom";
import { ownCell, plain, rowAddress } from "./parts";
import type { Field, Table } from "./site";
import { headOf, meaningOf, t, titleOf } from "./words";

const HEIGHT = 34;
const AROUND = 12;
/** Rows of a table that are printed; the CSV has all of them. */
const PRINTED = 1000;
/** Browsers draw no element that is higher (Firefox the least); a longer table is scrolled in larger steps. */
const HIGHEST = 15_000_000;

export interface Sorting {
  column: string;
  down: boolean;
}

export interface Grid {
  table: Table;
  fields: Field[];
  rows: Rows;
  /** Some of the rows, by which the columns are made wide. */
  sample: Row[];
  /** All rows before any filter, by which those of each value are counted; null for a table of which not all are read. */
  all: Row[] | null;
  sorting: Sorting | null;
  filters: Map<string, string>;
  onSort: (column: string) => void;
  onFilter: (column: string, text: string) => void;
  /** Whether rows lead to their claims. */
  open: boolean;
}

export function grid(given: Grid): HTMLElement {
  const widths = given.fields.map((field) => width(field, given.sample));
  const template = [...(given.open ? ["44px"] : []), ...widths.map((size) => `${size}px`)].join(" ");
  const total = widths.reduce((sum, size) => sum + size, given.open ? 44 : 0);
  const body = h("div", { class: "grid-body", role: "rowgroup" });
  const stretch = Math.max(1, (given.rows.length * HEIGHT) / HIGHEST);
  body.style.height = `${(given.rows.length * HEIGHT) / stretch}px`;
  body.style.minWidth = `${total}px`;
  const head = h("div", { class: "grid-head", role: "rowgroup" }, names(given, template), filterRow(given, template));
  head.style.minWidth = `${total}px`;
  const box = h("div", { class: "grid", role: "table", tabindex: "0", "aria-label": titleOf(given.table),
    "aria-rowcount": given.rows.length + 2, "aria-colcount": given.fields.length + (given.open ? 1 : 0) }, head, body);
  let drawn = -1;
  const draw = () => {
    const room = box.clientHeight || 700;
    // at the end of a stretched table its last row has to be in sight: the steps are those of what can be scrolled
    const most = Math.max(1, (given.rows.length * HEIGHT) / stretch + head.offsetHeight - room);
    const above = stretch === 1 ? box.scrollTop : (box.scrollTop / most) * Math.max(0, given.rows.length * HEIGHT + head.offsetHeight - room);
    const from = Math.max(0, Math.floor(above / HEIGHT) - AROUND);
    if (from === drawn && stretch === 1) return;
    drawn = from;
    const to = Math.min(given.rows.length, from + Math.ceil(room / HEIGHT) + 2 * AROUND);
    const shift = box.scrollTop - above;
    const put = (rows: Row[]) => body.replaceChildren(...rows.map((row, place) => line(given, row, from + place, template, shift)));
    const some = given.rows.slice(from, to);
    if (Array.isArray(some)) put(some);
    else void arriving(box, some, () => drawn === from, put);
  };
  box.addEventListener("scroll", draw);
  draw();
  printing(box, async () => {
    const some = await given.rows.slice(0, PRINTED);
    body.style.height = `${some.length * HEIGHT}px`;
    body.replaceChildren(...some.map((row, place) => line(given, row, place, template, 0)));
  }, () => {
    body.style.height = `${(given.rows.length * HEIGHT) / stretch}px`;
    drawn = -1;
    draw();
  });
  if (!given.rows.length) body.append(h("p", { class: "empty" }, t("empty")));
  return box;
}

/** On paper there is no scrolling: the first rows are there while a page is printed, and those in sight again after it. */
function printing(box: HTMLElement, before: () => void, after: () => void): void {
  const run = (what: () => void) => () => {
    if (box.isConnected) what();
  };
  addEventListener("beforeprint", run(before));
  addEventListener("afterprint", run(after));
}

/** Puts rows in their place when they are there, if they are still asked for; what went wrong is said there. */
async function arriving(box: HTMLElement, rows: Promise<Row[]>, wanted: () => boolean, put: (rows: Row[]) => void): Promise<void> {
  box.setAttribute("aria-busy", "true");
  try {
    const some = await rows;
    if (wanted()) put(some);
  } catch (error) {
    box.replaceChildren(h("p", { class: "notice", role: "alert" }, error instanceof Error ? error.message : String(error)));
  }
  if (wanted()) box.removeAttribute("aria-busy");
}

function names(given: Grid, template: string): HTMLElement {
  const cells = given.fields.map((field) => {
    const mine = given.sorting?.column === field.name ? given.sorting : null;
    const order = mine ? (mine.down ? "descending" : "ascending") : "none";
    const button = h("button", { type: "button", title: `${field.name}: ${meaningOf(field)}`, click: () => given.onSort(field.name) },
      headOf(field), h("span", { class: "arrow", "aria-hidden": "true" }, mine ? (mine.down ? "▼" : "▲") : ""));
    return h("div", { role: "columnheader", "aria-sort": order, class: numeric(field) ? "number" : null }, button);
  });
  const blank = given.open ? [h("div", { role: "columnheader" }, h("span", { class: "unseen" }, t("open")))] : [];
  return styled(h("div", { class: "grid-row", role: "row", "aria-rowindex": 1 }, ...blank, ...cells), template);
}

function filterRow(given: Grid, template: string): HTMLElement {
  const cells = given.fields.map((field) => h("div", { role: "cell" }, filter(given, field)));
  const blank = given.open ? [h("div", { role: "cell" })] : [];
  return styled(h("div", { class: "grid-row filters", role: "row", "aria-rowindex": 2 }, ...blank, ...cells), template);
}

function filter(given: Grid, field: Field): HTMLElement {
  const text = given.filters.get(field.name) ?? "";
  const label = `${t("choose")}: ${headOf(field)}`;
  const values = field.type === "boolean" ? ["true", "false"] : (field.enum ?? []).map(String);
  const changed = (event: Event) => given.onFilter(field.name, (event.target as HTMLInputElement).value);
  if (!values.length) {
    return h("input", { type: "search", value: text, "aria-label": label, title: t("filterHelp"), change: changed, "data-filter": field.name });
  }
  const many = given.all && grouped(given.all, (row) => String(row[field.name]));
  const select = h("select", { "aria-label": label, change: changed, "data-filter": field.name }, h("option", { value: "" }, ""),
    ...values.map((value) => h("option", { value: `=${value}` }, many ? `${value} (${many.get(value)?.length ?? 0})` : value)));
  select.value = text;
  return select;
}

function line(given: Grid, row: Row, number: number, template: string, shift: number): HTMLElement {
  const link = () => h("a", { href: rowAddress(given.table, row), class: "opens", "aria-label": `${t("row")} ${number + 1}` }, "→");
  const cells = given.fields.map((field) => {
    const text = row[field.name];
    const title = typeof text === "string" && text.length > 24 ? text.slice(0, 500) : null;
    return h("div", { role: "cell", class: numeric(field) ? "number" : null, title }, ownCell(row, field, given.table));
  });
  const blank = given.open ? [h("div", { role: "cell" }, link())] : [];
  const element = h("div", { class: "grid-row", role: "row", "aria-rowindex": number + 3 }, ...blank, ...cells);
  element.style.top = `${number * HEIGHT + shift}px`;
  return styled(element, template);
}

function styled(row: HTMLElement, template: string): HTMLElement {
  row.style.gridTemplateColumns = template;
  return row;
}

function numeric(field: Field): boolean {
  return field.type === "number" || field.type === "integer";
}

function width(field: Field, sample: Row[]): number {
  const longest = Math.max(headOf(field).length + 4, ...sample.slice(0, 60).map((row) => plain(row[field.name], field).length));
  return Math.min(320, Math.max(84, 24 + longest * 7.7));
}
