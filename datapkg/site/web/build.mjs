// Bundles the pages into one folder: node build.mjs [FOLDER]; the default is the one that the Python package reads.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";

const out = process.argv[2] ?? "../bundle";
const made = { bundle: true, minify: true, target: "es2022", format: "iife", charset: "utf8", legalComments: "none", logLevel: "warning" };

await build({
  ...made,
  entryPoints: [
    { in: "src/main.ts", out: "app" },
    { in: "src/app.css", out: "app" },
  ],
  outdir: out,
});

// The console has a script of its own, loaded when it is opened: the worker and SQLite, handed to the page as files are.
const worker = await build({ ...made, entryPoints: ["src/sql/worker.ts"], write: false });
const console = {
  "sql/worker.js": worker.outputFiles[0].contents,
  "sql/engine.wasm": readFileSync(createRequire(import.meta.url).resolve("sql.js/dist/sql-wasm-browser.wasm")),
};
const handing = Object.entries(console).map(([name, data]) => `datapkgFile("${name}","${Buffer.from(data).toString("base64")}");\n`);
writeFileSync(join(out, "sql.js"), handing.join(""));
