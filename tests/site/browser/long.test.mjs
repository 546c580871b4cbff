// A table of a million rows, of which the pages fetch, prove and decode what is looked at.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { base, opened, settled, SITES } from "./shared.mjs";

const TABLE = "#/table/acknowledgements";
const FILE = /acknowledgements\.parquet/;

/** The numbers of the first and the last row in sight, at some place of the table. */
async function at(page, place) {
  await page.evaluate((share) => {
    const box = document.querySelector(".grid");
    box.scrollTop = (box.scrollHeight - box.clientHeight) * share;
  }, place);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await settled(page);
  return page.evaluate(() => {
    const edges = document.querySelector(".grid").getBoundingClientRect();
    const inside = (row) => row.getBoundingClientRect().top < edges.bottom - 20 && row.getBoundingClientRect().bottom > edges.top + 70;
    const lines = [...document.querySelectorAll(".grid-body .grid-row")].filter(inside);
    return [lines[0], lines.at(-1)].map((line) => Number(/row-(\d+)/.exec(line.textContent)[1]));
  });
}

/** The table opened, with the bytes of it that are fetched. */
async function long(address) {
  const { page, ...rest } = await opened(address.replace(/#.*/, "#/tables"));
  const taken = [];
  page.on("response", (answer) => FILE.test(answer.url()) && taken.push(answer.status() === 206 ? answer.headers()["content-range"] : answer.status()));
  await page.evaluate((hash) => {
    location.hash = hash;
  }, TABLE);
  await page.locator(".grid-body .grid-row").first().waitFor();
  await settled(page);
  return { page, taken, ...rest };
}

describe("a million rows", () => {
  test("from a server with ranges: the footer and the groups that are looked at, and nothing else", async () => {
    const { page, taken, trouble, close } = await long(`${base}/long/index.html`);
    assert.equal(taken.length, 2);
    assert.match(await page.locator(".count").textContent(), /1,000,000 of 1,000,000/);
    assert.equal((await at(page, 0))[0], 0);
    const [middle] = await at(page, 0.5);
    assert.ok(Math.abs(middle - 500_000) < 50, String(middle));
    assert.equal((await at(page, 1))[1], 999_999);
    assert.equal(taken.length, 4, taken.join());
    assert.equal(new Set(taken).size, 4);
    assert.deepEqual(trouble, []);
    await close();
  });

  test("from a server without, and from a disk: the same rows", async () => {
    for (const address of [`${base}/plain/long/index.html`, pathToFileURL(join(SITES, "long/index.html")).href]) {
      const { page, trouble, close } = await long(address);
      assert.equal((await at(page, 1))[1], 999_999);
      assert.deepEqual(trouble, []);
      await close();
    }
  });

  test("are searched all of them, and what is found is counted", async () => {
    const { page, close } = await opened(`${base}/long/index.html${TABLE}?f.reason=${encodeURIComponent("=row-777777")}`);
    assert.match(await page.locator(".count").textContent(), /^1 of 1,000,000/);
    await close();
  });

  test("of a part that is another than was released nothing is shown", async () => {
    const { page, close } = await opened(`${base}/long/index.html#/tables`);
    await page.route(FILE, async (route) => {
      const answer = await route.fetch();
      const body = await answer.body();
      const harmed = answer.headers()["content-range"].startsWith("bytes 0-");
      if (harmed) body[body.length >> 1] ^= 1;
      await route.fulfill({ response: answer, body });
    });
    await page.evaluate((hash) => {
      location.hash = hash;
    }, TABLE);
    await page.getByRole("alert").getByText(/acknowledgements\.parquet: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}/).waitFor();
    assert.equal(await page.locator(".grid-body .grid-row").count(), 0);
    await close();
  });
});
