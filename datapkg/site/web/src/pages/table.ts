// A table: search, sort, filters, all in the address; each row leads to its claims.

import type { Row } from "../data";
import { csv } from "../format";
import { download, h } from "../dom";
import { ALL, asked as viewed, compare, dated, facts, scrolled } from "../facts";
import { grid, type Sorting } from "../grid";
import { plain } from "../parts";
import { type Field, fieldOf, type Table, tableOf } from "../site";
import { changed, known, link, policy, replace, state } from "../state";
import { type Condition, using } from "../using";
import { meaningOf, t, titleOf } from "../words";

/** Rows by which the columns of a long table are chosen and made wide. */
const SAMPLE = 200;
const FEW = new Set(["voice", "vintage", "certainty", "disputed"]);

export async function tablePage([name = ""]: string[]): Promise<Node> {
  const table = tableOf(name);
  const view = viewed();
  const filters = asked();
  const active = filters.size > 0 || Boolean(state.asked.get("q"));
  const long = active || sorting() ? null : scrolled(table, view);
  const all = long ? null : await facts(table, view);
  const sample = all ?? (await long?.slice(0, SAMPLE)) ?? [];
  const fields = visible(table, sample);
  const rows = long ?? ordered(chosen(table, all ?? [], filters, state.asked.get("q") ?? ""), table, sorting());
  const every = state.asked.get("columns") === "all";
  const search = h("input", { type: "search", value: state.asked.get("q") ?? "", "aria-label": t("searchAll"),
    placeholder: t("searchAll"), "data-filter": "", input: (event) => later(() => ask({ q: (event.target as HTMLInputElement).value })) });
  const columns = sample[0] ? Object.keys(sample[0]) : table.fields.map((field) => field.name);
  const save = async () => download(`${name}.csv`, csv(await (long ? facts(table, view) : rows.slice(0, rows.length)), columns), "text/csv");
  return h("div", { class: "wide" },
    h("h1", {}, titleOf(table)),
    h("p", { class: "lede" }, meaningOf(table)),
    !dated(table) && known() ? h("p", { class: "notice" }, t("notDated")) : null,
    h("div", { class: "toolbar" }, search,
      h("span", { class: "count", role: "status" }, `${rows.length.toLocaleString()} ${t("of")} ${(all ?? rows).length.toLocaleString()} ${t("rows")}`),
      active ? h("a", { class: "button", href: link("table", [name]) }, t("clear")) : null,
      h("a", { class: "button", href: changed({ columns: every ? "" : "all" }) }, t(every ? "fewColumns" : "columns")),
      h("button", { type: "button", click: () => void save() }, t("csv")),
      h("a", { class: "button", href: table.file.path, download: true }, "Parquet"),
      h("a", { class: "button", href: link("dictionary", [name]) }, t("dictionary")),
    ),
    grid({ table, fields, rows, all, sample: sample.slice(0, SAMPLE), sorting: sorting(), filters, open: table.role === "fact",
      onSort: (column) => ask({ sort: next(column) }), onFilter: (column, text) => ask({ [`f.${column}`]: text }) }),
    using({ table, conditions: conditions(table, filters), view }),
  );
}

function visible(table: Table, rows: Row[]): Field[] {
  const have = rows[0] ? new Set(Object.keys(rows[0])) : null;
  const every = state.asked.get("columns") === "all" || table.role !== "fact";
  const own = table.fields.filter((field) => !have || have.has(field.name));
  if (policy() === ALL && table.role === "fact") {
    const more = [...(have ?? [])].filter((name) => !fieldOf(table, name));
    own.push(...more.map((name): Field => ({ name, type: "string", title: name, description: name })));
  }
  if (every) return own;
  const empty = (field: Field) => rows.every((row) => row[field.name] === null);
  return own.filter((field) => (!field.bookkeeping || FEW.has(field.name)) && !/^period_(start|end)$|_(low|high)(_|$)/.test(field.name) &&
    (table.key.includes(field.name) || asked().has(field.name) || !empty(field)));
}

function asked(): Map<string, string> {
  const given = [...state.asked].filter(([name, value]) => name.startsWith("f.") && value !== "");
  return new Map(given.map(([name, value]) => [name.slice(2), value]));
}

function sorting(): Sorting | null {
  const text = state.asked.get("sort") ?? "";
  return text ? { column: text.replace(/^-/, ""), down: text.startsWith("-") } : null;
}

function next(column: string): string {
  const now = sorting();
  if (now?.column !== column) return column;
  return now.down ? "" : `-${column}`;
}

let waiting = 0;

function later(run: () => void): void {
  clearTimeout(waiting);
  waiting = setTimeout(run, 150);
}

function ask(what: Record<string, string>): void {
  replace(what);
}

const COMPARISON = /^(>=|<=|!=|[=<>!])\s*(.*)$/s;

/** The rows that every filter and the search let through. */
export function chosen(table: Table, rows: Row[], filters: Map<string, string>, search: string): Row[] {
  const tests = [...filters].map(([name, text]) => matching(table, name, text));
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => tests.every((test) => test(row)) && found(table, row, words));
}

function found(table: Table, row: Row, words: string[]): boolean {
  if (!words.length) return true;
  const text = table.fields.map((field) => `${plain(row[field.name], field)} ${row[field.name] ?? ""}`).join(" ").toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

function matching(table: Table, name: string, text: string): (row: Row) => boolean {
  const field = fieldOf(table, name) ?? { name, type: "string" as const, title: name, description: name };
  if (text === "?") return (row) => (row[name] ?? null) === null;
  const [, sign, rest = ""] = COMPARISON.exec(text) ?? [];
  if (!sign) {
    const wanted = text.toLocaleLowerCase();
    return (row) => plain(row[name], field).toLocaleLowerCase().includes(wanted) || String(row[name] ?? "").toLocaleLowerCase().includes(wanted);
  }
  if (sign === "=") return (row) => String(row[name]) === rest;
  if (sign === "!" || sign === "!=") return (row) => String(row[name]) !== rest;
  const wanted = field.type === "number" || field.type === "integer" ? Number(rest) : rest;
  return (row) => {
    const value = row[name] ?? null;
    if (value === null) return false;
    const order = compare(value, wanted);
    return sign.startsWith(">") ? order > 0 || (order === 0 && sign === ">=") : order < 0 || (order === 0 && sign === "<=");
  };
}

function ordered(rows: Row[], table: Table, by: Sorting | null): Row[] {
  if (!by) return rows;
  const field = fieldOf(table, by.column);
  const value = (row: Row) => (field?.target ? plain(row[by.column], field) || null : (row[by.column] ?? null));
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return compare(a, b);
    return by.down ? compare(b, a) : compare(a, b);
  });
}

type Sign = "==" | "!=" | ">=" | "<=" | ">" | "<";

/** The filters that other tools can ask too, as conditions; what only searches in texts is left out. */
function conditions(table: Table, filters: Map<string, string>): Condition[] {
  return [...filters].flatMap(([name, text]): Condition[] => {
    const [, sign, rest = ""] = COMPARISON.exec(text) ?? [];
    if (!sign) return [];
    const type = fieldOf(table, name)?.type;
    const value = type === "boolean" ? rest === "true" : type === "number" || type === "integer" ? Number(rest) : rest;
    const signs: Record<string, Sign> = { "=": "==", "!": "!=" };
    return [[name, signs[sign] ?? (sign as Sign), value]];
  });
}
