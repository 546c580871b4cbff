// Facts and claims under a day and a policy, with the rows of load(known_by=, policy=) and the claims of trace.
//
// Nothing is consolidated here. The histories, made by datapkg's own policy with the site, say from which day on a row
// stands; what is left to do is to take the last one of each key.

import { once, type Row, type Rows, rowsIn, rowsOf, type Value } from "./data";
import { site, type Table, tableOf } from "./site";
import { known, policy } from "./state";

/** The day by the end of which it was known (null: all that is known), and the policy. */
export interface View {
  known: string | null;
  policy: string;
}

export const PREFERRED = "preferred";
/** One row per claim. */
export const ALL = "all";
const NOT_OF_THE_TABLE = new Set(["policy", "known_day", "stale_from"]);

/** What the address asks for. */
export function asked(): View {
  return { known: known(), policy: policy() };
}

/** The same, for what shows facts only: a policy that chooses. */
export function choosing(): View {
  return { known: known(), policy: policy() === ALL ? PREFERRED : policy() };
}

/** Whether a table says what was known when. */
export function dated(table: Table): boolean {
  return table.role === "fact" || table.name === "sources" || table.name === "claims";
}

/** Tables with more rows than these are read as far as they are looked at. */
const MANY = 100_000;

/** The rows of a long table under a view that shows them as they are, read as they are asked for; null for all others. */
export function scrolled(table: Table, view: View): Rows | null {
  const chosen = table.role === "fact" && view.policy !== PREFERRED;
  const plain = !chosen && !(view.known && dated(table));
  return plain && table.rows > MANY ? rowsIn(table.file, table.rows) : null;
}

export async function facts(table: Table, view: View): Promise<Row[]> {
  if (table.role !== "fact" || !table.history || !table.observations) return recorded(table, view.known);
  if (view.policy === ALL) return published(await rowsOf(table.observations), view.known);
  if (view.policy === PREFERRED && !view.known) return rowsOf(table.file);
  const day = view.known ?? "9999";
  const asOf = [day, site.last_day ?? day].sort()[0] ?? day;
  const found = lastOf(await rowsOf(table.history), view.policy, day, table.key);
  return sorted(found, table.key).map((row) => fact(row, asOf));
}

function fact(row: Row, asOf: string): Row {
  const found: Row = {};
  for (const name in row) if (!NOT_OF_THE_TABLE.has(name)) found[name] = row[name] ?? null;
  const from = row.stale_from;
  if (typeof from === "string") found.stale = asOf >= from;
  return found;
}

async function recorded(table: Table, known: string | null): Promise<Row[]> {
  const rows = await rowsOf(table.file);
  if (!known || !dated(table)) return rows;
  if (table.name === "sources") return published(rows, known);
  const sources = published(await rowsOf(tableOf("sources").file), known);
  const ids = new Set(sources.map((source) => source.source_id));
  return rows.filter((row) => ids.has(row.source_id ?? null));
}

function published(rows: Row[], known: string | null): Row[] {
  return known ? rows.filter((row) => String(row.known_from) <= known) : rows;
}

/** The rows of a history that stand at the end of a day, the last of each key. */
function lastOf(history: Row[], policy: string, day: string, key: string[]): Row[] {
  const found = new Map<string, Row>();
  for (const row of history) {
    if (row.policy !== policy || String(row.known_day) > day) continue;
    const name = keyText(row, key);
    const before = found.get(name);
    if (!before || String(before.known_day) <= String(row.known_day)) found.set(name, row);
  }
  return [...found.values()];
}

function sorted(rows: Row[], key: string[]): Row[] {
  return rows.sort((one, other) => {
    for (const name of key) {
      const order = compare(one[name] ?? null, other[name] ?? null);
      if (order) return order;
    }
    return 0;
  });
}

/** The order of two values: by code points, numbers by size, nothing last. */
export function compare(one: Value, other: Value): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -1 : 1;
}

export function keyText(row: Row, key: string[]): string {
  return key.map((name) => String(row[name])).join("\u0000");
}

/** A claim behind a row: what became of it, what it says, and where. */
export interface Claim {
  id: string;
  usedFor: string[];
  disagreesOn: string[];
  kinds: string[];
  lostBy: string | null;
  /** The values as it states them, and whose they are. */
  observation: Row;
  claim: Row;
  source: Row;
  corrections: Row[];
}

/** The claims behind a row, the fact's own first, as `trace` gives them. */
export async function trace(table: Table, key: Row, view: View): Promise<Claim[]> {
  if (!table.claims || !table.observations) return [];
  const day = view.known ?? "9999";
  const same = (row: Row) => table.key.every((name) => String(row[name]) === String(key[name]));
  const mine = (await rowsOf(table.claims)).filter(same);
  const told = lastOf(mine, view.policy, day, ["claim_id"]).sort((a, b) => Number(a.place) - Number(b.place));
  const observed = by((await rowsOf(table.observations)).filter(same), "claim_id");
  const [claims, sources, corrections] = await Promise.all([
    indexed("claims", "claim_id"),
    indexed("sources", "source_id"),
    rowsOf(tableOf("corrections").file),
  ]);
  return told.map((row) => {
    const id = String(row.claim_id);
    const observation = observed.get(id) ?? {};
    return {
      id,
      usedFor: words(row.used_for),
      disagreesOn: words(row.disagrees_on),
      kinds: words(row.differs_as),
      lostBy: row.lost_by === null ? null : String(row.lost_by),
      observation,
      claim: claims.get(id) ?? {},
      source: sources.get(String(observation.source_id)) ?? {},
      corrections: corrections.filter((correction) => correction.claim_id === id),
    };
  });
}

/** Everything on which claims differ under a view: the claim of the fact, and the one that says otherwise. */
export interface Dissent {
  table: Table;
  key: Row;
  column: string;
  kind: string;
  lostBy: string;
  chosen: Row;
  other: Row;
}

export async function dissents(table: Table, view: View): Promise<Dissent[]> {
  if (!table.claims || !table.observations) return [];
  const told = lastOf(await rowsOf(table.claims), view.policy, view.known ?? "9999", [...table.key, "claim_id"]);
  if (!told.some((row) => row.disagrees_on)) return [];
  const name = (row: Row) => keyText(row, [...table.key, "claim_id"]);
  const observed = new Map((await rowsOf(table.observations)).map((row) => [name(row), row]));
  const users = new Map<string, Row>(); // the claim that supplies a column of a key
  for (const row of told) {
    for (const column of words(row.used_for)) users.set(`${keyText(row, table.key)}\u0000${column}`, row);
  }
  return told.flatMap((row) =>
    words(row.disagrees_on).map((column, number) => {
      const user = users.get(`${keyText(row, table.key)}\u0000${column}`);
      return {
        table,
        key: row,
        column,
        kind: words(row.differs_as)[number] ?? "",
        lostBy: String(row.lost_by ?? ""),
        chosen: (user && observed.get(name(user))) ?? {},
        other: observed.get(name(row)) ?? {},
      };
    }),
  );
}

const indexes = new Map<string, Promise<Map<string, Row>>>();

/** The rows of a table by a column, read once. */
export function indexed(name: string, column: string): Promise<Map<string, Row>> {
  return once(indexes, name, async () => by(await rowsOf(tableOf(name).file), column));
}

function by(rows: Row[], column: string): Map<string, Row> {
  return new Map(rows.map((row) => [String(row[column]), row]));
}

function words(value: Value | undefined): string[] {
  return value ? String(value).split(" ") : [];
}
