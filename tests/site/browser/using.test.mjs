// What a page shows can be taken elsewhere: as CSV, by lines of code that give the same rows, and with a citation.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, test } from "node:test";

import { base, go, opened, parsed, ROOT } from "./shared.mjs";

const VIEWS = ["/market/foundry", "/market/foundry?known=2024-01-31&policy=latest", "/company/nvidia", "/facility/esmc-dresden-fab", "/entry/products/hbm3e", "/timeline?company=tsmc", "/network?company=tsmc",
  "/row/market_shares/tsmc/foundry/2025-Q1/revenue/false", "/corrections"];

/** Opens the panel, and gives what is offered in it: each with its CSV as rows, and its lines by language. */
async function offered(page) {
  await page.locator(".using > summary").click();
  const select = page.locator(".using select");
  const many = (await select.count()) ? await select.locator("option").count() : 1;
  const found = [];
  for (let number = 0; number < many; number++) {
    if (many > 1) await select.selectOption(String(number));
    await page.locator(".using").getByRole("button", { name: "CSV", exact: true }).click();
    const [head, ...rows] = parsed(await page.evaluate(() => globalThis.taken));
    const figures = await page.locator(".using figure").evaluateAll((all) => all.map((one) => [one.querySelector("figcaption").firstChild.textContent, one.querySelector("code").textContent]));
    found.push({ head, rows, ...Object.fromEntries(figures) });
  }
  return found;
}

/** What asked.py finds; it asks for files that this process serves. */
function differing(asked) {
  return new Promise((resolve, reject) => {
    const python = spawn(`${ROOT}/.venv/bin/python`, ["tests/site/browser/asked.py"], { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
    let told = "";
    python.stdout.on("data", (part) => {
      told += part;
    });
    python.on("error", reject).on("close", (code) => (code ? reject(new Error(`asked.py ended with ${code}`)) : resolve(told)));
    python.stdin.end(JSON.stringify(asked));
  });
}

describe("what a page shows", () => {
  test("is the CSV that it offers, and what datapkg.load and DuckDB give by the lines beside it", async () => {
    const { page, trouble, close } = await opened(`${base}/working/index.html`);
    await page.evaluate(() => { // a browser lets a page hand over ten files, and asks then
      URL.createObjectURL = (file) => {
        globalThis.taken = file.text();
        return "#";
      };
      HTMLAnchorElement.prototype.click = () => {};
    });
    const asked = [];
    for (const hash of VIEWS) {
      await go(page, `#${hash}`);
      for (const one of await offered(page)) {
        assert.ok(one.rows.length > 0 && one.BibTeX.startsWith("@"), hash);
        asked.push({ hash, head: one.head, rows: one.rows, python: one.Python, sql: one.DuckDB });
      }
    }
    assert.ok(asked.length > 60, String(asked.length));
    assert.deepEqual(trouble, []);
    await close();
    assert.deepEqual(JSON.parse(await differing(asked)), []);
  });

  test("has a citation and a way to it on every other page too", async () => {
    const { page, close } = await opened(`${base}/released/index.html`);
    for (const hash of ["/conflicts", "/conflicts?known=2024-01-31", "/changes", "/search?q=nvda", "/sql", "/table/market_shares", "/source/ajc-absolics-2024-05"]) {
      await go(page, `#${hash}`);
      await page.locator(".using > summary").click();
      assert.match(await page.locator(".using code").last().textContent(), /^@/, hash);
    }
    await close();
  });
});
