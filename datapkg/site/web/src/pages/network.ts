// Relations of one company: chosen first, drawn then, so that the picture stays readable however many there are.

import type { Row } from "../data";
import { grouped, rowsOf } from "../data";
import { h, svg } from "../dom";
import { choosing, facts } from "../facts";
import { entryLink, nameOf } from "../names";
import { rowAddress, small } from "../parts";
import { fieldOf, hasTable, tableOf } from "../site";
import { changed, link, replace, state } from "../state";
import { type Offer, using } from "../using";
import { t, titleOf, type Word } from "../words";

interface Relation {
  from: string;
  to: string;
  kind: "supplies" | "deal" | "alliance" | "owns";
  what: string;
  href: string;
}

/** Where relations stand: their kind, the table, and the columns by which those of a company are found. */
const TABLES: [Relation["kind"], string, string[]][] = [
  ["supplies", "supply_relations", ["supplier_id", "customer_id"]], ["deal", "deal_parties", ["deal_id"]],
  ["alliance", "alliance_members", ["alliance_id"]], ["owns", "companies", ["parent_id", "company_id"]],
];
/** What a kind of relation is called; its own name is in the address and in the style. */
const KINDS: Record<Relation["kind"], Word> = { supplies: "supply", deal: "deal", alliance: "alliance", owns: "owns" };
const MOST = 24;
const SIZE = 760;

export async function networkPage(): Promise<Node> {
  const every = await relations();
  const degree = new Map<string, number>();
  for (const one of every) for (const id of [one.from, one.to]) degree.set(id, (degree.get(id) ?? 0) + 1);
  const companies = [...degree].sort(([, one], [, other]) => other - one).map(([id]) => id);
  const company = state.asked.get("company") || (companies[0] ?? "");
  const kinds = [...new Set(every.map((one) => one.kind))];
  const kind = state.asked.get("kind") ?? "";
  const mine = every.filter((one) => (one.from === company || one.to === company) && (!kind || one.kind === kind));
  const select = h("select", { "aria-label": t("company"), change: () => replace({ company: select.value }) },
    ...companies.map((id) => h("option", { value: id }, `${nameOf("companies", id)} (${degree.get(id)})`)));
  select.value = company;
  const choices = ["" as const, ...kinds].map((name) => h("a", { href: changed({ kind: name }), "aria-current": name === kind ? "true" : null }, name ? t(KINDS[name]) : t("allKinds")));
  return h("div", {}, h("h1", {}, t("network")),
    h("div", { class: "choices" }, h("label", {}, `${t("company")} `, select), h("div", { class: "choice" }, ...choices)),
    mine.length ? picture(company, mine) : h("p", { class: "notice" }, t("noRelations")),
    small([t("relation"), t("giving"), t("taking"), t("subject")], mine.map((one) => [t(KINDS[one.kind]), entryLink("companies", one.from), entryLink("companies", one.to), h("a", { href: one.href }, one.what || "→")])),
    mine.length ? using(...(await offers(company, mine))) : null);
}

/** The rows behind the relations of a company, by the tables and columns that they stand in. */
async function offers(company: string, mine: Relation[]): Promise<Offer[]> {
  const kinds = new Set(mine.map((one) => one.kind));
  const found: Offer[] = [];
  for (const [kind, name, columns] of TABLES) {
    if (!kinds.has(kind) || !hasTable(name)) continue;
    const table = tableOf(name);
    const every = await facts(table, choosing());
    for (const column of columns) {
      const field = fieldOf(table, column);
      const party = field?.target === "companies";
      const ids = party ? [company] : [...new Set(every.filter((row) => row.company_id === company).map((row) => row[column] ?? null))];
      const rows = every.filter((row) => ids.includes(row[column] ?? null));
      if (rows.length) found.push({ table, rows, conditions: [party ? [column, "==", company] : [column, "in", ids]], label: columns.length > 1 && field ? `${titleOf(table)}: ${titleOf(field)}` : titleOf(table) });
    }
  }
  return found;
}

async function relations(): Promise<Relation[]> {
  const view = choosing();
  const rows = async (name: string): Promise<Row[]> => (hasTable(name) ? facts(tableOf(name), view) : []);
  const found: Relation[] = [];
  for (const row of await rows("supply_relations")) {
    found.push({ from: String(row.supplier_id), to: String(row.customer_id), kind: "supplies", what: nameOf("products", row.product_id), href: rowAddress(tableOf("supply_relations"), row) });
  }
  found.push(...together(await rows("deal_parties"), "deal_id", "deal", (row) => link("row", ["deals", String(row.deal_id)])));
  found.push(...together(await rows("alliance_members"), "alliance_id", "alliance", (row) => link("entry", ["alliances", String(row.alliance_id)])));
  for (const row of hasTable("companies") ? await rowsOf(tableOf("companies").file) : []) {
    if (row.parent_id) found.push({ from: String(row.parent_id), to: String(row.company_id), kind: "owns", what: "", href: link("company", [String(row.company_id)]) });
  }
  return found;
}

/** A relation between each two that take part in the same thing. */
function together(rows: Row[], column: string, kind: Relation["kind"], href: (row: Row) => string): Relation[] {
  return [...grouped(rows, (row) => String(row[column])).values()].flatMap((group) => group.flatMap((one, place) => group.slice(place + 1).map((other) => ({
    from: String(one.company_id), to: String(other.company_id), kind, what: String(one[column]), href: href(one) }))));
}

/** The company in the middle, the others around it, one line to each, as thick as there are relations. */
function picture(company: string, relations: Relation[]): HTMLElement {
  const others = [...grouped(relations, (one) => (one.from === company ? one.to : one.from))].sort(([, one], [, other]) => other.length - one.length).slice(0, MOST);
  others.sort(([, one], [, other]) => ((one[0]?.kind ?? "") < (other[0]?.kind ?? "") ? -1 : 1));
  const root = svg("svg", { viewBox: `0 0 ${SIZE * 1.3} ${SIZE * 0.78}`, role: "group", "aria-label": `${t("network")}: ${nameOf("companies", company)}` });
  const middle = { x: SIZE * 0.65, y: SIZE * 0.39 };
  others.forEach(([id, between], place) => {
    const angle = (2 * Math.PI * place) / others.length - Math.PI / 2;
    const at = { x: middle.x + Math.cos(angle) * SIZE * 0.4, y: middle.y + Math.sin(angle) * SIZE * 0.33 };
    const kinds = [...new Set(between.map((one) => one.kind))];
    kinds.forEach((kind, number) => {
      const bend = (number - (kinds.length - 1) / 2) * 26;
      const mid = { x: (middle.x + at.x) / 2 - Math.sin(angle) * bend, y: (middle.y + at.y) / 2 + Math.cos(angle) * bend };
      root.append(svg("path", { class: `edge ${kind}`, d: `M${middle.x},${middle.y}Q${mid.x},${mid.y} ${at.x},${at.y}`, "stroke-width": Math.min(7, 1.2 + between.filter((one) => one.kind === kind).length) }));
    });
    const right = Math.cos(angle) > 0.2;
    const left = Math.cos(angle) < -0.2;
    const text = svg("text", { x: at.x + (right ? 10 : left ? -10 : 0), y: at.y + (right || left ? 4 : Math.sin(angle) > 0 ? 20 : -12), "text-anchor": right ? "start" : left ? "end" : "middle" }, nameOf("companies", id));
    root.append(svg("a", { href: changed({ company: id }), "aria-label": nameOf("companies", id) }, svg("circle", { cx: at.x, cy: at.y, r: 6 }), text));
  });
  root.append(svg("circle", { class: "middle", cx: middle.x, cy: middle.y, r: 10 }), svg("text", { class: "middle", x: middle.x, y: middle.y + 28, "text-anchor": "middle" }, nameOf("companies", company)));
  const legend = [...new Set(relations.map((one) => one.kind))].map((kind) => h("span", { class: `key ${kind}` }, t(KINDS[kind])));
  return h("div", { class: "network" }, root, h("div", { class: "chips" }, ...legend));
}
