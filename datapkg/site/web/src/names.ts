// Names for ids, in the language of the interface, and the pages that ids lead to.

import { indexed } from "./facts";
import type { Row, Value } from "./data";
import { h } from "./dom";
import { hasTable, site, tableOf } from "./site";
import { language, link } from "./state";
import { t } from "./words";

/** The registries whose entries have names, and the columns with their ids. */
const REGISTRIES: Record<string, string> = {
  companies: "company_id", markets: "market_id", people: "person_id", products: "product_id",
  segments: "segment_id", alliances: "alliance_id", terms: "term_id", facilities: "facility_id",
};

const FED = new Set(["companies", "markets"]);
const entries = new Map<string, Map<string, Row>>();

export async function loadNames(): Promise<void> {
  const have = Object.entries(REGISTRIES).filter(([table]) => hasTable(table));
  await Promise.all(
    have.map(async ([table, column]) => {
      const key = tableOf(table).key[0] ?? column;
      entries.set(table, await indexed(table, key));
    }),
  );
}

export function registries(): string[] {
  return [...entries.keys()];
}

export function entryOf(registry: string, id: Value | undefined): Row | undefined {
  return entries.get(registry)?.get(String(id));
}

/** The name of an entry; the id itself where none is known. */
export function nameOf(registry: string, id: Value | undefined): string {
  if (id === null || id === undefined) return "";
  const row = entryOf(registry, id);
  const own = language() === "ko" ? (row?.name_ko ?? row?.term_ko) : null;
  return String(own ?? row?.name_en ?? row?.term_en ?? id);
}

/** The name of a voice, which is a company, a person, or a publisher that no registry knows. */
export function voiceName(voice: Value | undefined): string {
  if (entryOf("companies", voice)) return nameOf("companies", voice);
  return entryOf("people", voice) ? nameOf("people", voice) : String(voice ?? "");
}

export function entryLink(registry: string, id: Value | undefined): Node | string {
  const name = nameOf(registry, id);
  return entryOf(registry, id) ? h("a", { href: entryAddress(registry, String(id)) }, name) : name;
}

export function entryAddress(registry: string, id: string): string {
  if (registry === "markets") return link("market", [id]);
  if (registry === "companies") return link("company", [id]);
  if (registry === "facilities") return link("facility", [id]);
  if (registry === "sources") return link("source", [id]);
  return link("entry", [registry, id]);
}

/** A way to the Atom feed of a company or a market, in a site that has feeds. */
export function feedLink(registry: string, id: string): HTMLElement | null {
  return site.feeds && FED.has(registry) ? h("a", { class: "button", href: `feeds/${registry}/${encodeURIComponent(id)}.atom`, type: "application/atom+xml" }, t("feed")) : null;
}

export function voiceLink(voice: Value | undefined): Node | string {
  if (entryOf("companies", voice)) return entryLink("companies", voice);
  return entryOf("people", voice) ? entryLink("people", voice) : voiceName(voice);
}
