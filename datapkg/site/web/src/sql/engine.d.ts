// What is used of sql.js: SQLite, compiled to WebAssembly.
declare module "sql.js/dist/sql-wasm-browser.js" {
  export type Cell = string | number | Uint8Array | null;
  export interface Statement {
    step(): boolean;
    get(): Cell[];
    run(values: (string | number | boolean | null)[]): void;
    getColumnNames(): string[];
    free(): boolean;
  }
  export interface Database {
    run(sql: string): void;
    prepare(sql: string): Statement;
    iterateStatements(sql: string): Iterable<Statement>;
  }
  export default function initSqlJs(options: { wasmBinary: ArrayBuffer }): Promise<{ Database: new () => Database }>;
}
