// What registers outside call a company, and the pages on which they show it to anybody. A link asks for nothing until it is followed.

import { type Row, rowsOf } from "./data";
import { outward } from "./dom";
import { hasTable, tableOf } from "./site";
import { t } from "./words";

/** The addresses of the registers that have a page for each of their identifiers, which comes last in it. */
const PUBLIC: Record<string, string> = {
  lei: "https://search.gleif.org/#/record/", wikidata: "https://www.wikidata.org/wiki/", ror: "https://ror.org/",
  cik: "https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&CIK=", dart: "https://dart.fss.or.kr/dsae001/selectPopup.ax?selectKey=",
  jp_corporate_number: "https://www.houjin-bangou.nta.go.jp/henkorireki-johoto.html?selHouzinNo=", website: "",
};
/** Columns of registries that hold an identifier, and what it is one of. */
const COLUMNS: Record<string, string> = { lei: "lei", wikidata_id: "wikidata", ticker: "ticker" };

export interface Identifier {
  scheme: string;
  value: string;
  /** From when on it holds, and where it was seen, as far as somebody says so. */
  from: string;
  seen: string;
}

/** The identifiers that a row of a registry holds. */
export function ownIdentifiers(row: Row): Identifier[] {
  return Object.entries(COLUMNS).filter(([column]) => row[column]).map(([column, scheme]) => ({ scheme, value: String(row[column]), from: "", seen: "" }));
}

/** The identifiers of all companies, by company. */
export async function companyIdentifiers(): Promise<[string, Identifier][]> {
  if (!hasTable("company_identifiers")) return [];
  const text = (row: Row, name: string) => String(row[name] ?? "");
  return (await rowsOf(tableOf("company_identifiers").file)).map((row) => [text(row, "company_id"),
    { scheme: text(row, "scheme"), value: text(row, "value"), from: text(row, "valid_from"), seen: text(row, "source") }]);
}

/** An identifier as a link to its page at the register; as text where there is none. */
export function outside({ scheme, value }: Identifier): Node {
  const address = PUBLIC[scheme];
  return address === undefined ? document.createTextNode(value) : outward(address + (address ? encodeURIComponent(value) : value), value);
}

export function schemeName(scheme: string): string {
  const names: Record<string, string> = { ticker: t("ticker"), website: t("website"), jp_corporate_number: t("corporateNumber"), wikidata: "Wikidata", cik: "CIK (SEC)" };
  return names[scheme] ?? scheme.toUpperCase();
}

/** How people write an identifier: a ticker without its exchange, a number without zeros in front. */
export function spellings({ scheme, value }: Identifier): string[] {
  if (scheme === "ticker") return [value, value.slice(value.indexOf(":") + 1)];
  return scheme === "cik" || scheme === "dart" ? [value, value.replace(/^0+/, "")] : [value];
}
