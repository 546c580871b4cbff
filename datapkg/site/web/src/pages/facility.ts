// A plant: whose it is and what it makes, how much it can make, what of it was reached and what is planned, and public money for it.

import type { Row } from "../data";
import { h } from "../dom";
import { choosing, facts } from "../facts";
import { figure, marks } from "../format";
import { entryLink, entryOf, nameOf, voiceLink } from "../names";
import { about, cell, rowAddress, small } from "../parts";
import { fieldOf, hasTable, type Table, tableOf, Unknown } from "../site";
import { link } from "../state";
import { t, titleOf } from "../words";
import { headed, names, related, sections, usingEntry } from "./sections";

/** What the page shows in its own way, and sections do not show again. */
const DRAWN: Record<string, (table: Table, rows: Row[]) => Node> = { facility_profiles: profile, facility_milestones: milestones, facility_capacities: capacities, grants };
const OWN = ["facilities", ...Object.keys(DRAWN)];

export async function facilityPage([id = ""]: string[]): Promise<Node> {
  const table = tableOf("facilities");
  const row = entryOf("facilities", id);
  if (!row) throw new Unknown(id);
  const parts = await registered();
  const found = await related("facilities", id);
  const lines = parts.filter((one) => one.site_id === id);
  return h("div", {},
    h("p", { class: "crumb" }, h("a", { href: link("table", ["facilities"]) }, titleOf(table))),
    h("h1", {}, nameOf("facilities", id)),
    h("div", { class: "columns" },
      h("section", { class: "card" }, h("h2", {}, t("about")), registryOf(table, row),
        lines.length ? h("p", {}, `${t("includes")}: `, h("span", { class: "list" }, ...lines.map((one) => entryLink("facilities", one.facility_id)))) : null),
      h("section", { class: "card" }, h("h2", {}, t("names")), await names("facilities", id))),
    ...Object.entries(DRAWN).flatMap(([name, draw]) => found.filter(({ table }) => table.name === name).map(({ table, rows }) => h("section", {}, headed(table, rows.length), draw(table, rows)))),
    ...sections(found, id, OWN),
    usingEntry("facilities", id, found),
  );
}

/** The plants of a company and of those that belong to it, each with what was last reached of it. */
export async function facilitiesOf(company: string): Promise<Node | null> {
  if (!hasTable("facilities")) return null;
  const mine = (await registered()).filter((row) => belongs(row.operator_id, company));
  if (!mine.length) return null;
  const table = tableOf("facilities");
  const reached = hasTable("facility_milestones") ? await facts(tableOf("facility_milestones"), choosing()) : [];
  const last = (id: Row[string] | undefined) => reached.filter((row) => row.facility_id === id && row.forecast === false)
    .reduce<Row | null>((best, row) => (!best || String(row.milestone_period) > String(best.milestone_period) ? row : best), null);
  const fields = ["operator_id", "kind", "place", "country"].flatMap((name) => fieldOf(table, name) ?? []);
  return h("section", {}, headed(table, mine.length), small([t("name"), ...fields.map(titleOf), t("reached")], mine.map((row) => {
    const step = last(row.facility_id);
    return [entryLink("facilities", row.facility_id), ...fields.map((field) => cell(row[field.name], field)),
      step ? h("a", { href: rowAddress(tableOf("facility_milestones"), step) }, `${spoken(step.milestone)} ${step.milestone_period}`) : ""];
  })));
}

/** Whether a company is another one, or belongs to it, over as many steps as owners go up. */
function belongs(one: Row[string] | undefined, owner: string): boolean {
  const seen = new Set<string>();
  for (let id = String(one ?? ""); id && !seen.has(id); id = String(entryOf("companies", id)?.parent_id ?? "")) {
    if (id === owner) return true;
    seen.add(id);
  }
  return false;
}

async function registered(): Promise<Row[]> {
  return facts(tableOf("facilities"), choosing());
}

function registryOf(table: Table, row: Row): HTMLElement {
  const told = table.fields.filter((field) => !/^name_|^l(at|ong)itude$/.test(field.name) && row[field.name] !== null);
  const where = row.latitude === null || row.latitude === undefined ? null : `${row.latitude}, ${row.longitude}`;
  return about([...told.map((field): [string, Node | string] => [titleOf(field), cell(row[field.name], field)]), [t("coordinates"), where]]);
}

function profile(table: Table, rows: Row[]): Node {
  return h("div", {}, ...rows.map((row) => {
    const told = table.fields.filter((field) => !field.bookkeeping && !table.key.includes(field.name) && row[field.name] !== null &&
      !/^amount|^currency$|qualifier$/.test(field.name));
    return h("div", { class: "card" }, about([
      ...told.map((field): [string, Node | string] => [titleOf(field), h("span", {}, cell(row[field.name], field), field.unit ? ` ${field.unit}` : "")]),
      [t("cost"), money(row)], [t("saidBy"), voiceLink(row.voice)],
      [t("claimsBehind"), h("a", { href: rowAddress(table, row) }, "→")],
    ]));
  }));
}

/** A line for each milestone, in the order in which a plant passes them: when it was reached, and when it is to be. */
function milestones(table: Table, rows: Row[]): Node {
  const order = (fieldOf(table, "milestone")?.enum ?? []).map(String);
  const each = [...new Set(rows.map((row) => String(row.milestone)))].sort((one, other) => order.indexOf(one) - order.indexOf(other));
  const when = (milestone: string, forecast: boolean) => {
    const row = rows.find((one) => one.milestone === milestone && one.forecast === forecast);
    return row ? h("span", {}, h("a", { href: rowAddress(table, row) }, String(row.milestone_period)), " ", h("small", {}, voiceLink(row.voice), noted(row))) : "";
  };
  return small([titleOf(fieldOf(table, "milestone") ?? { title: "" }), t("reached"), t("planned")], each.map((one) => [spoken(one), when(one, false), when(one, true)]));
}

function capacities(table: Table, rows: Row[]): Node {
  const newest = [...rows].sort((one, other) => (String(one.period_start) < String(other.period_start) ? 1 : -1));
  return small([t("period"), t("basis"), titleOf(fieldOf(table, "wafers") ?? { title: "" }), titleOf(fieldOf(table, "wafer_mm") ?? { title: "" }), t("voice"), ""], newest.map((row) => [
    h("a", { href: rowAddress(table, row) }, String(row.period)), spoken(row.basis), figure(row, "wafers", "wafers_low", "wafers_high"),
    row.wafer_mm === null ? "" : `${row.wafer_mm} mm`, voiceLink(row.voice), marks(row).map(t).join(", ")]), [2]);
}

function grants(table: Table, rows: Row[]): Node {
  const heads = ["date", "programme", "form", "stage", "amount", "company_id", "authority_id"].map((name) => titleOf(fieldOf(table, name) ?? { title: name }));
  const newest = [...rows].sort((one, other) => (String(one.date) < String(other.date) ? 1 : -1));
  return small([...heads, ""], newest.map((row) => [h("a", { href: rowAddress(table, row) }, String(row.date ?? "→")), String(row.programme ?? ""), spoken(row.form), spoken(row.stage),
    money(row), entryLink("companies", row.company_id), entryLink("companies", row.authority_id), marks(row).map(t).join(", ")]), [4]);
}

function money(row: Row): string {
  return figure(row, "amount", "amount_low", "amount_high", String(row.currency ?? ""));
}

function noted(row: Row): string {
  const told = marks(row).filter((name) => name !== "forecast").map(t).join(", ");
  return told ? ` · ${told}` : "";
}

/** A word of a list, such as ground_broken, as people write it. */
function spoken(value: Row[string] | undefined): string {
  return value === null || value === undefined ? "" : String(value).replaceAll("_", " ");
}
