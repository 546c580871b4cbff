// How fast a site is: node benchmarks/site.mjs SITE [LONG]; needs make test-site's Node packages and Chromium.
// SITE is one that `datapkg site` made, LONG the one with a table of 1,000,000 rows that tests/site/browser/made.py makes.
// Prints sizes, the first view and all of the first page from a server and at 10 Mbit/s, every page, search over 100,000 claims, and the long table.

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
const [site, long] = process.argv.slice(2);
const TYPES = { html: "text/html", js: "text/javascript", css: "text/css" };
const PAGES = ["/start", "/table/market_shares", "/market/foundry", "/company/samsung-electronics", "/facility/tsmc-arizona-fab-21", "/conflicts", "/timeline", "/network", "/market/foundry?known=2024-01-31"];

const packed = new Map();
const compressed = (file) => packed.get(file) ?? packed.set(file, gzipSync(readFileSync(file))).get(file);

const server = createServer((request, response) => {
  const [, where, ...path] = normalize(new URL(request.url, "http://x").pathname).split("/");
  const file = join(where === "long" ? long : site, ...path);
  const type = { "content-type": TYPES[file.split(".").at(-1)] ?? "application/octet-stream" };
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  try {
    if (from) {
      const data = readFileSync(file);
      response.writeHead(206, { ...type, "content-range": `bytes ${from}-${to}/${data.length}` }).end(data.subarray(Number(from), Number(to) + 1));
    } else response.writeHead(200, { ...type, "content-encoding": "gzip" }).end(compressed(file));
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}/site/index.html`;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1];
const whole = (page) => page.waitForFunction(() => document.querySelector("main h1") && !document.querySelector("[aria-busy]"));
const seen = (page) => page.waitForFunction(() => document.querySelector("main h1") && !document.querySelector("main[aria-busy]"));

for (const name of ["app.js", "app.css", "sql.js", "site.js", "index.html"]) {
  console.log(`${name}: ${statSync(join(site, name)).size} bytes, ${gzipSync(readFileSync(join(site, name))).length} compressed`);
}

async function viewed(hash, slow = false, until = seen) {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (slow) {
    const client = await context.newCDPSession(page);
    await client.send("Network.emulateNetworkConditions", { offline: false, latency: 20, downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 });
  }
  const began = performance.now();
  await page.goto(`${base}#${hash}`);
  await until(page);
  const spent = performance.now() - began;
  await context.close();
  return spent;
}

for (const [what, slow] of [["from this machine", false], ["at 10 Mbit/s", true]]) {
  for (const [how, until] of [["first view", seen], ["all of the first page", whole]]) {
    const times = [];
    for (let round = 0; round < 5; round++) times.push(await viewed("/start", slow, until));
    console.log(`${how} ${what}: ${median(times).toFixed(0)} ms`);
  }
}
for (const hash of PAGES) console.log(`${hash}: ${(await viewed(hash)).toFixed(0)} ms`);

const page = await (await browser.newContext({ bypassCSP: true })).newPage();
await page.goto(base);
await seen(page);
const code = (name) => buildSync({ entryPoints: [join(WEB, `src/${name}.ts`)], bundle: true, format: "iife", globalName: name.split("/").at(-1), write: false }).outputFiles[0].text;
await page.addScriptTag({ content: code("pages/search") });
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
if (long) {
  const began = performance.now();
  await page.goto(`${base.replace("/site/", "/long/")}#/table/acknowledgements`);
  await page.locator(".grid-body .grid-row").first().waitFor();
  const drawn = performance.now() - began;
  console.log(await page.evaluate(async () => {
    const box = document.querySelector(".grid");
    const jumped = async (place) => {
      const start = performance.now();
      box.scrollTop = (box.scrollHeight * place) / 20;
      do await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      while (box.hasAttribute("aria-busy"));
      return performance.now() - start;
    };
    const steps = [];
    for (let place = 0; place <= 20; place++) steps.push(await jumped(place));
    steps.sort((one, other) => one - other);
    return `a jump in 1,000,000 rows takes ${steps[10].toFixed(0)} ms, ${steps[20].toFixed(0)} ms at most`;
  }), `the first rows are there in ${drawn.toFixed(0)} ms`);
}
await browser.close();
server.close();
