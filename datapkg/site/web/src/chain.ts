// The changes of several releases, one after the other, as what changed from the first to the last of them.
//
// Rows are those of changes.parquet, and so is what comes out: a row that came and was changed is one that came, a cell
// that was changed twice changed from its first value to its last, and what is as it was before did not change.

import { grouped, type Row, type Value } from "./data";

const ROWS = new Set(["row_added", "row_removed", "cell_changed"]);
type Cells = Map<string, Value>;

/** What changed from before the first release to the last one, from the changes of each, the oldest first. */
export function chained(releases: Row[][]): Row[] {
  const [only = []] = releases;
  if (releases.length < 2) return only;
  return [...grouped(releases.flat(), (row) => String(row.table))].sort(([one], [other]) => (one < other ? -1 : 1)).flatMap(([, rows]) => ofTable(rows));
}

function ofTable(events: Row[]): Row[] {
  const came = events.findIndex((row) => row.change === "table_added");
  const went = events.findLastIndex((row) => row.change === "table_removed");
  if (came >= 0 && went > came) return [];
  if (came >= 0 || went >= 0) return [events[went], counted(events[came], events)].filter((row) => row !== undefined);
  const columns = new Set(events.filter((row) => /^column_(added|removed)$/.test(String(row.change))).map((row) => String(row.column)));
  const shape = events.filter((row) => !ROWS.has(String(row.change)) && !undone(row, events));
  const rows = grouped(events.filter((row) => ROWS.has(String(row.change))), (row) => String(row.key));
  return [...shape, ...[...rows.values()].flatMap((mine) => ofRow(mine, columns))];
}

/** A table that came, with the rows that it has in the end. */
function counted(came: Row | undefined, events: Row[]): Row | undefined {
  if (!came) return undefined;
  const many = (change: string) => events.filter((row) => row.change === change).length;
  return { ...came, new_value: String(Number(came.new_value) + many("row_added") - many("row_removed")) };
}

/** Whether a column came that went later, or went that had come before. */
function undone(row: Row, events: Row[]): boolean {
  const place = events.indexOf(row);
  const other = (change: string, after: boolean) => events.some((one, at) => one.change === change && one.column === row.column && at > place === after);
  if (row.change === "column_added") return other("column_removed", true);
  return row.change === "column_removed" && other("column_added", false);
}

/** What became of a row; cells of columns that came or went are told by those. */
function ofRow(events: Row[], columns: Set<string>): Row[] {
  const [first, last] = [events[0] as Row, events.at(-1) as Row];
  const [was, is] = [first.change !== "row_added", last.change !== "row_removed"];
  const [old, now] = sides(events);
  const whole = { table: first.table, key: first.key, column: null, old_value: null, new_value: null, old_claim_id: null, new_claim_id: null, reason: last.reason } as Row;
  if (!was) return is ? [{ ...whole, change: "row_added", new_value: text(now), new_claim_id: last.new_claim_id ?? null }] : [];
  if (!is) return [{ ...whole, change: "row_removed", old_value: text(old), old_claim_id: first.old_claim_id ?? null }];
  const changed = [...now.keys()].filter((column) => old.has(column) && !columns.has(column) && old.get(column) !== now.get(column)).sort();
  return changed.map((column) => {
    const mine = events.filter((row) => row.column === null || row.column === column);
    const reason = mine.findLast((row) => row.reason)?.reason ?? null;
    return { ...whole, change: "cell_changed", column, old_value: old.get(column) ?? null, new_value: now.get(column) ?? null,
      old_claim_id: mine[0]?.old_claim_id ?? null, new_claim_id: mine.at(-1)?.new_claim_id ?? null, reason };
  });
}

/** The cells of a row before the first and after the last of its changes, as far as these say. */
function sides(events: Row[]): [Cells, Cells] {
  let [old, now]: [Cells, Cells] = [new Map(), new Map()];
  for (const row of events) {
    const column = String(row.column);
    if (row.change === "cell_changed") {
      if (!old.has(column)) old.set(column, row.old_value ?? null);
      now.set(column, row.new_value ?? null);
    } else if (row.change === "row_removed") {
      old = new Map([...cells(row.old_value), ...old]);
      now = new Map();
    } else now = cells(row.new_value);
  }
  return [old, now];
}

/** The cells of a whole row, from JSON. */
export function cells(json: Value | undefined): Cells {
  return new Map(Object.entries(JSON.parse(String(json)) as Record<string, Value>));
}

function text(row: Cells): string {
  return JSON.stringify(Object.fromEntries(row));
}
