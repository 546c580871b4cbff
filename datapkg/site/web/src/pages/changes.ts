// What changed between two releases: how much of what, each cell with its claims and the reason, and all of it as CSV.

import { cells, chained } from "../chain";
import { grouped, type Row, rowsOf, type Value } from "../data";
import { download, h } from "../dom";
import { csv, number } from "../format";
import { counted, keyLink, small } from "../parts";
import { hasTable, site, type Step, tableOf } from "../site";
import { changed, link, replace, state } from "../state";
import { usingLines } from "../using";
import { t, titleOf, type Word } from "../words";

const MOST = 200;
const COLUMNS = ["table", "change", "key", "column", "old_value", "new_value", "old_claim_id", "new_claim_id", "reason"];
/** The kinds of changes, in the order in which they are shown. */
export const KINDS = new Map<string, Word>([
  ["cell_changed", "cellChanged"], ["row_added", "rowAdded"], ["row_removed", "rowRemoved"], ["id_retired", "idRetired"], ["table_added", "tableAdded"],
  ["table_removed", "tableRemoved"], ["column_added", "columnAdded"], ["column_removed", "columnRemoved"], ["column_retyped", "columnRetyped"], ["key_changed", "keyChanged"],
]);

export async function changesPage(): Promise<Node> {
  const head = h("h1", {}, t("changes"));
  const last = site.changes.find((step) => step.version === state.asked.get("to")) ?? site.changes[0];
  if (!last) return h("div", {}, head, h("p", { class: "notice" }, t("changeNone")), usingLines({}));
  const steps = asked(last);
  const from = steps.at(-1)?.before ?? "";
  const every = chained(await Promise.all(steps.toReversed().map((step) => rowsOf(step.file))));
  const kind = picked(every.filter((row) => !String(row.table).startsWith("observations.")), "change");
  const table = picked(kind.rows, "table");
  const kinds = kind.names.map((one) => h("a", { href: changed({ change: one }), "aria-current": one === kind.value ? "true" : null }, `${kindName(one)} ${kind.many(one)}`));
  const tables = choice(t("table"), table.names.map((one) => [one, `${hasTable(one) ? titleOf(tableOf(one)) : one} (${table.many(one)})`]), table.value, "table");
  return h("div", {}, head, h("div", { class: "choices" }, ...versions(last, from)),
    every.length ? h("div", { class: "choices" }, h("div", { class: "choice" }, ...kinds), tables) : h("p", { class: "notice" }, t("changeNothing")),
    h("div", { class: "toolbar" }, h("span", { class: "count", role: "status" }, counted(table.rows.length, MOST)),
      h("button", { type: "button", click: () => download(`changes-${from}-${last.version}.csv`, csv(every, COLUMNS), "text/csv") }, `${t("csv")} (${number(every.length)} ${t("rows")})`)),
    small([t("row"), t("column"), t("before"), t("after"), t("reason")], table.rows.slice(0, MOST).map(line)),
    usingLines(code(from, last)));
}

/** How the same changes are had elsewhere; between neighbours they are a file of the release. */
function code(from: string, last: Step): Record<string, string> {
  const told: Record<string, string> = from ? { Python: `import datapkg\nfound = datapkg.diff("${from}", "${last.version}")\nprint(found)` } : {};
  if (from === last.before) told.DuckDB = `SELECT * FROM '${new URL(last.file.path, location.href.split("#")[0]).href}';`;
  return told;
}

/** The releases from one down to the one after that with which it is to be compared: the one before, unless another is asked for. */
function asked(last: Step): Step[] {
  const older = site.changes.slice(site.changes.indexOf(last));
  const first = older.findIndex((step) => step.before === state.asked.get("from"));
  return older.slice(0, Math.max(0, first) + 1);
}

/** Which two releases are compared. */
function versions(last: Step, from: string): Node[] {
  const older = site.changes.slice(site.changes.indexOf(last)).map((step): [string, string] => [step.before, step.before || "–"]);
  const every = site.changes.map((step): [string, string] => [step.version, step.version]);
  return [choice(t("changesFrom"), older, from, "from"), choice(t("changesTo"), every, last.version, "to")];
}

/** A choice that is kept in the address. */
function choice(label: string, options: [string, string][], value: string, name: string): HTMLElement {
  const select = h("select", { id: `choice-${name}`, change: () => replace({ [name]: select.value }) }, ...options.map(([one, text]) => h("option", { value: one }, text)));
  select.value = value;
  return h("span", {}, h("label", { for: `choice-${name}` }, label), " ", select);
}

function kindName(kind: string): string {
  const word = KINDS.get(kind);
  return word ? t(word) : kind;
}

/** The rows with one value of a column: the one that is asked for, else the first; and how many have each. */
function picked(rows: Row[], column: string) {
  const groups = grouped(rows, (row) => String(row[column]));
  const place = (name: string) => [...KINDS.keys()].indexOf(name);
  const names = [...groups.keys()].sort((one, other) => place(one) - place(other) || (one < other ? -1 : 1));
  const wanted = state.asked.get(column) ?? "";
  const value = groups.has(wanted) ? wanted : (names[0] ?? "");
  return { value, names, rows: groups.get(value) ?? [], many: (name: string) => number(groups.get(name)?.length ?? 0) };
}

function line(row: Row): (Node | string)[] {
  const claim = (id: Value | undefined, value: Value | undefined) => (id ? h("a", { href: link("claim", String(id).split("/")) }, said(row, value) || "→") : said(row, value));
  return [about(row), String(row.column ?? ""), claim(row.old_claim_id, row.old_value), claim(row.new_claim_id, row.new_value), String(row.reason ?? "")];
}

/** A value in short; of a whole row what it has beside its key. */
function said(row: Row, value: Value | undefined): string {
  if (value === null || value === undefined) return "";
  const key = String(row.key);
  const whole = /^row_/.test(String(row.change));
  const told = whole ? [...cells(value)].filter(([name, cell]) => cell !== null && !key.includes(`${name}=`)).map(([name, cell]) => `${name} ${cell}`).join(" · ") : String(value);
  return told.length > 300 ? `${told.slice(0, 300)}…` : told;
}

/** The row that changed, as a link to its claims where it is still one of facts. */
function about(row: Row): Node | string {
  const text = String(row.key ?? row.table);
  return row.change === "row_removed" ? text : keyLink(row.table, text);
}
