// An entry of a registry, such as a company: its names, identifiers, and everything that a table of facts says of it.

import { chart, COLORS } from "../chart";
import { grouped, type Row, rowsOf } from "../data";
import { h, outward } from "../dom";
import { choosing, facts } from "../facts";
import { length, lines, PLAIN, told } from "../lines";
import { entryLink, entryOf, nameOf } from "../names";
import { about, cell, rowAddress, small } from "../parts";
import { hasTable, site, type Table, tableOf, Unknown } from "../site";
import { link } from "../state";
import { headOf, t, titleOf } from "../words";

const FIRST = 8;
/** Lines of the chart of a company, and points that are worth one. */
const [LINES, FEW] = [6, 4];
/** What comes first on the page of a company. */
const ORDER = ["company_roles", "market_shares", "company_metrics", "positions", "meeting_companies", "plans", "deal_parties", "supply_relations", "market_ranks"];

export async function companyPage([id = ""]: string[]): Promise<Node> {
  return entryPage(["companies", id]);
}

export async function entryPage([registry = "", id = ""]: string[]): Promise<Node> {
  const table = tableOf(registry);
  const row = entryOf(registry, id);
  if (!row) throw new Unknown(id);
  return h("div", {},
    h("p", { class: "crumb" }, h("a", { href: link("table", [registry]) }, titleOf(table))),
    h("h1", {}, nameOf(registry, id)),
    row.definition || row.definition_en ? h("p", { class: "lede" }, String(row.definition ?? row.definition_en)) : null,
    h("div", { class: "columns" },
      h("section", { class: "card" }, h("h2", {}, t("identifiers")), identifiers(table, row)),
      h("section", { class: "card" }, h("h2", {}, t("names")), await names(registry, id))),
    registry === "companies" && (hasTable("supply_relations") || hasTable("deals"))
      ? h("p", {}, h("a", { class: "button", href: link("network", [], { company: id }) }, t("network")), " ",
        h("a", { class: "button", href: link("timeline", [], { company: id }) }, t("timeline"))) : null,
    registry === "companies" && hasTable("market_shares") ? await shares(id) : null,
    ...(await sections(registry, id, new Set([registry]))),
  );
}

/** The shares of a company in the markets in which it is counted most, a line each. */
async function shares(id: string): Promise<Node | null> {
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

function identifiers(table: Table, row: Row): HTMLElement {
  const told = table.fields.filter((field) => row[field.name] !== null && !field.name.startsWith("name_") && field.name !== "definition");
  return about(told.map((field) => [headOf(field), identifier(field.name, String(row[field.name])) ?? cell(row[field.name], field)]));
}

function identifier(name: string, value: string): Node | null {
  if (name === "wikidata_id") return outward(`https://www.wikidata.org/wiki/${encodeURIComponent(value)}`, value);
  return name === "lei" ? outward(`https://search.gleif.org/#/record/${encodeURIComponent(value)}`, value) : null;
}

async function names(registry: string, id: string): Promise<HTMLElement> {
  const row = entryOf(registry, id);
  const own = ["name_en", "name_ko"].filter((name) => row?.[name]).map((name): [string, string] => [name.slice(5), String(row?.[name])]);
  const aliases = hasTable("aliases") ? await rowsOf(tableOf("aliases").file) : [];
  const also = aliases.filter((alias) => alias.entity_type === registry && alias.entity_id === id);
  return h("ul", { class: "names" }, ...own.map(([language, name]) => h("li", { lang: language }, name)),
    ...also.map((alias) => h("li", { lang: String(alias.language) }, String(alias.alias), h("small", {}, ` ${alias.language}`))));
}

/** What each table of facts says about an entry, the newest first. */
export async function sections(registry: string, id: string, without: Set<string>): Promise<Node[]> {
  const able = site.tables.filter((table) => !without.has(table.name) && table.role !== "record" && table.fields.some((field) => field.target === registry));
  const place = (table: Table) => (ORDER.indexOf(table.name) + 1 || 99);
  able.sort((one, other) => place(one) - place(other));
  const found = await Promise.all(able.map((table) => section(table, registry, id)));
  return found.filter((part) => part !== null);
}

async function section(table: Table, registry: string, id: string): Promise<Node | null> {
  const pointing = table.fields.filter((field) => field.target === registry).map((field) => field.name);
  const rows = (await facts(table, choosing())).filter((row) => pointing.some((name) => row[name] === id));
  if (!rows.length) return null;
  const when = (row: Row) => String(row.period_end ?? row.valid_from ?? row.date ?? row.target_period ?? row.last_stated ?? "");
  const newest = [...rows].sort((one, other) => (when(one) < when(other) ? 1 : -1)).slice(0, FIRST);
  const fields = table.fields.filter((field) => !field.bookkeeping && !/^period_(start|end)$|_(low|high)(_|$)/.test(field.name) && newest.some((row) => row[field.name] !== null) &&
    !(pointing.length === 1 && pointing[0] === field.name)).slice(0, 7);
  const more = pointing.length === 1 ? link("table", [table.name], { [`f.${pointing[0]}`]: `=${id}` }) : link("table", [table.name], { q: id });
  const lead = (row: Row) => (table.role === "fact" ? h("a", { href: rowAddress(table, row), class: "opens", "aria-label": t("claimsBehind") }, "→")
    : entryLink(table.name, row[table.key[0] ?? ""] ?? null));
  return h("section", {}, h("h2", {}, titleOf(table), h("small", {}, ` ${rows.length}`)),
    small(["", ...fields.map(titleOf)], newest.map((row) => [lead(row), ...fields.map((field) => cell(row[field.name], field))]),
      fields.flatMap((field, number) => (field.type === "number" || field.type === "integer" ? [number + 1] : []))),
    rows.length > FIRST ? h("p", {}, h("a", { href: more }, `${t("more")} (${rows.length})`)) : null);
}
