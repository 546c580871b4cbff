// Values as people read them; the exact value stays in the table files and in the CSV.

import type { Row, Value } from "./data";
import type { Field } from "./site";
import { language } from "./state";
import { t, type Word } from "./words";

const HEDGES: Record<string, string> = { about: "≈ ", at_least: "≥ ", up_to: "≤ ", more_than: "> ", less_than: "< " };

/** A number with at most two digits behind the point, grouped, in the language of the interface. */
export function number(value: number, digits = 2): string {
  return new Intl.NumberFormat(language(), { maximumFractionDigits: digits }).format(value);
}

/** A large number in short: 1.2T, 1.2조. */
export function short(value: number): string {
  if (Math.abs(value) < 10_000) return number(value);
  return new Intl.NumberFormat(language(), { notation: "compact", maximumFractionDigits: 2 }).format(value);
}

/** A value for a cell. */
export function shown(value: Value | undefined, field?: Field): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "✓" : "–";
  if (typeof value !== "number") return String(value);
  if (field?.type === "integer" && !field.unit) return String(value);
  return Math.abs(value) >= 1e6 ? short(value) : number(value, 4);
}

/** The figure of a row with its hedge or range, such as "≈ 12 %" or "10–12 %". */
export function figure(row: Row, value: string, low: string, high: string, unit = ""): string {
  const suffix = unit ? ` ${unit}` : "";
  const one = row[value];
  if (typeof one === "number") return `${HEDGES[String(row.qualifier ?? "")] ?? ""}${short(one)}${suffix}`;
  const [from, to] = [row[low], row[high]];
  if (typeof from === "number" && typeof to === "number") return `${short(from)}–${short(to)}${suffix}`;
  if (typeof from === "number") return `> ${short(from)}${suffix}`;
  return typeof to === "number" ? `< ${short(to)}${suffix}` : "";
}

/** What is said of a fact beside its value. */
export function marks(row: Row): Word[] {
  const flags: Word[] = ["forecast", "disputed", "revised", "superseded", "stale"];
  return flags.filter((name) => row[name] === true);
}

/** Rows as CSV, as the mirror of a release has them: dates and numbers plain, nothing for what is missing. */
export function csv(rows: Row[], columns: string[]): string {
  return csvOf(columns, rows.map((row) => columns.map((name) => row[name] ?? null)));
}

export function csvOf(columns: string[], rows: Value[][]): string {
  const cell = (value: Value) => {
    const text = value === null ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

export function certainty(value: Value | undefined): string {
  return value === "asserted" || value === "reported" || value === "speculated" ? t(value) : "";
}
