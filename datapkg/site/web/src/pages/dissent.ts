// Where claims contradict each other, under the day and the policy of the page; and where sources are corrected.

import { grouped, type Row, rowsOf } from "../data";
import { download, h } from "../dom";
import { choosing, type Dissent, dissents, PREFERRED } from "../facts";
import { csv, shown } from "../format";
import { voiceLink } from "../names";
import { counted, rowAddress, rowTitle, small } from "../parts";
import { fieldOf, site, tableOf } from "../site";
import { changed, link, state } from "../state";
import { using, usingLines } from "../using";
import { meaningOf, t, titleOf, type Word } from "../words";

const KINDS: Word[] = ["disagreement", "revision", "stage"];
const MOST = 400;
const WRITTEN = ["table", "key", "column", "kind", "chosen_claim_id", "chosen_voice", "chosen_value", "other_claim_id", "other_voice", "other_value", "reason"];

export async function conflictsPage(): Promise<Node> {
  const view = choosing();
  const every = (await Promise.all(site.tables.map((table) => dissents(table, view)))).flat();
  const kind = state.asked.get("kind") ?? "disagreement";
  const rows = every.filter((one) => kind === "all" || one.kind === kind);
  const many = (name: string) => every.filter((one) => name === "all" || one.kind === name).length;
  const kinds = [...KINDS, "all"].map((name) => h("a", { href: changed({ kind: name }), "aria-current": name === kind ? "true" : null },
    `${name === "all" ? t("allKinds") : t(name as Word)} ${many(name)}`));
  return h("div", {}, h("h1", {}, t("conflicts")), h("div", { class: "choices" }, h("div", { class: "choice" }, ...kinds), h("button", { type: "button", click: () => download("conflicts.csv", csv(rows.map(written), WRITTEN), "text/csv") }, t("csv"))),
    h("p", { class: "note", role: "status" }, counted(rows.length, MOST)),
    ...[...grouped(rows.slice(0, MOST), (one) => one.table.name)].map(([name, mine]) => h("section", {}, h("h2", {}, titleOf(tableOf(name)), h("small", {}, ` ${mine.length}`)),
      small([t("row"), t("column"), t("chosen"), t("other"), t("reason")], mine.map((one) => line(one))))),
    h("p", {}, h("a", { href: link("table", ["conflicts"]) }, `${t("more")}: ${titleOf(tableOf("conflicts"))}`)),
    view.known || view.policy !== PREFERRED ? usingLines({}) : using({ table: tableOf("conflicts"), conditions: kind === "all" ? [] : [["kind", "==", kind]] }));
}

/** A dissent as the table of conflicts has it. */
function written({ table, key, column, kind, lostBy, chosen, other }: Dissent): Row {
  return { table: table.name, key: table.key.map((name) => `${name}=${key[name]}`).join(";"), column, kind, chosen_claim_id: chosen.claim_id ?? null, chosen_voice: chosen.voice ?? null,
    chosen_value: chosen[column] ?? null, other_claim_id: other.claim_id ?? null, other_voice: other.voice ?? null, other_value: other[column] ?? null, reason: lostBy };
}

function line(one: Dissent): (Node | string)[] {
  const field = fieldOf(one.table, one.column);
  const said = (row: Dissent["chosen"]) => h("span", {}, h("b", {}, shown(row[one.column], field)), " ", h("small", {}, voiceLink(row.voice), ` ${row.vintage ?? ""}`));
  return [h("a", { href: rowAddress(one.table, one.key) }, rowTitle(one.table, one.key)), one.column, said(one.chosen), said(one.other), one.lostBy];
}

export async function correctionsPage(): Promise<Node> {
  const rows = await rowsOf(tableOf("corrections").file);
  return h("div", {}, h("h1", {}, t("corrections")), h("p", { class: "lede" }, meaningOf(tableOf("corrections"))),
    h("ol", { class: "claims" }, ...rows.map((row) => h("li", { class: "card" }, h("p", { class: "says" }, h("a", { href: link("claim", String(row.claim_id).split("/")) }, String(row.claim_id))),
      h("p", {}, h("code", {}, String(row.field)), " ", h("del", {}, String(row.said)), " → ", h("ins", {}, String(row.value))),
      h("p", {}, String(row.reason)), h("p", { class: "note" }, `${row.recorded_by ?? ""}, ${row.recorded_on ?? ""}`)))),
    using({ table: tableOf("corrections"), conditions: [], rows }));
}
