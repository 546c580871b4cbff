// Bundles the pages into one folder: node build.mjs [FOLDER]; the default is the one that the Python package reads.
import { build } from "esbuild";

await build({
  entryPoints: [
    { in: "src/main.ts", out: "app" },
    { in: "src/app.css", out: "app" },
  ],
  outdir: process.argv[2] ?? "../bundle",
  bundle: true,
  minify: true,
  target: "es2022",
  format: "iife",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});
