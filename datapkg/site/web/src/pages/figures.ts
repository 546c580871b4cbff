// A company over time: its shares of the markets in which it is counted most, and its figures, one of them at a time.

import { chart, COLORS } from "../chart";
import { grouped, type Row } from "../data";
import { h } from "../dom";
import { ALL, choosing, facts } from "../facts";
import { length, lines, PLAIN, told, withEarlier } from "../lines";
import { nameOf } from "../names";
import { tableOf } from "../site";
import { t, titleOf } from "../words";
import { choice, SPANS } from "./choice";

/** Lines of a chart, points that are worth one, and figures that there is a choice of. */
const [LINES, FEW, MOST] = [6, 4, 12];
/** The market that stands for a company as a whole. */
const WHOLE = "company-total";

/** The shares of a company in the markets in which it is counted most, a line each. */
export async function shares(id: string): Promise<Node | null> {
  const table = tableOf("market_shares");
  const mine = told((await facts(table, choosing())).filter((row) => row.company_id === id), PLAIN.share);
  const drawn = [...grouped(mine, (row) => [row.market_id, row.basis, length(row)].join(" "))].sort(([, one], [, other]) => other.length - one.length)
    .slice(0, LINES).filter(([, rows]) => rows.length >= FEW);
  if (!drawn.length) return null;
  const series = drawn.flatMap(([name, rows], place) => lines(table, rows, PLAIN.share, "%",
    { id: name, label: nameOf("markets", rows[0]?.market_id), color: COLORS[place] ?? "" }));
  return h("section", { class: "figure" }, h("h2", {}, t("shares")), chart(series, { unit: "%", zero: true, title: `${t("shares")}: ${nameOf("companies", id)}` }),
    h("p", { class: "note" }, `${t("gapNote")} ${t("clickNote")}`));
}

/** A figure of a company: that which is asked for, else its revenue, else the one with most values. */
export async function figures(id: string): Promise<Node | null> {
  const table = tableOf("company_metrics");
  const own = (row: Row) => row.company_id === id;
  const named = told((await facts(table, choosing())).filter(own), PLAIN.size).map((row): Row => ({ ...row, figure: [row.metric, row.market_id === WHOLE ? "" : nameOf("markets", row.market_id),
    row.currency ?? row.unit, t(SPANS[length(row)] ?? "span")].filter(Boolean).join(" · ") }));
  const many = [...grouped(named, (row) => String(row.figure)).values()].filter((rows) => rows.length >= FEW).sort((one, other) => other.length - one.length).slice(0, MOST).flat();
  if (!many.length) return null;
  const revenue = many.find((row) => row.metric === "revenue" && row.market_id === WHOLE);
  const picked = choice("figure", many, t("figures"), String(revenue?.figure ?? ""));
  const mine = many.filter((row) => row.figure === picked.value);
  const unit = String(mine[0]?.currency ?? (mine[0]?.unit === "percent" ? "%" : (mine[0]?.unit ?? "")));
  const every = (await facts(table, { ...choosing(), policy: ALL })).filter(own);
  const series = lines(table, withEarlier(table, mine, every, PLAIN.size, unit), PLAIN.size, unit, { id, label: nameOf("companies", id), color: COLORS[0] ?? "" });
  return h("section", { class: "figure" }, h("h2", {}, titleOf(table)), h("div", { class: "choices" }, picked.links), chart(series, { unit, zero: true, title: `${picked.value}: ${nameOf("companies", id)}` }),
    h("p", { class: "note" }, `${t("gapNote")} ${t("clickNote")}`));
}
