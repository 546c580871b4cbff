// What every table of facts says about an entry of a registry, and its names: the parts that pages of entries share.

import { type Row, rowsOf } from "../data";
import { h } from "../dom";
import { choosing, facts } from "../facts";
import { entryLink, entryOf } from "../names";
import { cell, rowAddress, small } from "../parts";
import { hasTable, site, type Table, tableOf } from "../site";
import { link } from "../state";
import { t, titleOf } from "../words";

const FIRST = 8;
/** What comes first of them. */
const ORDER = ["company_roles", "market_shares", "company_metrics", "positions", "meeting_companies", "plans", "deal_parties", "supply_relations", "market_ranks"];

export async function names(registry: string, id: string): Promise<HTMLElement> {
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
  return h("section", {}, headed(table, rows.length),
    small(["", ...fields.map(titleOf)], newest.map((row) => [lead(row), ...fields.map((field) => cell(row[field.name], field))]),
      fields.flatMap((field, number) => (field.type === "number" || field.type === "integer" ? [number + 1] : []))),
    rows.length > FIRST ? h("p", {}, h("a", { href: more }, `${t("more")} (${rows.length})`)) : null);
}

/** The head of a section: what it is of, and how many rows there are. */
export function headed(table: Table, rows: number): HTMLElement {
  return h("h2", {}, titleOf(table), h("small", {}, ` ${rows}`));
}
