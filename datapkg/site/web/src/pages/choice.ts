// Which of several values of a column a page shows: kept in the address, with links to the others.

import type { Row } from "../data";
import { h } from "../dom";
import { changed, state } from "../state";
import { t, type Word } from "../words";

/** What lengths of periods are called. */
export const SPANS: Record<string, Word> = { Q: "quarter", H: "half", M: "month", Y: "years", "–": "span" };

/** Which of several values of a column the page shows: what is asked, else one that comes first or has most rows; with links. */
export function choice(name: string, rows: Row[], label: string, first = ""): { value: string; links: Node } {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(String(row[name]), (counts.get(String(row[name])) ?? 0) + 1);
  const values = [...counts].sort(([, one], [, other]) => other - one).map(([value]) => value);
  const asked = state.asked.get(name) ?? "";
  const value = [asked, first].find((one) => values.includes(one)) ?? values[0] ?? "";
  const links = values.map((one) => h("a", { href: changed({ [name]: one }), "aria-current": one === value ? "true" : null }, SPANS[one] ? t(SPANS[one]) : one));
  return { value, links: h("div", { class: "choice" }, h("span", {}, label), ...links) };
}
