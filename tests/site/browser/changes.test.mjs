// What changed between two releases: chained from what each release says that it changed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { base, built, faults, go, opened, parsed, saved, settled, SITES } from "./shared.mjs";

const { chained } = built("chain");
const row = (change, more) => ({ table: "t", change, key: "id=a", column: null, old_value: null, new_value: null, old_claim_id: null, new_claim_id: null, reason: null, ...more });
const cell = (old_value, new_value, more) => row("cell_changed", { column: "x", old_value, new_value, ...more });
const added = (cells, more) => row("row_added", { new_value: JSON.stringify({ id: "a", ...cells }), ...more });
const removed = (cells, more) => row("row_removed", { old_value: JSON.stringify({ id: "a", ...cells }), ...more });
const column = (change, name) => row(change, { key: null, column: name });

describe("changes, one release after the other", () => {
  for (const [what, releases, wanted] of [
    ["a cell that changed twice", [[cell("1", "2", { old_claim_id: "s/1", new_claim_id: "s/2", reason: "first" })], [cell("2", "3", { old_claim_id: "s/2", new_claim_id: "s/3" })]],
      [cell("1", "3", { old_claim_id: "s/1", new_claim_id: "s/3", reason: "first" })]],
    ["a cell that is as it was", [[cell("1", "2")], [cell("2", "1")]], []],
    ["a row that came and was changed", [[added({ x: "1" }, { new_claim_id: "s/1" })], [cell("1", "2", { new_claim_id: "s/2" })]], [added({ x: "2" }, { new_claim_id: "s/2" })]],
    ["a row that was changed and went", [[cell("1", "2", { old_claim_id: "s/1" })], [removed({ x: "2", y: "5" }, { reason: "wrong" })]], [removed({ x: "1", y: "5" }, { old_claim_id: "s/1", reason: "wrong" })]],
    ["a row that came and went", [[added({ x: "1" })], [removed({ x: "1" })]], []],
    ["a row that went and came back otherwise", [[removed({ x: "1", y: "1" })], [added({ x: "2", y: "1" })]], [cell("1", "2")]],
    ["cells of a column that came", [[column("column_added", "x")], [cell("1", "2")]], [column("column_added", "x")]],
    ["a column that came and went", [[column("column_added", "x")], [column("column_removed", "x")]], []],
    ["a table that came, with its rows in the end", [[row("table_added", { key: null, new_value: "3" })], [added({}), { ...added({}), key: "id=b" }, { ...removed({}), key: "id=c" }]], [row("table_added", { key: null, new_value: "4" })]],
    ["a table that came and went", [[row("table_added", { key: null, new_value: "3" })], [row("table_removed", { key: null, old_value: "3" })]], []],
    ["one release, as it says", [[cell("1", "2"), added({})]], [cell("1", "2"), added({})]],
  ]) test(what, () => assert.deepEqual(chained(releases).map(sorted), wanted.map(sorted)));
});

function sorted(one) {
  return Object.fromEntries(Object.entries(one).sort());
}

/** Changes as texts in an order of their own; of whole rows only which. */
function told(rows) {
  const whole = (one) => /^row_/.test(one.change);
  return rows.map((one) => JSON.stringify([one.table, one.change, one.key, one.column, ...(whole(one) ? [] : [one.old_value, one.new_value])].map((value) => value || null))).sort();
}

test("between releases that are no neighbours they are those that compare finds", async () => {
  const { releases: [from, to], rows } = JSON.parse(readFileSync(join(SITES, "changes.json"), "utf8"));
  const { page, trouble, close } = await opened(`${base}/released/index.html#/changes?from=${from}&to=${to}`);
  const kinds = new Set(rows.map((one) => one.change));
  const [head, ...lines] = parsed(await saved(page, /^CSV/));
  const found = lines.map((line) => Object.fromEntries(head.map((name, place) => [name, line[place]]))).filter((one) => kinds.has(one.change));
  assert.ok(found.length > 10_000);
  assert.deepEqual(told(found), told(rows));
  assert.deepEqual(trouble, []);
  await close();
});

test("two releases are chosen, in the address, and each change leads to its row", async () => {
  const { page, trouble, close } = await opened(`${base}/released/index.html#/changes?change=cell_changed`);
  await page.getByLabel("Table", { exact: true }).selectOption("market_shares");
  await page.waitForURL(/table=market_shares/);
  await settled(page);
  assert.match(await page.locator("table.small tbody a").first().getAttribute("href"), /^#\/row\/market_shares\/|^#\/claim\//);
  assert.deepEqual(await faults(page), []);
  await page.getByLabel("to release").selectOption("0.3.0");
  await page.waitForURL(/to=0\.3\.0/);
  await settled(page);
  assert.equal(await page.getByLabel("From release").inputValue(), "0.2.0");
  await go(page, "#/changes?from=0.4.0&to=0.3.0");
  assert.equal(await page.getByLabel("From release").inputValue(), "0.2.0");
  await go(page, "#/start");
  const releases = JSON.parse(readFileSync(new URL("../../../data/releases/index.json", import.meta.url), "utf8")).versions.map((one) => one.version);
  assert.ok(releases.includes((await page.getByRole("heading", { name: /^What changed since/ }).textContent()).split(" ").at(-1)));
  await page.getByRole("link", { name: /^changed [\d,]+$/ }).waitFor();
  await page.getByText(/ cells had a wrong value, at most [\d.]+ %; .* cells were wrong, at most [\d.]+ %; .* were missed, at most [\d.]+ %/).waitFor();
  assert.equal(await page.locator("a[href='feeds/releases.atom']").count(), 1);
  assert.ok((await page.locator("a[href='croissant.json']").count()) === 1);
  for (const [hash, feed] of [["#/company/nvidia", "feeds/companies/nvidia.atom"], ["#/market/foundry", "feeds/markets/foundry.atom"]]) {
    await go(page, hash);
    assert.equal(await page.evaluate(async (path) => (await fetch(path)).status, await page.getByRole("link", { name: "Atom feed" }).getAttribute("href")), 200);
    assert.equal(await page.getByRole("link", { name: "Atom feed" }).getAttribute("href"), feed);
  }
  assert.deepEqual(trouble, []);
  await close();
});
