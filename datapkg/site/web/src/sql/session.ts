// A database of the tables that statements name, in a worker, with the rows of one day and policy.

import { handed, type Row, rowsOf, type Value } from "../data";
import { facts, type View } from "../facts";
import { site, type Table } from "../site";

export type Asked = { engine: ArrayBuffer } | { name: string; columns: string[]; rows: Value[][] } | { sql: string; most: number };

export interface Result {
  columns: string[];
  rows: Value[][];
  /** Whether there are more rows than were taken. */
  more: boolean;
}

export type Answer = { done: true } | { error: string } | Result;

/** What SQLite says is wrong with a statement. */
export class Wrong extends Error {}

/** Rows of a result that are taken; a statement may have any number. */
const MOST = 100_000;
const TYPES = { string: "TEXT", integer: "INTEGER", number: "REAL", boolean: "INTEGER", date: "TEXT" };
const CODE = ["sql/worker.js", "sql/engine.wasm"];

export class Session {
  /** Whether it still works on a statement. */
  busy = false;
  private readonly filled = new Set<string>();
  private worker: Worker | null = null;
  private ended = false;
  private stopping: () => void = () => {};
  private readonly stopped = new Promise<null>((resolve) => {
    this.stopping = () => resolve(null);
  });

  constructor(readonly view: View) {}

  /** What a statement gives; null if it was stopped before. Throws Wrong with what SQLite says. */
  async run(sql: string): Promise<Result | null> {
    this.busy = true;
    try {
      return await Promise.race([this.stopped, this.result(sql)]);
    } finally {
      this.busy = false;
    }
  }

  stop(): void {
    this.ended = true;
    this.worker?.terminate();
    this.stopping();
  }

  private async result(sql: string): Promise<Result> {
    const worker = await this.begun();
    for (const table of site.tables) {
      if (!names(sql, table.name)) continue;
      await this.fill(worker, quoted(table.name), table, () => facts(table, this.view));
      const { observations } = table;
      if (observations && names(sql, "observations")) await this.fill(worker, `observations.${quoted(table.name)}`, table, () => rowsOf(observations));
    }
    return (await asked(worker, { sql, most: MOST })) as Result;
  }

  private async begun(): Promise<Worker> {
    if (this.worker) return this.worker;
    const [code, engine] = await handed("sql.js", CODE);
    if (this.ended) throw new Error("stopped");
    const address = URL.createObjectURL(new Blob([code as BlobPart], { type: "text/javascript" }));
    this.worker = new Worker(address);
    URL.revokeObjectURL(address);
    await asked(this.worker, { engine: engine?.buffer as ArrayBuffer });
    return this.worker;
  }

  private async fill(worker: Worker, name: string, table: Table, read: () => Promise<Row[]>): Promise<void> {
    if (this.filled.has(name)) return;
    const rows = await read();
    const columns = rows[0] ? Object.keys(rows[0]) : table.fields.map((field) => field.name);
    await asked(worker, {
      name,
      columns: columns.map((column) => `${quoted(column)} ${type(table, column)}`),
      rows: rows.map((row) => columns.map((column) => row[column] ?? null)),
    });
    this.filled.add(name);
  }
}

function asked(worker: Worker, message: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => ("error" in data ? reject(new Wrong(data.error)) : resolve(data));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(message);
  });
}

/** Whether a statement holds a name as a word; only the tables that it names are loaded. */
function names(sql: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`, "i").test(sql);
}

function type(table: Table, column: string): string {
  const field = table.fields.find((one) => one.name === column);
  return field ? TYPES[field.type] : "";
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
