// Debian's Chromium, the sites that made.py has filled DATAPKG_SITES with, and what tests of pages do again and again.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const WEB = join(ROOT, "datapkg/site/web");
export const needs = createRequire(join(WEB, "package.json"));
const { chromium } = needs("playwright-core");
export const { buildSync } = needs("esbuild");
const AXE = readFileSync(needs.resolve("axe-core/axe.min.js"), "utf8");
export const SITES = process.env.DATAPKG_SITES;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const TYPES = { html: "text/html", js: "text/javascript", css: "text/css", json: "application/json" };

/** What a test harms is put here, and served from here. */
export const damaged = mkdtempSync(join(tmpdir(), "datapkg-site-"));
/** Where the sites are served; below plain/ by a server that knows no ranges. */
export let base;
let browser;
let server;

before(async () => {
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)).replace(/^\/plain(?=\/)/, "");
    const ranges = !request.url.startsWith("/plain/");
    const [, where, ...rest] = path.split("/");
    const file = join(where === "damaged" ? damaged : join(SITES, where), ...rest);
    try {
      const data = readFileSync(file);
      const [, from, to] = (ranges && /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "")) || [];
      const type = { "content-type": TYPES[file.split(".").at(-1)] ?? "application/octet-stream" };
      if (from) response.writeHead(206, { ...type, "content-range": `bytes ${from}-${to}/${data.length}` }).end(data.subarray(Number(from), Number(to) + 1));
      else response.writeHead(200, type).end(data);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(async () => {
  await browser?.close();
  server?.close();
  rmSync(damaged, { recursive: true });
});

/** A page in a new context, and what it complained of or asked for outside its folder. */
export async function opened(address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(60_000); // of a machine that does other things too
  const page = await context.newPage();
  const trouble = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && trouble.push(message.text()));
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("dialog", (dialog) => trouble.push(`dialog ${dialog.message()}`) && dialog.dismiss());
  const folder = address.split("index.html")[0].split("#")[0];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(folder) && !/^(data|blob):/.test(url)) trouble.push(`asked for ${url}`);
  });
  await page.goto(address);
  await settled(page);
  return { page, trouble, close: () => context.close() };
}

export async function settled(page) {
  await page.waitForFunction(() => document.querySelector("main h1, [role=alert]") && !document.querySelector("[aria-busy]"), null, { timeout: 60_000 });
}

export async function go(page, hash) {
  await page.evaluate((next) => {
    document.querySelector("main").setAttribute("aria-busy", "true");
    location.hash = next;
  }, hash);
  await settled(page);
}

export async function saved(page, name) {
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name, exact: true }).click();
  return readFileSync(await (await waiting).path(), "utf8");
}

/** CSV as rows of texts. */
export function parsed(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1).push(quoted !== undefined ? quoted.replaceAll('""', '"') : plain);
    if (end !== ",") rows.push([]);
  }
  return rows.slice(0, -1);
}

/** What axe finds wrong with a page. */
export async function faults(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  return page.evaluate(async () => {
    const found = await globalThis.axe.run(document, { resultTypes: ["violations"], preload: false });
    return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(" | ")}`);
  });
}

/** What a module of the pages exports, for what needs no page. */
export function built(name) {
  const { text } = buildSync({ entryPoints: [join(WEB, `src/${name}.ts`)], bundle: true, format: "cjs", write: false, platform: "node" }).outputFiles[0];
  const made = { exports: {} };
  new Function("module", "exports", text)(made, made.exports);
  return made.exports;
}
