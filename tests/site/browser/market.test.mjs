// The page of a market: what a figure was before its voice revised it, and what came of what was foretold.

import assert from "node:assert/strict";
import { test } from "node:test";

import { base, go, opened, parsed, saved } from "./shared.mjs";

async function rows(page, table, filters) {
  await go(page, `#/table/${table}?${new URLSearchParams(Object.entries(filters).map(([name, text]) => [`f.${name}`, text]))}`);
  const [head, ...lines] = parsed(await saved(page, "CSV"));
  return lines.map((line) => Object.fromEntries(head.map((name, place) => [name, line[place]])));
}

test("a revised share says on hover what it was, and when", async () => {
  const { page, trouble, close } = await opened(`${base}/working/index.html`);
  const [share] = (await rows(page, "market_shares", { market_id: "=dram", revised: "=true", forecast: "=false" })).filter((row) => /Q\d$/.test(row.period) && row.superseded === "false");
  await go(page, `#/market/dram?${new URLSearchParams({ c: share.company_id, basis: share.basis, length: "Q" })}`);
  await page.locator(`.series.lead a[href*='/${share.company_id}/dram/${share.period}/']`).hover();
  assert.match(await page.locator(".tip:not([hidden])").textContent(), /revised( · \w+)* · was [≈≥≤<> ]*[\d.–]+ % \(\d{4}-\d\d-\d\d\)/i);
  assert.deepEqual(trouble, []);
  await close();
});

test("a company's figures are drawn, one at a time, revenue first, with the values of its table", async () => {
  const { page, trouble, close } = await opened(`${base}/working/index.html`);
  const known = await rows(page, "company_metrics", { company_id: "=tsmc", metric: "=revenue", market_id: "=company-total", currency: "=TWD", forecast: "=false" });
  const quarters = known.filter((row) => /Q\d$/.test(row.period) && row.superseded === "false");
  await go(page, "#/company/tsmc");
  const figure = page.locator(".figure").filter({ has: page.getByRole("heading", { name: "Company metrics" }) });
  assert.equal(await figure.locator("[aria-current]").textContent(), "revenue · TWD · quarters");
  assert.equal(await figure.locator(".series.lead .dot").count(), quarters.length);
  await figure.getByRole("link", { name: "gross_margin · percent · quarters" }).click();
  await page.waitForURL(/figure=gross_margin/);
  await figure.locator("a[href*='/tsmc/gross_margin/']").first().waitFor();
  assert.deepEqual(trouble, []);
  await close();
});

test("forecasts of a market stand beside what came of them, each with its claim, and on a day only those that were public", async () => {
  const { page, close } = await opened(`${base}/working/index.html`);
  const wanted = (await rows(page, "forecast_outcomes", { key: "market_id=dram;" })).filter((row) => row.table.startsWith("market_") && row.outcome);
  const section = page.locator("section").filter({ has: page.getByRole("heading", { name: /^Forecast outcomes/ }) });
  await go(page, "#/market/dram");
  assert.equal(await section.locator("tbody tr").count(), wanted.length);
  for (const row of wanted) assert.ok((await section.locator(`a[href='#/claim/${row.claim_id}']`).count()) > 0, row.claim_id);
  const days = wanted.map((row) => row.outcome_vintage).sort();
  await go(page, `#/market/dram?known=${days[0]}`);
  assert.equal(await section.locator("tbody tr").count(), days.filter((day) => day === days[0]).length);
  await close();
});
