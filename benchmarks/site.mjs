// How fast a site is: node benchmarks/site.mjs SITE (made by `datapkg site`); needs make test-site's Node packages and Chromium.
// Prints sizes, the first view from a server and at 10 Mbit/s, every page, search over 100,000 claims, a table of 1,000,000 rows.

import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const WEB = fileURLToPath(new URL("../datapkg/site/web", import.meta.url));
const needs = createRequire(join(WEB, "package.json"));
const { chromium } = needs("playwright-core");
const { buildSync } = needs("esbuild");
const site = process.argv[2];
const TYPES = { html: "text/html", js: "text/javascript", css: "text/css" };
const PAGES = ["/start", "/table/market_shares", "/market/foundry", "/company/samsung-electronics", "/conflicts", "/timeline", "/network", "/market/foundry?known=2024-01-31"];

const server = createServer((request, response) => {
  const file = join(site, normalize(new URL(request.url, "http://x").pathname));
  try {
    const data = gzipSync(readFileSync(file));
    response.writeHead(200, { "content-type": TYPES[file.split(".").at(-1)] ?? "application/octet-stream", "content-encoding": "gzip" }).end(data);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}/index.html`;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1];
const seen = (page) => page.waitForFunction(() => document.querySelector("main h1") && !document.querySelector("main[aria-busy]"));

for (const name of ["app.js", "app.css", "site.js", "index.html"]) {
  console.log(`${name}: ${statSync(join(site, name)).size} bytes, ${gzipSync(readFileSync(join(site, name))).length} compressed`);
}

async function viewed(hash, slow = false) {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (slow) {
    const client = await context.newCDPSession(page);
    await client.send("Network.emulateNetworkConditions", { offline: false, latency: 20, downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 });
  }
  const began = performance.now();
  await page.goto(`${base}#${hash}`);
  await seen(page);
  const spent = performance.now() - began;
  await context.close();
  return spent;
}

for (const [what, slow] of [["from this machine", false], ["at 10 Mbit/s", true]]) {
  const times = [];
  for (let round = 0; round < 5; round++) times.push(await viewed("/start", slow));
  console.log(`first view ${what}: ${median(times).toFixed(0)} ms`);
}
for (const hash of PAGES) console.log(`${hash}: ${(await viewed(hash)).toFixed(0)} ms`);

const page = await (await browser.newContext({ bypassCSP: true })).newPage();
await page.goto(base);
await seen(page);
const code = (name) => buildSync({ entryPoints: [join(WEB, `src/${name}.ts`)], bundle: true, format: "iife", globalName: name.split("/").at(-1), write: false }).outputFiles[0].text;
for (const name of ["pages/search", "grid"]) await page.addScriptTag({ content: code(name) });
console.log(await page.evaluate(() => {
  const words = "wafer foundry share of the market in quarter 삼성전자 TSMC revenue memory price".split(" ");
  const says = (number) => Array.from({ length: 16 }, (_, place) => words[(number * 7 + place * place) % words.length]).join(" ");
  const rows = Array.from({ length: 100_000 }, (_, number) => ({ says: `${says(number)} ${number}`, claim_id: `source-${number % 900}/claim-${number}` }));
  const timed = (run) => {
    const began = performance.now();
    run();
    return performance.now() - began;
  };
  const first = timed(() => globalThis.search.claimsFor(rows, "nothing"));
  const times = ["99999", "삼성전자 7777", "wafer price", "tsmc"].map((asked) => timed(() => globalThis.search.claimsFor(rows, asked)));
  return `search over 100,000 claims: ${Math.max(...times).toFixed(0)} ms at most, ${first.toFixed(0)} ms the first time`;
}));
console.log(await page.evaluate(async () => {
  const field = (name, type) => ({ name, type, title: name, description: name });
  const fields = [field("id", "string"), field("value", "number")];
  const rows = Array.from({ length: 1_000_000 }, (_, number) => ({ id: `row-${number}`, value: number }));
  const table = { name: "t", title: "t", role: "record", key: ["id"], fields };
  const began = performance.now();
  const box = globalThis.grid.grid({ table, fields, rows, sorting: null, filters: new Map(), open: false, onSort() {}, onFilter() {} });
  document.querySelector("main").replaceChildren(box);
  const drawn = performance.now() - began;
  const steps = [];
  for (let place = 0; place <= 20; place++) {
    const start = performance.now();
    box.scrollTop = (box.scrollHeight * place) / 20;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    steps.push(performance.now() - start);
  }
  const last = box.querySelector(".grid-body .grid-row:last-child [role=cell]").textContent;
  return `1,000,000 rows: drawn in ${drawn.toFixed(0)} ms, a jump takes ${Math.max(...steps).toFixed(0)} ms at most, the last row is ${last}`;
}));
await browser.close();
server.close();
