// What every table of facts says about an entry of a registry, and its names: the parts that pages of entries share.

import { type Row, rowsOf } from "../data";
import { h } from "../dom";
import { choosing, facts } from "../facts";
import { entryLink, entryOf } from "../names";
import { cell, rowAddress, small } from "../parts";
import { type Field, hasTable, site, type Table, tableOf } from "../site";
import { link } from "../state";
import { type Offer, using } from "../using";
import { t, titleOf } from "../words";

const FIRST = 8;
/** What comes first of them. */
const ORDER = ["company_roles", "market_shares", "company_metrics", "positions", "meeting_companies", "plans", "deal_parties", "supply_relations", "market_ranks"];

/** A table that says something about an entry: the columns that lead to it, and the rows. */
interface Related {
  table: Table;
  pointing: Field[];
  rows: Row[];
}

/** What tables say about an entry, in the order in which pages show it. */
export async function related(registry: string, id: string): Promise<Related[]> {
  const place = (table: Table) => (ORDER.indexOf(table.name) + 1 || 99);
  const able = site.tables.filter((table) => table.role !== "record").sort((one, other) => place(one) - place(other));
  const found = await Promise.all(able.map(async (table): Promise<Related> => {
    const pointing = table.fields.filter((field) => field.target === registry);
    return { table, pointing, rows: pointing.length ? (await facts(table, choosing())).filter((row) => pointing.some((field) => row[field.name] === id)) : [] };
  }));
  return found.filter(({ rows }) => rows.length);
}

/** Everything about an entry, to be taken elsewhere: its own row, and the rows of each table by each column that leads to it. */
export function usingEntry(registry: string, id: string, found: Related[]): HTMLElement {
  const own = tableOf(registry);
  const row = entryOf(registry, id);
  const offers = found.flatMap(({ table, pointing, rows }) => pointing.map((field): Offer => ({
    table, conditions: [[field.name, "==", id]], rows: rows.filter((one) => one[field.name] === id),
    label: pointing.length > 1 ? `${titleOf(table)}: ${titleOf(field)}` : titleOf(table) })));
  return using(...offers.filter((offer) => offer.rows?.length), { table: own, conditions: [[own.key[0] ?? "", "==", id]], rows: row ? [row] : [] });
}

export async function names(registry: string, id: string): Promise<HTMLElement> {
  const row = entryOf(registry, id);
  const own = ["name_en", "name_ko"].filter((name) => row?.[name]).map((name): [string, string] => [name.slice(5), String(row?.[name])]);
  const aliases = hasTable("aliases") ? await rowsOf(tableOf("aliases").file) : [];
  const also = aliases.filter((alias) => alias.entity_type === registry && alias.entity_id === id);
  return h("ul", { class: "names" }, ...own.map(([language, name]) => h("li", { lang: language }, name)),
    ...also.map((alias) => h("li", { lang: String(alias.language) }, String(alias.alias), h("small", {}, ` ${alias.language}`))));
}

/** A section for each table, but those that a page shows in its own way. */
export function sections(found: Related[], id: string, without: string[]): Node[] {
  return found.filter(({ table }) => !without.includes(table.name)).map((one) => section(one, id));
}

/** What a table of facts says about an entry, the newest first. */
function section({ table, pointing, rows }: Related, id: string): Node {
  const when = (row: Row) => String(row.period_end ?? row.valid_from ?? row.date ?? row.target_period ?? row.last_stated ?? "");
  const newest = [...rows].sort((one, other) => (when(one) < when(other) ? 1 : -1)).slice(0, FIRST);
  const [only] = pointing.length === 1 ? pointing : [];
  const fields = table.fields.filter((field) => !field.bookkeeping && field.name !== only?.name && !/^period_(start|end)$|_(low|high)(_|$)/.test(field.name) &&
    newest.some((row) => row[field.name] !== null)).slice(0, 7);
  const more = link("table", [table.name], only ? { [`f.${only.name}`]: `=${id}` } : { q: id });
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
