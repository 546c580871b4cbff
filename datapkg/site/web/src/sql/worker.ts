// SQLite in a worker, so that a statement that takes for ever can be stopped: the page ends the worker.

import initSqlJs, { type Cell, type Database } from "sql.js/dist/sql-wasm-browser.js";

import type { Answer, Asked } from "./session";

const page = globalThis as unknown as { postMessage(answer: Answer): void; onmessage: (event: MessageEvent<Asked>) => void };
let database: Database;

page.onmessage = async ({ data }) => {
  try {
    page.postMessage(await answer(data));
  } catch (error) {
    page.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
};

async function answer(asked: Asked): Promise<Answer> {
  if ("engine" in asked) {
    database = new (await initSqlJs({ wasmBinary: asked.engine })).Database();
    database.run("ATTACH ':memory:' AS observations");
    return { done: true };
  }
  if ("rows" in asked) {
    database.run(`BEGIN; CREATE TABLE ${asked.name} (${asked.columns.join(", ")})`);
    const insert = database.prepare(`INSERT INTO ${asked.name} VALUES (${asked.columns.map(() => "?").join(", ")})`);
    for (const row of asked.rows) insert.run(row);
    insert.free();
    database.run("COMMIT");
    return { done: true };
  }
  return result(asked.sql, asked.most);
}

/** The rows of the last of some statements that has any columns, no more than some. */
function result(sql: string, most: number): Answer {
  let found: Answer = { columns: [], rows: [], more: false };
  for (const statement of database.iterateStatements(sql)) {
    const rows: (string | number | null)[][] = [];
    let more = statement.step();
    for (; more && rows.length < most; more = statement.step()) rows.push(statement.get().map(plain));
    const columns = statement.getColumnNames();
    if (columns.length) found = { columns, rows, more };
  }
  return found;
}

function plain(cell: Cell): string | number | null {
  if (!(cell instanceof Uint8Array)) return cell;
  return `x'${Array.from(cell, (byte) => byte.toString(16).padStart(2, "0")).join("")}'`;
}
