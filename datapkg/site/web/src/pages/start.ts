// What is in the release, what it covers, how sure it is, and how it is loaded and cited.

import { grouped, type Row } from "../data";
import { h, outward } from "../dom";
import { choosing, facts } from "../facts";
import { number } from "../format";
import { entryLink, loadNames } from "../names";
import { pending, small } from "../parts";
import { hasTable, site, tableOf } from "../site";
import { changed, link, state } from "../state";
import { codeBlock, codes } from "../using";
import { meaningOf, t, titleOf, type Word } from "../words";
import { KINDS } from "./changes";

const FIGURES = ["market_shares", "market_sizes", "market_changes", "market_ranks"];
const YEARS = 10;

export async function startPage(): Promise<Node> {
  const named = (name: string) => site.tables.find((table) => table.name === name);
  const counts = ["claims", "sources", "companies", "markets"].flatMap((name) => named(name) ?? []);
  const example = named("market_shares") ?? site.tables.find((table) => table.role === "fact") ?? site.tables[0];
  return h("div", {},
    h("section", { class: "hero" },
      h("h1", {}, site.title),
      h("p", { class: "lede" }, site.description),
      h("p", { class: "quiet" }, [`${t("version")} ${site.version}`, site.created?.slice(0, 10), site.last_day ? `${t("asOf")} ${site.last_day}` : "", site.licenses[0]?.name].filter(Boolean).join(" · ")),
      h("ul", { class: "counts" }, ...counts.map((table) => h("li", {}, h("a", { href: link("table", [table.name]) }, h("b", {}, number(table.rows)), titleOf(table))))),
    ),
    changes(),
    pending(coverage),
    pending(certain),
    h("section", {}, h("h2", {}, t("what")), tables(true)),
    example ? h("section", {}, h("h2", {}, `${t("code")} · ${t("cite")}`), ...Object.entries(codes({ table: example, conditions: [] })).map(([name, text]) => codeBlock(name, text)),
      codeBlock("BibTeX", site.citation.bibtex), h("p", {}, site.citation.apa)) : null,
    h("section", {}, h("h2", {}, t("download")), h("ul", { class: "list" }, ...site.metadata.map((path) => h("li", {}, h("a", { href: path }, path))),
      site.feeds ? h("li", {}, h("a", { href: "feeds/releases.atom", type: "application/atom+xml" }, t("feed"))) : null,
      site.homepage ? h("li", {}, outward(site.homepage)) : null)),
  );
}

/** What the release changed, by kind. */
function changes(): HTMLElement | null {
  const [last] = site.changes;
  if (!last?.before) return null;
  return h("section", {}, h("h2", {}, `${t("changedSince")} ${last.before}`), h("ul", { class: "list" }, ...[...KINDS].filter(([kind]) => last.rows[kind]).map(([kind, word]) =>
    h("li", {}, h("a", { href: link("changes", [], { change: kind }) }, `${t(word)} ${number(last.rows[kind] ?? 0)}`)))));
}

/** How often it is wrong, where somebody looked. */
function quality(): HTMLElement | null {
  if (!site.quality) return null;
  const { values, cells, missed } = site.quality;
  const said = (word: Word, { many, of, bound }: typeof cells) => `${number(many)} / ${number(of)} ${t(word)} ${number(100 * bound)} %`;
  return h("p", {}, `${t("twice")} ${values ? `${said("wrongValues", values)}; ` : ""}${said("wrong", cells)}; ${said("missed", missed)}. `, h("a", { href: "validation/quality.json" }, "quality.json"));
}

/** Figures by market and year, or quarter: how many of each there are. */
async function coverage(): Promise<Node | null> {
  const able = FIGURES.filter(hasTable);
  const view = choosing();
  const [rows] = await Promise.all([Promise.all(able.map((name) => facts(tableOf(name), view))).then((found) => found.flat()), loadNames()]);
  if (!rows.length) return null;
  const quarterly = state.asked.get("by") === "quarter";
  const year = quarterly ? quarter : (row: Row) => String(row.period_end).slice(0, 4);
  const past = rows.filter((row) => row.forecast === false && year(row));
  const years = [...new Set(past.map(year))].sort().slice(-YEARS);
  const choices = (["years", "quarter"] as const).map((word) => h("a", { href: changed({ by: word === "quarter" ? word : "" }), "aria-current": (word === "quarter") === quarterly ? "true" : null }, t(word)));
  const markets = [...grouped(past, (row) => String(row.market_id))].sort(([, one], [, other]) => other.length - one.length).slice(0, 14);
  const most = Math.max(...markets.flatMap(([, mine]) => years.map((one) => mine.filter((row) => year(row) === one).length)));
  const lines = markets.map(([id, mine]) => [entryLink("markets", id), ...years.map((one) => {
    const many = mine.filter((row) => year(row) === one).length;
    const square = h("span", { class: "heat" }, many || "");
    square.style.setProperty("--heat", String(many ? 0.06 + (0.36 * many) / most : 0)); // no darker than its number can be read on
    return square;
  }), number(mine.length)]);
  return h("section", {}, h("h2", {}, t("coverage")), h("div", { class: "choice" }, ...choices), h("div", { class: "heats" }, small([t("market"), ...years, "Σ"], lines, [years.length + 1])),
    h("p", {}, h("a", { href: link("table", ["markets"]) }, `${t("more")}: ${titleOf(tableOf("markets"))}`)));
}

/** The quarter that a figure is for, if it is for no longer time. */
function quarter(row: Row): string {
  const [, year, part, month] = /^(\d{4})-(?:Q(\d)|(\d\d)$)/.exec(String(row.period)) ?? [];
  return year ? `${year}-Q${part ?? Math.ceil(Number(month) / 3)}` : "";
}

/** How many facts of each table are asserted, disputed, revised. */
async function certain(): Promise<Node | null> {
  const able = site.tables.filter((table) => table.role === "fact" && table.fields.some((field) => field.name === "certainty"));
  const view = choosing();
  const rows = (await Promise.all(able.map((table) => facts(table, view)))).flat();
  if (!rows.length) return null;
  const told: [string, (row: Row) => boolean][] = [
    [t("asserted"), (row) => row.certainty === "asserted"], [t("reported"), (row) => row.certainty === "reported"],
    [t("speculated"), (row) => row.certainty === "speculated"], ["1 ×", (row) => row.source_count === 1], ["≥ 2 ×", (row) => Number(row.source_count) > 1],
    [t("disputed"), (row) => row.disputed === true], [t("revised"), (row) => row.revised === true], [t("inferred"), (row) => row.inferred !== null]];
  const bars = told.map(([name, test]) => {
    const many = rows.filter(test).length;
    const bar = h("span", { class: "bar" });
    bar.style.width = `${(100 * many) / rows.length}%`;
    return h("li", {}, h("span", { class: "grow" }, name === "1 ×" || name === "≥ 2 ×" ? `${name.replace(" ×", "")} ${t("sources")}` : name), h("span", { class: "track" }, bar), h("b", {}, number(many)));
  });
  return h("section", {}, h("h2", {}, t("howSure")), quality(), h("ul", { class: "bars" }, ...bars));
}

function tables(brief: boolean): HTMLElement {
  return h("div", { class: brief ? "tiles short" : "tiles" }, ...[...site.tables].filter((table) => table.rows).sort((one, other) => other.rows - one.rows).map((table) =>
    h("a", { class: "tile", href: link("table", [table.name]), title: meaningOf(table) }, h("b", {}, titleOf(table)), h("span", {}, `${number(table.rows)} ${t("rows")}`), brief ? null : h("small", {}, meaningOf(table)))));
}

export async function tablesPage(): Promise<Node> {
  return h("div", {}, h("h1", {}, t("tables")), tables(false));
}

export async function dictionaryPage([only = ""]: string[]): Promise<Node> {
  const chosen = only ? [tableOf(only)] : site.tables;
  return h("div", {}, h("h1", {}, t("dictionary")), ...chosen.map((table) => h("section", {}, h("h2", {}, h("a", { href: link("table", [table.name]) }, titleOf(table))),
    h("p", {}, meaningOf(table), " ", h("code", {}, table.key.join(", "))),
    small([t("name"), t("title"), t("kind"), t("unit"), t("meaning")], table.fields.map((field) => [h("code", {}, field.name), titleOf(field), field.type, field.unit ?? "",
      `${meaningOf(field)}${field.enum ? ` (${field.enum.join(", ")})` : ""}`])))));
}
