// What this release changed since the one before: how much of what, and each cell with its claims.

import { grouped, type Row, rowsOf } from "../data";
import { h } from "../dom";
import { number } from "../format";
import { rowAddress, rowTitle, small } from "../parts";
import { hasTable, site, tableOf } from "../site";
import { changed, link, state } from "../state";
import { t, titleOf } from "../words";

const MOST = 400;

export async function changesPage(): Promise<Node> {
  const head = h("h1", {}, t("changes"));
  if (!site.changes) return h("div", {}, head, h("p", { class: "notice" }, t("changeNone")));
  const rows = await rowsOf(site.changes);
  const kind = picked(rows, "change");
  const table = picked(kind.rows, "table");
  return h("div", {}, head, h("div", { class: "choices" }, kind.links), h("div", { class: "choices" }, table.links),
    small([t("row"), t("column"), t("before"), t("after"), t("reason")], table.rows.slice(0, MOST).map(line)),
    h("p", {}, h("a", { href: site.changes.path, download: true }, `Parquet (${number(rows.length)} ${t("rows")})`)));
}

/** The rows with one value of a column, the one that is asked for or the first, and links to the others. */
function picked(rows: Row[], column: string): { rows: Row[]; links: Node } {
  const groups = [...grouped(rows, (row) => String(row[column]))].sort(([one], [other]) => (one < other ? -1 : 1));
  const [value, mine] = groups.find(([name]) => name === state.asked.get(column)) ?? groups[0] ?? ["", []];
  const name = (one: string) => (column === "table" && hasTable(one) ? titleOf(tableOf(one)) : one.replaceAll("_", " "));
  const links = groups.map(([one, some]) => h("a", { href: changed({ [column]: one }), "aria-current": one === value ? "true" : null }, `${name(one)} ${number(some.length)}`));
  return { rows: mine, links: h("div", { class: "choice" }, ...links) };
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
