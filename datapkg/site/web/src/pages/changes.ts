// What this release changed since the one before: how much of what, and each cell with its claims.

import { grouped, type Row, rowsOf } from "../data";
import { h } from "../dom";
import { number } from "../format";
import { rowAddress, rowTitle, small } from "../parts";
import { hasTable, site, tableOf } from "../site";
import { changed, link, replace, state } from "../state";
import { t, titleOf } from "../words";

const MOST = 200;

export async function changesPage(): Promise<Node> {
  const head = h("h1", {}, t("changes"));
  if (!site.changes) return h("div", {}, head, h("p", { class: "notice" }, t("changeNone")));
  const rows = await rowsOf(site.changes);
  const kind = picked(rows.filter((row) => !String(row.table).startsWith("observations.")), "change");
  const table = picked(kind.rows, "table");
  const kinds = kind.names.map((one) => h("a", { href: changed({ change: one }), "aria-current": one === kind.value ? "true" : null }, `${one.replaceAll("_", " ")} ${kind.many(one)}`));
  const select = h("select", { "aria-label": t("table"), change: () => replace({ table: select.value }) },
    ...table.names.map((one) => h("option", { value: one }, `${hasTable(one) ? titleOf(tableOf(one)) : one} (${table.many(one)})`)));
  select.value = table.value;
  return h("div", {}, head, h("div", { class: "choices" }, h("div", { class: "choice" }, ...kinds), select),
    small([t("row"), t("column"), t("before"), t("after"), t("reason")], table.rows.slice(0, MOST).map(line)),
    h("p", {}, h("a", { href: site.changes.path, download: true }, `Parquet (${number(rows.length)} ${t("rows")})`)));
}

/** The rows with one value of a column: the one that is asked for, else the first; and how many have each. */
function picked(rows: Row[], column: string) {
  const groups = grouped(rows, (row) => String(row[column]));
  const names = [...groups.keys()].sort();
  const asked = state.asked.get(column) ?? "";
  const value = groups.has(asked) ? asked : (names[0] ?? "");
  return { value, names, rows: groups.get(value) ?? [], many: (name: string) => number(groups.get(name)?.length ?? 0) };
}

function line(row: Row): (Node | string)[] {
  const claim = (id: Row[string] | undefined, text: string) => (id ? h("a", { href: link("claim", String(id).split("/")) }, text || "→") : text);
  const cut = (value: Row[string] | undefined) => (String(value ?? "").length > 300 ? `${String(value).slice(0, 300)}…` : String(value ?? ""));
  return [about(row), String(row.column ?? ""), claim(row.old_claim_id, cut(row.old_value)), claim(row.new_claim_id, cut(row.new_value)), String(row.reason ?? "")];
}

/** The row that changed, as a link to its claims where it is still one of facts. */
function about(row: Row): Node | string {
  const text = String(row.key ?? row.table);
  const name = String(row.table);
  if (!hasTable(name) || tableOf(name).role !== "fact") return text;
  const key: Row = Object.fromEntries(text.split(";").map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]));
  const whole = tableOf(name).key.every((column) => column in key);
  return whole ? h("a", { href: rowAddress(tableOf(name), key) }, rowTitle(tableOf(name), key)) : text;
}
