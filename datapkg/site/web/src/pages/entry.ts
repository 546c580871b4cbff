// An entry of a registry, such as a company: its names, identifiers, and everything that a table of facts says of it.

import { grouped, type Row } from "../data";
import { h } from "../dom";
import { companyIdentifiers, type Identifier, outside, ownIdentifiers, schemeName } from "../identifiers";
import { entryOf, feedLink, nameOf } from "../names";
import { about, cell } from "../parts";
import { hasTable, type Table, tableOf, Unknown } from "../site";
import { language, link } from "../state";
import { headOf, t, titleOf } from "../words";
import { facilitiesOf } from "./facility";
import { figures, shares } from "./figures";
import { names, related, sections, usingEntry } from "./sections";

/** What the page of a company shows in its own way, and sections do not show again. */
const OWN = ["company_identifiers", "facilities"];

export async function companyPage([id = ""]: string[]): Promise<Node> {
  return entryPage(["companies", id]);
}

export async function entryPage([registry = "", id = ""]: string[]): Promise<Node> {
  const table = tableOf(registry);
  const row = entryOf(registry, id);
  if (!row) throw new Unknown(id);
  const found = await related(registry, id);
  return h("div", {},
    h("p", { class: "crumb" }, h("a", { href: link("table", [registry]) }, titleOf(table))),
    h("h1", {}, nameOf(registry, id)),
    defined(row),
    h("div", { class: "columns" },
      h("section", { class: "card" }, h("h2", {}, t("identifiers")), await registered(table, row)),
      h("section", { class: "card" }, h("h2", {}, t("names")), await names(registry, id))),
    registry === "companies" && (hasTable("supply_relations") || hasTable("deals"))
      ? h("p", {}, h("a", { class: "button", href: link("network", [], { company: id }) }, t("network")), " ",
        h("a", { class: "button", href: link("timeline", [], { company: id }) }, t("timeline")), " ", feedLink(registry, id)) : null,
    registry === "companies" && hasTable("market_shares") ? await shares(id) : null,
    registry === "companies" && hasTable("company_metrics") ? await figures(id) : null,
    registry === "companies" ? await facilitiesOf(id) : null,
    ...sections(found, id, [registry, ...(registry === "companies" ? OWN : [])]),
    usingEntry(registry, id, found),
  );
}

/** What an entry means, in the language of the interface where it is there. */
function defined(row: Row): HTMLElement | null {
  const text = (language() === "ko" && row.definition_ko) || row.definition;
  return text ? h("p", { class: "lede" }, String(text)) : null;
}

/** What the registry says of an entry beside its names, and every identifier with the page of its register. */
async function registered(table: Table, row: Row): Promise<HTMLElement> {
  const own = ownIdentifiers(row);
  const told = table.fields.filter((field) => row[field.name] !== null && !/^name_|^definition/.test(field.name) && !own.some((one) => one.value === row[field.name]));
  const listed = table.name === "companies" ? (await companyIdentifiers()).filter(([company]) => company === row.company_id).map(([, one]) => one) : [];
  const more = own.filter((one) => !listed.some((other) => other.scheme === one.scheme && other.value === one.value));
  const schemes = grouped([...listed, ...more], (one) => schemeName(one.scheme));
  return about([...told.map((field): [string, Node | string] => [headOf(field), cell(row[field.name], field)]),
    ...[...schemes].map(([name, ones]): [string, Node] => [name, h("ul", { class: "plain" }, ...ones.map(identifier))])]);
}

function identifier(one: Identifier): HTMLElement {
  return h("li", {}, outside(one), h("small", {}, one.from ? ` ${t("from")} ${one.from}` : "", one.seen ? ` ${one.seen}` : ""));
}
