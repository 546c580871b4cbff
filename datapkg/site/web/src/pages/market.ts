// A market: shares over time as each voice gives them, sizes with their forecasts, ranks, definition and neighbours.

import { grouped, type Row, rowsOf, type Value } from "../data";
import { h } from "../dom";
import { chart, COLORS, type Series } from "../chart";
import { type Figures, length, lines, PLAIN, point, told, withEarlier } from "../lines";
import { ALL, choosing, facts, keyText } from "../facts";
import { figure, marks, number, short } from "../format";
import { entryLink, entryOf, feedLink, nameOf, voiceLink, voiceName } from "../names";
import { about, rowAddress, small } from "../parts";
import { choice, SPANS } from "./choice";
import { related, sections, usingEntry } from "./sections";
import { fieldOf, hasTable, type Table, tableOf, Unknown } from "../site";
import { changed, known, link, state } from "../state";
import { t, titleOf } from "../words";

/** Companies that are shown unless others are chosen, and points that are worth a chart. */
const [SHOWN, FEW] = [7, 5];
/** Outcomes of forecasts that are shown. */
const MOST = 20;

export async function marketPage([id = ""]: string[]): Promise<Node> {
  const market = entryOf("markets", id);
  if (!market) throw new Unknown(id);
  const own = (row: Row) => row.market_id === id;
  const found = await related("markets", id);
  return h("div", {},
    h("p", { class: "crumb" }, h("a", { href: link("table", ["markets"]) }, t("markets"))),
    h("h1", {}, nameOf("markets", id)),
    h("p", { class: "lede" }, String(market.definition ?? "")),
    hasTable("market_shares") ? await shares(id, own) : null,
    hasTable("market_sizes") ? await sizes(own) : null,
    hasTable("forecast_outcomes") ? await outcomes(id) : null,
    hasTable("market_ranks") ? await ranks(own) : null,
    h("p", {}, feedLink("markets", id)),
    h("section", {}, h("h2", {}, t("neighbours")), neighbours(market, await rowsOf(tableOf("markets").file))),
    ...sections(found, id, ["market_shares", "market_ranks", "markets"]),
    usingEntry("markets", id, found),
  );
}

function neighbours(market: Row, markets: Row[]): HTMLElement {
  const id = market.market_id;
  const list = (wanted: (row: Row) => boolean) => {
    const found = markets.filter((row) => row.market_id !== id && wanted(row));
    return found.length ? h("span", { class: "list" }, ...found.map((row) => entryLink("markets", row.market_id ?? null))) : null;
  };
  return about([
    [t("parent"), market.parent_id ? entryLink("markets", market.parent_id) : null],
    [t("includes"), list((row) => row.parent_id === id)],
    [t("lead"), market.lead_voice ? voiceLink(market.lead_voice) : null],
    [t("reason"), market.lead_voice_reason ? String(market.lead_voice_reason) : null],
  ]);
}

async function shares(id: string, own: (row: Row) => boolean): Promise<Node | null> {
  const table = tableOf("market_shares");
  const mine = told((await facts(table, choosing())).filter(own), PLAIN.share);
  if (!mine.length) return null;
  const basis = choice("basis", mine, t("basis"));
  const based = mine.filter((row) => row.basis === basis.value).map((row): Row => ({ ...row, length: length(row) }));
  const span = choice("length", based, t("period"));
  const every = (await facts(table, { ...choosing(), policy: ALL })).filter(own);
  const rows = withEarlier(table, based.filter((row) => row.length === span.value), every, PLAIN.share, "%");
  const picked = companies(rows);
  const color = new Map(picked.all.map((company, place) => [company, COLORS[place % COLORS.length] ?? ""]));
  const series = picked.shown.flatMap((company) => lines(table, rows.filter((row) => row.company_id === company), PLAIN.share, "%",
    { id: company, label: nameOf("companies", company), color: color.get(company) ?? "" }));
  const heard = others(table, every, basis.value, span.value, rows);
  const thin = picked.shown.flatMap((company) => byVoice(table, heard.filter((row) => row.company_id === company), PLAIN.share, "%",
    { id: company, label: nameOf("companies", company), color: color.get(company) ?? "" }));
  const legend = picked.all.map((company) => {
    const on = picked.shown.includes(company);
    const next = on ? picked.shown.filter((one) => one !== company) : [...picked.shown, company];
    const swatch = h("span", { class: "swatch" });
    swatch.style.background = on ? (color.get(company) ?? "") : "";
    return h("a", { href: changed({ c: next.join(" ") }), class: "chip", "aria-pressed": String(on), role: "button" }, swatch, nameOf("companies", company));
  });
  const title = `${t("shares")}: ${nameOf("markets", id)}`;
  return h("section", { class: "figure" }, h("h2", {}, t("shares")),
    h("div", { class: "choices" }, basis.links, span.links),
    chart([...series, ...thin], { unit: "%", zero: true, title }),
    h("p", { class: "note" }, `${t("gapNote")} ${thin.length ? t("thinNote") : ""} ${t("clickNote")}`),
    h("div", { class: "chips" }, ...legend),
    tableOfShares(table, rows, picked.shown),
    h("p", {}, h("a", { href: link("table", ["market_shares"], { "f.market_id": `=${id}` }) }, `${t("more")}: ${titleOf(table)}`)),
  );
}

/** The companies of a market, the largest first, and those that are shown. */
function companies(rows: Row[]): { all: string[]; shown: string[] } {
  const largest = new Map<string, number>();
  for (const row of rows) {
    const value = Number(row.share_pct ?? row.share_low_pct ?? 0);
    const recent = Date.parse(String(row.period_end)) / 1e13; // of two equal ones, the one that is still counted
    largest.set(String(row.company_id), Math.max(largest.get(String(row.company_id)) ?? 0, value + recent));
  }
  const all = [...largest].sort(([, one], [, other]) => other - one).map(([company]) => company);
  const asked = (state.asked.get("c") ?? "").split(" ").filter((company) => all.includes(company));
  return { all, shown: asked.length ? asked : all.slice(0, SHOWN) };
}

/** The observations that say otherwise than the facts, of the same basis and length of period. */
function others(table: Table, every: Row[], basis: string, span: string, rows: Row[]): Row[] {
  const used = new Map(rows.map((row) => [keyText(row, table.key), row]));
  return told(every.filter((row) => row.basis === basis && length(row) === span), PLAIN.share).filter((row) => {
    const fact = used.get(keyText(row, table.key));
    return fact && row.forecast === false && row.voice !== fact.voice;
  });
}

function byVoice(table: Table, rows: Row[], figures: Figures, unit: string, named: { id: string; label: string; color: string }): Series[] {
  const voices = grouped(rows, (row) => String(row.voice));
  return [...voices].map(([voice, said]) => ({ ...named, id: `${named.id} ${voice}`, label: `${named.label} — ${voiceName(voice)}`, style: "other" as const,
    points: [...new Map(said.map((row) => [String(row.period), point(table, row, figures, unit)])).values()] }));
}

function tableOfShares(table: Table, rows: Row[], shown: string[]): HTMLElement {
  const periods = [...new Map(rows.map((row) => [String(row.period), String(row.period_start)]))].sort(([, one], [, other]) => (one < other ? 1 : -1)).map(([period]) => period).slice(0, 12);
  const cells = (company: string) => periods.map((period) => {
    const row = rows.find((one) => one.company_id === company && one.period === period);
    return row ? h("a", { href: rowAddress(table, row), class: row.disputed ? "disputed" : null, title: row.earlier ? `${t("was")} ${row.earlier}` : null }, figure(row, ...PLAIN.share, "%")) : "";
  });
  return h("details", { class: "panel", open: true }, h("summary", {}, t("showTable")),
    small([t("company"), ...periods], shown.map((company) => [entryLink("companies", company), ...cells(company)]), periods.map((_, place) => place + 1)));
}

async function sizes(own: (row: Row) => boolean): Promise<Node | null> {
  const table = tableOf("market_sizes");
  const mine = told((await facts(table, choosing())).filter(own), PLAIN.size).map((row): Row => ({ ...row, length: length(row) }));
  if (!mine.length) return null;
  const series = mine.map((row): Row => ({ ...row, size: [row.basis, row.unit, row.currency, t(SPANS[String(row.length)] ?? "span")].filter(Boolean).join(" · ") }));
  const shownAs = choice("size", series, t("basis"));
  const [first] = series.filter((row) => row.size === shownAs.value);
  const unit = String(first?.currency ?? first?.unit ?? "");
  const every = (await facts(table, { ...choosing(), policy: ALL })).filter(own);
  const rows = withEarlier(table, series.filter((row) => row.size === shownAs.value), every, PLAIN.size, unit);
  const heard = every.filter((row) => row.forecast === true && row.currency === rows[0]?.currency && row.basis === rows[0]?.basis && length(row) === rows[0]?.length);
  const vintages = [...grouped(told(heard, PLAIN.size), (row) => `${row.voice} ${row.vintage}`)].filter(([, said]) => said.length > 1).map(([id, said]): Series => ({
    id, label: `${voiceName(said[0]?.voice)} ${said[0]?.vintage}`, color: COLORS[3] ?? "", style: "other", points: said.map((row) => point(table, row, PLAIN.size, unit)) }));
  const drawn = rows.length < FEW ? null : chart([...lines(table, rows, PLAIN.size, unit, { id: "size", label: t("size"), color: COLORS[0] ?? "" }), ...vintages], { unit, zero: true, title: t("sizes") });
  return h("section", { class: "figure" }, h("h2", {}, t("sizes")), h("div", { class: "choices" }, shownAs.links), drawn,
    h("details", { class: "panel", open: !drawn }, h("summary", {}, t("showTable")), small([t("period"), t("size"), t("voice"), t("vintage"), ""],
      [...rows].sort((one, other) => (String(one.period_start) < String(other.period_start) ? 1 : -1)).map((row) => [
        h("a", { href: rowAddress(table, row) }, String(row.period)), figure(row, ...PLAIN.size, unit), voiceLink(row.voice), String(row.vintage ?? ""), [...marks(row).map(t), row.earlier ? `${t("was")} ${row.earlier}` : ""].filter(Boolean).join(", ")]), [1])),
  );
}

/** What was foretold of a market for times that are over, beside what came of it, as far as both were public. */
async function outcomes(id: string): Promise<Node | null> {
  const table = tableOf("forecast_outcomes");
  const day = known() ?? "9999";
  const rows = (await rowsOf(table.file)).filter((row) => /^market_/.test(String(row.table)) && String(row.key).split(";").includes(`market_id=${id}`) &&
    row.outcome !== null && String(row.outcome_vintage) <= day);
  if (!rows.length) return null;
  const claim = (value: Value | undefined, name: Value | undefined) => h("a", { href: link("claim", String(name).split("/")) }, amounts(value));
  const heads = ["table", "period", "voice", "vintage", "foretold", "outcome", "outcome_voice", "error"].map((name) => titleOf(fieldOf(table, name) ?? { title: name }));
  const newest = [...rows].sort((one, other) => (String(one.period) + one.vintage < String(other.period) + other.vintage ? 1 : -1)).slice(0, MOST);
  return h("section", {}, h("h2", {}, titleOf(table), h("small", {}, ` ${rows.length}`)), small(heads, newest.map((row) => [
    hasTable(String(row.table)) ? titleOf(tableOf(String(row.table))) : String(row.table), String(row.period), voiceLink(row.voice), String(row.vintage ?? ""),
    claim(row.foretold, row.claim_id), claim(row.outcome, row.outcome_claim_id), voiceLink(row.outcome_voice), row.error === null ? "" : `${number(Number(row.error))} ${row.error_unit}`]), [4, 5, 7]),
    h("p", {}, h("a", { href: link("table", [table.name], { "f.key": `market_id=${id};` }) }, `${t("more")}: ${titleOf(table)}`)));
}

/** Figures in a text, such as 72842000000 USD, as people read them. */
function amounts(text: Value | undefined): string {
  return String(text ?? "").replace(/\d+(\.\d+)?/g, (figure) => short(Number(figure)));
}

async function ranks(own: (row: Row) => boolean): Promise<Node | null> {
  const table = tableOf("market_ranks");
  const rows = (await facts(table, choosing())).filter((row) => own(row) && row.forecast === false && row.superseded !== true);
  const last = rows.reduce((best, row) => (String(row.period_end) > best ? String(row.period_end) : best), "");
  const newest = rows.filter((row) => String(row.period_end) === last).sort((one, other) => Number(one.rank) - Number(other.rank));
  if (newest.length < 2) return null;
  return h("section", {}, h("h2", {}, `${t("numbers")}, ${newest[0]?.period}`), small(["#", t("company"), t("voice"), t("basis")],
    newest.map((row) => [h("a", { href: rowAddress(table, row) }, String(row.rank)), entryLink("companies", row.company_id), voiceLink(row.voice), String(row.basis)])));
}
