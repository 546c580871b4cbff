// Search over names in every language, identifiers, and what claims say: folded texts, looked through in one pass.
//
// No index is built: 100,000 claims are looked through in some ten milliseconds, and part of a Korean word is found.

import { type Row, rowsOf } from "../data";
import { h } from "../dom";
import { facts } from "../facts";
import { companyIdentifiers, type Identifier, ownIdentifiers, schemeName, spellings } from "../identifiers";
import { entryAddress, entryOf, nameOf, registries } from "../names";
import { hasTable, site, tableOf } from "../site";
import { known, link, state } from "../state";
import { usingLines } from "../using";
import { t, titleOf } from "../words";

const MOST = 60;

/** A name of an entry; `told` is what is said of it beside its name, where it is an identifier. */
interface Named {
  text: string;
  registry: string;
  id: string;
  told: string;
}

let folded: Named[] | null = null;
const claimTexts = new WeakMap<Row[], string[]>();

export function fold(text: string): string {
  if (/^[\u0020-\u007e\uac00-\ud7a3]*$/.test(text)) return text.toLowerCase(); // most are plain, and normalising takes its time
  return text.normalize("NFKD").replace(/\p{Diacritic}/gu, "").normalize("NFC").toLocaleLowerCase();
}

async function entries(): Promise<Named[]> {
  if (folded) return folded;
  const found: Named[] = [];
  const add = (registry: string, id: string, identifier: Identifier) =>
    found.push(...spellings(identifier).map((text) => ({ text: fold(text), registry, id, told: `${schemeName(identifier.scheme)} ${identifier.value}` })));
  for (const registry of registries()) {
    const table = tableOf(registry);
    for (const row of await rowsOf(table.file)) {
      const id = String(row[table.key[0] ?? ""]);
      for (const name of [id, row.name_en, row.name_ko, row.term_en, row.term_ko]) {
        if (name) found.push({ text: fold(String(name)), registry, id, told: "" });
      }
      for (const one of ownIdentifiers(row)) add(registry, id, one);
    }
  }
  const aliases = hasTable("aliases") ? await rowsOf(tableOf("aliases").file) : [];
  for (const row of aliases) found.push({ text: fold(String(row.alias)), registry: String(row.entity_type), id: String(row.entity_id), told: "" });
  for (const [id, one] of await companyIdentifiers()) add("companies", id, one);
  folded = found;
  return found;
}

/** The entries whose names or identifiers hold what is looked for, the closest first. */
export async function entriesFor(asked: string): Promise<Named[]> {
  const wanted = fold(asked.trim());
  if (!wanted) return [];
  const rank = (text: string) => (text === wanted ? 0 : text.startsWith(wanted) ? 1 : 2);
  const hits = (await entries()).filter((entry) => (entry.told ? entry.text.startsWith(wanted) : entry.text.includes(wanted)) && entryOf(entry.registry, entry.id));
  hits.sort((one, other) => rank(one.text) - rank(other.text) || one.text.length - other.text.length);
  const found = new Map<string, Named>();
  for (const hit of hits) if (!found.has(`${hit.registry}/${hit.id}`)) found.set(`${hit.registry}/${hit.id}`, hit);
  return [...found.values()];
}

/** The claims that say every word that is looked for. */
export function claimsFor(rows: Row[], asked: string): Row[] {
  const words = fold(asked).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const texts = textsOf(rows);
  const found: Row[] = [];
  for (let place = 0; place < rows.length && found.length < 5000; place++) {
    const text = texts[place] ?? "";
    if (words.every((word) => text.includes(word))) found.push(rows[place] as Row);
  }
  return found;
}

/** What claims say, folded once. */
function textsOf(rows: Row[]): string[] {
  let texts = claimTexts.get(rows);
  if (!texts) {
    texts = rows.map((row) => fold(`${row.says} ${row.claim_id}`));
    claimTexts.set(rows, texts);
  }
  return texts;
}

/** Makes ready what a search reads, while its words are typed; what goes wrong is told by the search itself. */
export function prepare(): void {
  facts(tableOf("claims"), { known: known(), policy: "preferred" }).then(textsOf, () => {});
}

export async function searchPage(): Promise<Node> {
  const asked = state.asked.get("q") ?? "";
  const [names, claims] = await Promise.all([entriesFor(asked), facts(tableOf("claims"), { known: known(), policy: "preferred" }).then((rows) => claimsFor(rows, asked))]);
  return h("div", {}, h("h1", {}, `${t("hits")}: ${asked}`),
    !names.length && !claims.length ? h("p", { class: "notice" }, t("searchNone")) : null,
    names.length ? h("ul", { class: "hits" }, ...names.slice(0, MOST).map((hit) => h("li", {}, h("a", { href: entryAddress(hit.registry, hit.id) }, nameOf(hit.registry, hit.id)), h("small", {}, ` ${[titleOf(tableOf(hit.registry)), hit.told].filter(Boolean).join(" · ")}`)))) : null,
    claims.length ? h("h2", {}, `${t("claims")} (${claims.length})`) : null,
    h("ul", { class: "hits claims-found" }, ...claims.slice(0, MOST).map((row) => h("li", {}, h("a", { href: link("claim", String(row.claim_id).split("/")) }, String(row.says)), h("small", {}, ` ${row.source_id}`)))),
    usingLines({ Python: `import datapkg\ndf = datapkg.find(${JSON.stringify(asked)}, version="${site.version}")` }));
}
