// The console: SQL over the tables of the site, in a worker, from a server and from a disk.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { base, faults, go, opened, parsed, saved, SITES } from "./shared.mjs";

const asking = (sql, more = {}) => `#/sql?${new URLSearchParams({ q: sql, ...more })}`;
const FOREVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";

/** The rows of a result, as texts. */
async function shown(page) {
  await page.locator(".result table").waitFor();
  return page.locator(".result tbody tr").evaluateAll((rows) => rows.map((row) => Array.from(row.cells, (cell) => cell.textContent)));
}

describe("the console", () => {
  test("asks the tables of the release, keeps the statement in the address, and gives CSV", async () => {
    const { page, trouble, close } = await opened(`${base}/working/index.html#/sql`);
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    assert.match(await page.getByLabel("SQL", { exact: true }).inputValue(), /^SELECT .*\nFROM market_shares/);
    await page.getByLabel("SQL", { exact: true }).fill("SELECT market_id, count(*) AS many, max(share_pct) FROM market_shares GROUP BY 1 ORDER BY 2 DESC, 1");
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/#\/sql\?q=SELECT/);
    const rows = await shown(page);
    const [head, ...told] = parsed(await saved(page, "CSV"));
    assert.deepEqual(head, ["market_id", "many", "max(share_pct)"]);
    assert.deepEqual(told.map((row) => row[0]), rows.map((row) => row[0]));
    const all = await page.evaluate(() => globalThis.datapkgSite.tables.find((one) => one.name === "market_shares").rows);
    assert.equal(told.reduce((sum, row) => sum + Number(row[1]), 0), all);
    assert.ok(requests.some((url) => url.endsWith("/sql.js")) && !requests.some((url) => /data\/plans/.test(url)), requests.join("\n"));
    assert.deepEqual(await faults(page), []);
    assert.deepEqual(trouble, []);
    await close();
  });

  test("asks what was known on a day, and what each claim says", async () => {
    const { page, close } = await opened(`${base}/working/index.html${asking("SELECT count(*) FROM market_shares", { known: "2023-06-30" })}`);
    const numbers = async () => (await shown(page))[0].map((text) => Number(text.replaceAll(",", "")));
    const [then] = await numbers();
    await go(page, asking("SELECT count(*), (SELECT count(*) FROM market_shares) FROM observations.market_shares"));
    const [claims, now] = await numbers();
    assert.ok(then > 0 && then < now && now < claims, `${then} ${now} ${claims}`);
    await close();
  });

  test("says what is wrong with a statement, and goes on", async () => {
    const { page, trouble, close } = await opened(`${base}/good/index.html${asking("SELECT shares FROM market_shares")}`);
    await page.getByRole("alert").getByText("no such column: shares").waitFor();
    await go(page, asking("SELECT 1 AS one; SELECT 2 AS two, x'00ff' AS bytes; CREATE TABLE mine (a)"));
    assert.deepEqual(await shown(page), [["2", "x'00ff'"]]);
    await go(page, asking("SELEKT"));
    await page.getByRole("alert").getByText("syntax error").waitFor();
    assert.deepEqual(trouble, []);
    await close();
  });

  test("a statement that runs for ever is stopped, by the button or by the next one", async () => {
    const { page, trouble, close } = await opened(`${base}/good/index.html${asking(FOREVER)}`);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();
    await go(page, asking(`${FOREVER} -- again`));
    await go(page, asking("SELECT 'after' AS word"));
    assert.deepEqual(await shown(page), [["after"]]);
    await go(page, asking(FOREVER.replace("count(*)", "x")));
    await page.getByText("100,000+ rows").waitFor();
    assert.deepEqual(trouble, []);
    await close();
  });

  test("works from a disk, and text of the data stays text", async () => {
    const { page, trouble, close } = await opened(`${pathToFileURL(join(SITES, "good/index.html")).href}${asking("SELECT name_en AS '<b>name</b>' FROM companies ORDER BY name_en LIMIT 1")}`);
    assert.deepEqual(await shown(page), [["<img src=x onerror=alert(1)>"]]);
    assert.equal(await page.locator("main img, main th b").count(), 0);
    assert.deepEqual(trouble, []);
    await close();
  });
});
