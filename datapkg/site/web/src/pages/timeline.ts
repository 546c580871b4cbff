// What happened and what is planned, by time: meetings, visits, deals, plans, events of companies and products.

import { grouped, type Row } from "../data";
import { h } from "../dom";
import { choosing, facts } from "../facts";
import { entryLink, entryOf, nameOf } from "../names";
import { badges, counted, rowAddress, rowTitle } from "../parts";
import { hasTable, type Table, tableOf } from "../site";
import { changed, language, replace, state } from "../state";
import { type Condition, type Offer, using } from "../using";
import { t, titleOf } from "../words";

/** The tables of events, and the columns that say when, the first that says something. */
const EVENTS: Record<string, string[]> = {
  meetings: ["date"], visits: ["start_date"], deals: ["date", "term"], plans: ["target_period"],
  company_events: ["date"], product_events: ["date", "period"], facility_milestones: ["milestone_period"], grants: ["date"],
};
/** Who takes part in an event, where another table says so. */
const PARTIES: Record<string, string> = { meetings: "meeting_companies", deals: "deal_parties" };
const MOST = 300;

interface Happening {
  table: Table;
  row: Row;
  when: string;
  parties: string[];
}

export async function timelinePage(): Promise<Node> {
  const every = (await Promise.all(Object.keys(EVENTS).filter(hasTable).map(happenings))).flat();
  const kind = state.asked.get("kind") ?? "";
  const company = state.asked.get("company") ?? "";
  let found = every.filter((one) => (!kind || one.table.name === kind) && (!company || one.parties.includes(company)));
  const offers = [...grouped(found, (one) => one.table.name).values()].map((mine) => offered(mine, company));
  found = found.filter((one) => one.when).sort((one, other) => (one.when < other.when ? 1 : -1));
  const many = grouped(every.flatMap((one) => one.parties), (id) => id);
  const select = h("select", { "aria-label": t("company"), change: () => replace({ company: select.value }) }, h("option", { value: "" }, t("anyone")),
    ...[...many.keys()].map((id): [string, string] => [id, nameOf("companies", id)]).sort(([, one], [, other]) => one.localeCompare(other, language()))
      .map(([id, name]) => h("option", { value: id }, `${name} (${many.get(id)?.length})`)));
  select.value = company;
  const kinds = ["", ...Object.keys(EVENTS).filter(hasTable)].map((name) => h("a", { href: changed({ kind: name }), "aria-current": name === kind ? "true" : null }, name ? titleOf(tableOf(name)) : t("allKinds")));
  const years = grouped(found.slice(0, MOST), (one) => one.when.slice(0, 4) || "–");
  return h("div", {}, h("h1", {}, t("timeline")),
    h("div", { class: "choices" }, h("div", { class: "choice" }, ...kinds), h("label", {}, `${t("company")} `, select)),
    found.length ? h("p", { class: "note", role: "status" }, counted(found.length, MOST)) : h("p", { class: "notice" }, t("empty")),
    ...[...years].map(([year, mine]) => h("section", { class: "year" }, h("h2", {}, year), h("ol", { class: "timeline" }, ...mine.map(line)))),
    offers.length ? using(...offers) : null);
}

/** The events of a table; of one company by what is the same for all of them, or by their ids. */
function offered(mine: Happening[], company: string): Offer {
  const { table } = mine[0] as Happening;
  const rows = mine.map((one) => one.row);
  const whole = table.fields.find((field) => field.target === "companies" && rows.every((row) => row[field.name] === company));
  const key = table.key[0] ?? "";
  const chosen: Condition = whole ? [whole.name, "==", company] : [key, "in", [...new Set(rows.map((row) => row[key] ?? null))]];
  return { table, rows, conditions: company ? [chosen] : [] };
}

async function happenings(name: string): Promise<Happening[]> {
  const table = tableOf(name);
  const view = choosing();
  const parties = PARTIES[name];
  const taking = parties && hasTable(parties) ? grouped(await facts(tableOf(parties), view), (row) => String(row[table.key[0] ?? ""])) : new Map<string, Row[]>();
  return (await facts(table, view)).map((row) => {
    const when = (EVENTS[name] ?? []).map((column) => row[column]).find((value) => value);
    const own = table.fields.filter((field) => field.target === "companies").map((field) => String(row[field.name] ?? ""));
    const also = (taking.get(String(row[table.key[0] ?? ""])) ?? []).map((one) => String(one.company_id));
    const runs = String(entryOf("facilities", row.facility_id)?.operator_id ?? "");
    return { table, row, when: String(when ?? ""), parties: [...new Set([...own, ...also, runs])].filter(Boolean) };
  });
}

function line({ table, row, when, parties }: Happening): HTMLElement {
  const what = [row.object, row.topic, row.event, row.purpose, row.place].find((value) => value);
  return h("li", {}, h("time", { datetime: /^\d{4}(-\d\d){0,2}$/.test(when) ? when : null }, when), h("div", {}, h("span", { class: "badge" }, titleOf(table)), " ",
    h("a", { href: rowAddress(table, row) }, what ? String(what) : rowTitle(table, row)), " ", badges(row), row.status ? h("small", {}, ` ${row.status}`) : null,
    parties.length ? h("div", { class: "list" }, ...parties.map((id) => entryLink("companies", id))) : null));
}
