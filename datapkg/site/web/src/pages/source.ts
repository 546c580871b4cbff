// A source with its claims, and a claim with the rows that it feeds; both can be proven against a copy of the page.

import { type Row, rowsOf } from "../data";
import { h, outward } from "../dom";
import { indexed } from "../facts";
import { certainty } from "../format";
import { voiceLink } from "../names";
import { about, rowAddress, rowTitle, small } from "../parts";
import { proven, textOf } from "../proof";
import { fieldOf, site, tableOf, Unknown } from "../site";
import { known, link } from "../state";
import { using } from "../using";
import { t, titleOf } from "../words";

export async function sourcePage([id = ""]: string[]): Promise<Node> {
  const source = (await indexed("sources", "source_id")).get(id);
  if (!source) throw new Unknown(id);
  if (later(source)) return unknownYet(String(source.title ?? id));
  const claims = (await rowsOf(tableOf("claims").file)).filter((row) => row.source_id === id);
  return h("div", {},
    h("p", { class: "crumb" }, h("a", { href: link("table", ["sources"]) }, t("sources"))),
    h("h1", {}, String(source.title ?? id)),
    h("section", { class: "card" }, sourceAbout(source)),
    proof(claims),
    h("h2", {}, `${t("claims")} (${claims.length})`),
    small([t("claim"), t("kind"), t("certainty"), t("saidBy")], claims.map((row) => [
      h("a", { href: link("claim", String(row.claim_id).split("/")) }, String(row.says)), String(row.kind), certainty(row.certainty), voiceLink(row.said_by)])),
    using({ table: tableOf("claims"), conditions: [["source_id", "==", id]], rows: claims }, { table: tableOf("sources"), conditions: [["source_id", "==", id]], rows: [source] }),
  );
}

/** Whether a source was published after the day of the page. */
function later(source: Row): boolean {
  return String(source.known_from ?? "") > (known() ?? "9999");
}

function unknownYet(name: string): HTMLElement {
  return h("div", {}, h("h1", {}, name), h("p", { class: "notice" }, t("missingKey")));
}

function sourceAbout(source: Row): HTMLElement {
  const text = (name: string) => (source[name] === null || source[name] === undefined ? null : String(source[name]));
  return about([
    [t("publisher"), text("publisher")], [t("published"), text("published")], [t("known"), text("known_from")],
    [t("retrieved"), text("retrieved")], [t("kind"), text("kind")], [t("tier"), text("tier")], [t("language"), text("language")],
    [t("url"), source.url ? outward(String(source.url)) : null], ...["verified_on", "text_sha256"].map((name): [string, string | null] => [named("sources", name), text(name)]),
  ]);
}

export async function claimPage(parts: string[]): Promise<Node> {
  const id = parts.join("/");
  const claim = (await indexed("claims", "claim_id")).get(id);
  if (!claim) throw new Unknown(id);
  const source = (await indexed("sources", "source_id")).get(String(claim.source_id)) ?? {};
  if (later(source)) return unknownYet(id);
  const corrections = (await rowsOf(tableOf("corrections").file)).filter((row) => row.claim_id === id);
  const text = (name: string) => (claim[name] === null || claim[name] === undefined ? null : String(claim[name]));
  const place = claim.char_start === null ? null : `${claim.char_start}–${claim.char_end}`;
  return h("div", {},
    h("p", { class: "crumb" }, h("a", { href: link("source", [String(claim.source_id)]) }, String(source.title ?? claim.source_id))),
    h("h1", { class: "says" }, String(claim.says)),
    h("section", { class: "card" }, about([
      [t("claim"), id], [t("kind"), text("kind")], [t("certainty"), certainty(claim.certainty)],
      [t("saidBy"), claim.said_by ? voiceLink(claim.said_by) : null], [t("vintage"), text("vintage")], [t("inferred"), text("inferred")],
      [t("published"), source.published ? `${source.publisher}, ${source.published}` : null], [t("known"), source.known_from ? String(source.known_from) : null],
      [t("page"), source.url ? outward(String(source.url)) : null], [t("place"), place],
      ...["quote_sha256", "quote_chars", "recorded_in"].map((name): [string, string | null] => [named("claims", name), text(name)]),
    ])),
    ...corrections.map((row) => h("p", { class: "notice" }, h("strong", {}, t("correction")), ` ${row.field}: “${row.said}” → “${row.value}”. ${row.reason}`)),
    h("h2", {}, t("feeds")),
    h("ul", {}, ...(await fed(claim))),
    proof([claim]),
    using({ table: tableOf("claims"), conditions: [["claim_id", "==", id]], rows: [claim] }),
  );
}

/** The title of a column. */
function named(table: string, name: string): string {
  return titleOf(fieldOf(tableOf(table), name) ?? { title: name });
}

/** Links to the rows that a claim feeds. */
async function fed(claim: Row): Promise<Node[]> {
  const able = site.tables.filter((table) => table.observations && table.kind === claim.kind);
  const found = await Promise.all(able.map(async (table) => {
    const rows = table.observations ? await rowsOf(table.observations) : [];
    return rows.filter((row) => row.claim_id === claim.claim_id).map((row) =>
      h("li", {}, `${titleOf(table)}: `, h("a", { href: rowAddress(table, row) }, rowTitle(table, row) || String(row.claim_id))));
  }));
  return found.flat();
}

/** A place to drop a copy of the article on. */
function proof(claims: Row[]): HTMLElement {
  const able = claims.filter((row) => row.quote_sha256);
  const title = h("h2", {}, t("proof"));
  if (!able.length) return h("section", {}, title, h("p", { class: "notice" }, t("proofNone")));
  if (!globalThis.crypto?.subtle) return h("section", {}, title, h("p", { class: "notice" }, t("proofOff")));
  const result = h("div", { role: "status", class: "proof-result" });
  const input = h("input", { type: "file", id: "copy", accept: ".html,.htm,.xhtml,.txt,.md,text/html,text/plain",
    change: () => input.files?.[0] && void look(input.files[0], able, result) });
  const zone = h("div", { class: "drop" }, h("label", { for: "copy" }, t("proofHelp")), input);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (file) void look(file, able, result);
  });
  return h("section", {}, title, zone, result);
}

async function look(file: File, claims: Row[], result: HTMLElement): Promise<void> {
  result.replaceChildren(h("p", {}, t("working")));
  try {
    const text = textOf(file.name, new Uint8Array(await file.arrayBuffer()));
    const lines: Node[] = [];
    for (const claim of claims) {
      const number = (name: string) => (typeof claim[name] === "number" ? (claim[name] as number) : null);
      const found = await proven(text, { sha256: String(claim.quote_sha256), chars: number("quote_chars"), start: number("char_start"), end: number("char_end") });
      const places = found.places.map(([start, end]) => h("blockquote", {}, text.slice(start, end).join("")));
      const good = found.state !== "missing";
      lines.push(h("div", { class: good ? "proven yes" : "proven no" },
        h("p", {}, h("strong", {}, t(good ? "proofFound" : "proofMissing")), ` — ${claim.claim_id} (${found.state})`),
        good ? h("code", {}, String(claim.quote_sha256)) : null, ...places));
      result.replaceChildren(...lines);
    }
  } catch (error) {
    result.replaceChildren(h("p", { class: "notice" }, `${file.name}: ${error instanceof Error ? error.message : error}`));
  }
}
