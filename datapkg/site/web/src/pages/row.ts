// One row, and the claims behind it: what each says, whose it is, what it supplies, and why another was used.

import type { Row } from "../data";
import { h, outward } from "../dom";
import { type Claim, choosing, facts, keyText, trace } from "../facts";
import { certainty, shown } from "../format";
import { voiceLink } from "../names";
import { about, badges, cell, rowTitle } from "../parts";
import { fieldOf, type Table, tableOf } from "../site";
import { link } from "../state";
import { type Condition, using } from "../using";
import { headOf, meaningOf, t, titleOf } from "../words";

export async function rowPage([name = "", ...values]: string[]): Promise<Node> {
  const table = tableOf(name);
  const key: Row = Object.fromEntries(table.key.map((column, place) => [column, values[place] ?? ""]));
  const view = choosing();
  const row = (await facts(table, view)).find((one) => keyText(one, table.key) === keyText(key, table.key));
  const claims = await trace(table, key, view);
  const title = h("h1", {}, rowTitle(table, row ?? key));
  const crumb = h("p", { class: "crumb" }, h("a", { href: link("table", [name]) }, titleOf(table)));
  if (!row) return h("div", {}, crumb, title, h("p", { class: "notice" }, t("missingKey")));
  const inferred = new Set(String(row.inferred ?? "").split(" "));
  const values_ = table.fields.filter((field) => !field.bookkeeping && row[field.name] !== null);
  const keeping = table.fields.filter((field) => field.bookkeeping && row[field.name] !== null && field.name !== "inferred");
  const told = (fields: typeof values_) => about(fields.map((field) => [headOf(field), h("span", { title: `${field.name}: ${meaningOf(field)}` },
    cell(row[field.name], field), field.unit ? ` ${field.unit}` : "",
    inferred.has(field.name) ? h("span", { class: "badge inferred" }, t("inferred")) : null)]));
  return h("div", {}, crumb, title, badges(row),
    h("div", { class: "columns" }, h("section", { class: "card" }, told(values_)), h("section", { class: "card quiet" }, told(keeping))),
    h("h2", {}, `${t("claimsBehind")} (${claims.length})`),
    h("ol", { class: "claims" }, ...claims.map((claim) => h("li", { class: claim.lostBy === null ? "card first" : "card" }, claimCard(claim, table)))),
    using({ table, conditions: key_conditions(table, row), rows: [row], more: `claims = datapkg.trace("${name}", df.iloc[0])` }),
  );
}

function key_conditions(table: Table, row: Row): Condition[] {
  return table.key.map((name) => [name, "==", row[name] ?? null]);
}

/** A claim as a card: what it says, whose it is, what became of it, its corrections, its page. */
export function claimCard(claim: Claim, table: Table): HTMLElement {
  const { observation, source } = claim;
  const differs = claim.disagreesOn.map((column, place) => `${column} (${claim.kinds[place] ?? ""})`).join(", ");
  const leading = table.leading.length ? table.leading : table.fields.filter((field) => !field.bookkeeping && !table.key.includes(field.name)).map((field) => field.name).slice(0, 4);
  const stated = leading.filter((name) => observation[name] !== null && observation[name] !== undefined)
    .map((name) => `${name} ${shown(observation[name], fieldOf(table, name))}`).join(" · ");
  return h("article", {},
    h("p", { class: "says" }, h("a", { href: link("claim", claim.id.split("/")) }, String(claim.claim.says ?? claim.id))),
    h("p", { class: "by" }, voiceLink(observation.voice), ...[observation.attribution, observation.tier, certainty(observation.certainty), observation.vintage && `${t("vintage")} ${observation.vintage}`,
      observation.known_from && `${t("known")} ${observation.known_from}`].filter(Boolean).map((part) => ` · ${part}`)),
    stated ? h("p", { class: "stated" }, stated) : null,
    h("p", { class: "fate" },
      claim.lostBy === null ? h("span", { class: "badge chosen" }, t("chosen")) : null,
      claim.usedFor.length ? h("span", {}, `${t("supplies")} ${claim.usedFor.join(", ")}. `) : null,
      differs ? h("span", { class: "badge disputed" }, `${t("other")}: ${differs}`) : null,
      claim.lostBy ? h("span", {}, `${t("lostBy")}: ${claim.lostBy}`) : null),
    observation.inferred ? h("p", { class: "note" }, `${t("inferred")}: ${observation.inferred}`) : null,
    ...claim.corrections.map((row) => h("p", { class: "note" }, h("strong", {}, t("correction")), ` ${row.field}: “${row.said}” → “${row.value}”. ${row.reason}`)),
    sourceLine(source),
  );
}

export function sourceLine(source: Row): HTMLElement {
  return h("p", { class: "source" }, h("a", { href: link("source", [String(source.source_id)]) }, String(source.title ?? source.source_id)),
    ` — ${source.publisher ?? ""}, ${source.published ?? ""} `, source.url ? outward(String(source.url), "↗") : null);
}
