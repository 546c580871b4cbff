// Facts as points and lines of a chart.

import type { Point, Series } from "./chart";
import { grouped, type Row } from "./data";
import { keyText } from "./facts";
import { figure, marks } from "./format";
import { voiceName } from "./names";
import { rowAddress } from "./parts";
import type { Table } from "./site";
import { t } from "./words";

export type Figures = readonly [value: string, low: string, high: string];
export const PLAIN = { share: ["share_pct", "share_low_pct", "share_high_pct"], size: ["amount", "amount_low", "amount_high"] } as const;

/** How long a period is: year, half, quarter, month or other. */
export function length(row: Row): string {
  const text = String(row.period);
  if (/^\d{4}$/.test(text)) return "Y";
  return /-(Q|H)\d$/.exec(text)?.[1] ?? (/^\d{4}-\d\d$/.test(text) ? "M" : "–");
}

export function point(table: Table, row: Row, [value, low, high]: Figures, unit: string): Point {
  const number = (name: string) => (typeof row[name] === "number" ? (row[name] as number) : null);
  const notes = [voiceName(row.voice), ...marks(row).map(t), row.earlier ? `${t("was")} ${row.earlier}` : ""].filter(Boolean).join(" · ");
  return {
    start: String(row.period_start), end: String(row.period_end), label: String(row.period), value: number(value), low: number(low), high: number(high),
    text: figure(row, value, low, high, unit), notes, href: rowAddress(table, row),
  };
}

/** The rows, those that their voice has revised with what it said before, and when, the last of it first. */
export function withEarlier(table: Table, rows: Row[], every: Row[], [value, low, high]: Figures, unit: string): Row[] {
  const said = grouped(every, (row) => `${keyText(row, table.key)}\u0000${row.voice}`);
  return rows.map((row) => {
    const before = row.revised === true ? (said.get(`${keyText(row, table.key)}\u0000${row.voice}`) ?? []) : [];
    const older = before.filter((one) => String(one.vintage) < String(row.vintage)).sort((one, other) => (String(one.vintage) < String(other.vintage) ? 1 : -1));
    const texts = new Map(older.map((one) => [figure(one, value, low, high, unit), `${figure(one, value, low, high, unit)} (${one.vintage})`]));
    texts.delete(figure(row, value, low, high, unit));
    return { ...row, earlier: [...texts.values()].join(", ") || null };
  });
}

export function told(rows: Row[], figures: Figures): Row[] {
  return rows.filter((row) => figures.some((name) => row[name] !== null));
}

/** What happened as a line, and what was foreseen as a dashed one that begins where the first one ends. */
export function lines(table: Table, rows: Row[], figures: Figures, unit: string, named: { id: string; label: string; color: string }): Series[] {
  const points = (forecast: boolean) => rows.filter((row) => row.forecast === forecast && row.superseded !== true).map((row) => point(table, row, figures, unit));
  const past = points(false);
  const ahead = points(true);
  const found: Series[] = [];
  if (past.length) found.push({ ...named, style: "lead", points: past });
  if (ahead.length) found.push({ ...named, style: past.length ? "forecast" : "lead", label: past.length ? `${named.label} (${t("forecast")})` : named.label, points: ahead });
  return found;
}
