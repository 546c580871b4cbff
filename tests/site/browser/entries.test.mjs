// Pages of what registries hold: plants, companies with their plants and identifiers; and finding both.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { base, faults, go, opened, parsed, saved } from "./shared.mjs";

const PLANT = "esmc-dresden-fab";

/** The rows of a table about the plant, as the CSV has them. */
async function rows(page, table, query = "") {
  await go(page, `#/table/${table}?f.facility_id=${encodeURIComponent(`=${PLANT}`)}${query}`);
  const [head, ...lines] = parsed(await saved(page, "CSV"));
  return lines.map((line) => Object.fromEntries(head.map((name, place) => [name, line[place]])));
}

/** The texts of a section's table, by rows. */
async function cells(page, heading) {
  const section = page.locator("section").filter({ has: page.getByRole("heading", { name: heading }) });
  return section.locator("tbody tr").evaluateAll((lines) => lines.map((line) => [...line.children].map((cell) => cell.innerText.trim())));
}

describe("a plant", () => {
  test("shows what it can make, what was reached of it and what is planned, as its tables have it", async () => {
    const { page, trouble, close } = await opened(`${base}/working/index.html`);
    const [milestones, capacities, grants, profiles] = [await rows(page, "facility_milestones"), await rows(page, "facility_capacities"), await rows(page, "grants"), await rows(page, "facility_profiles")];
    assert.ok(milestones.some((row) => row.forecast === "true") && milestones.some((row) => row.forecast === "false") && capacities.length && grants.length && profiles.length === 1);
    await go(page, `#/facility/${PLANT}`);
    const steps = new Map((await cells(page, /^Facility milestones/)).map(([name, ...when]) => [name, when]));
    for (const row of milestones) assert.ok(steps.get(row.milestone.replaceAll("_", " "))[row.forecast === "true" ? 1 : 0].startsWith(row.milestone_period), JSON.stringify(row));
    const able = await cells(page, /^Facility capacities/);
    for (const row of capacities) assert.ok(able.some(([period, basis]) => period === row.period && basis === row.basis.replaceAll("_", " ")), JSON.stringify(row));
    assert.equal((await cells(page, /^Grants/)).length, grants.length);
    assert.match(await page.locator("dl a[href*='#/company/']").first().getAttribute("href"), /^#\/company\/[\w-]+$/);
    await page.locator("section").filter({ has: page.getByRole("heading", { name: /^Facility milestones/ }) }).locator("tbody a").first().click();
    await page.waitForURL(/#\/row\/facility_milestones\/esmc-dresden-fab\//);
    assert.deepEqual(trouble, []);
    await close();
  });

  test("shows on a day what was known by then", async () => {
    const { page, close } = await opened(`${base}/working/index.html`);
    const day = "2024-08-20";
    const known = await rows(page, "facility_milestones", `&known=${day}`);
    const later = await rows(page, "facility_milestones");
    await go(page, `#/facility/${PLANT}?known=${day}`);
    const steps = await cells(page, /^Facility milestones/);
    assert.equal(steps.flatMap(([, ...when]) => when).filter(Boolean).length, known.length);
    assert.ok(known.length && known.length < later.length);
    await close();
  });

  test("is on the page of its company and of its owner, and is found by its name in both languages", async () => {
    const { page, close } = await opened(`${base}/working/index.html#/company/tsmc`);
    await page.locator("section").filter({ has: page.getByRole("heading", { name: /^Facilities/ }) }).getByRole("link", { name: "TSMC Arizona Fab 21", exact: true }).click();
    await page.waitForURL(/#\/facility\/tsmc-arizona-fab-21/);
    for (const [asked, wanted] of [["평택캠퍼스", /#\/facility\/samsung-pyeongtaek/], ["ESMC Dresden", /#\/facility\/esmc-dresden-fab/]]) {
      await go(page, `#/search?q=${encodeURIComponent(asked)}`);
      assert.match(await page.locator(".hits a").first().getAttribute("href"), wanted);
    }
    await close();
  });
});

test("a filter says how many rows each value has", async () => {
  const { page, close } = await opened(`${base}/working/index.html#/table/facilities`);
  const options = await page.locator("[data-filter='kind'] option").allTextContents();
  for (const [, value, many] of options.map((text) => /^(\w+) \((\d+)\)$/.exec(text)).filter(Boolean)) {
    await go(page, `#/table/facilities?f.kind=${encodeURIComponent(`=${value}`)}`);
    assert.match(await page.locator(".count").textContent(), new RegExp(`^${many} of `));
  }
  assert.ok(options.length > 5);
  await close();
});

test("tables lead to the pages of entries, and what is said of a fact to that fact", async () => {
  const { page, close } = await opened(`${base}/working/index.html`);
  for (const [table, wanted] of [["companies", /^#\/company\//], ["markets", /^#\/market\//], ["facilities", /^#\/facility\//], ["people", /^#\/entry\/people\//], ["sources", /^#\/source\//],
    ["forecast_outcomes", /^#\/row\/\w+\//], ["conflicts", /^#\/row\/\w+\//]]) {
    await go(page, `#/table/${table}`);
    const address = await page.locator(".grid-body .grid-row a").first().getAttribute("href");
    assert.match(address, wanted, table);
    await go(page, address);
    assert.equal(await page.getByText(/There is no such/).count(), 0, address);
  }
  await close();
});

describe("identifiers", () => {
  test("find their company, as registers and as people write them", async () => {
    const { page, close } = await opened(`${base}/working/index.html`);
    for (const asked of ["XNAS:NVDA", "nvda", "549300S4KLFTLO7GSQ80", "Q182477", "0001045810", "1045810", "03jdj4y14"]) {
      await go(page, `#/search?q=${encodeURIComponent(asked)}`);
      assert.match(await page.locator(".hits a").first().getAttribute("href"), /#\/company\/nvidia$/, asked);
    }
    await go(page, "#/search?q=KYG022421088");
    assert.match(await page.locator(".hits li").first().textContent(), /Alchip.*ISIN KYG022421088/);
    await close();
  });

  test("stand on the page of their company, all of them, with a link where the register has a page", async () => {
    const { page, trouble, close } = await opened(`${base}/working/index.html`);
    const outward = new Map();
    for (const company of ["nvidia", "advantest", "alchip"]) {
      await go(page, `#/table/company_identifiers?f.company_id=${encodeURIComponent(`=${company}`)}`);
      const [head, ...lines] = parsed(await saved(page, "CSV"));
      await go(page, `#/company/${company}`);
      const card = page.locator(".card").filter({ has: page.getByRole("heading", { name: "Identifiers" }) });
      const told = await card.locator("li").allTextContents();
      assert.equal(told.length, lines.length);
      for (const line of lines) assert.ok(told.some((text) => text.startsWith(line[head.indexOf("value")])), line.join());
      for (const link of await card.locator("a.outward").all()) {
        assert.equal(await link.getAttribute("rel"), "noopener noreferrer external");
        outward.set(new URL(await link.getAttribute("href")).host, await link.textContent());
      }
    }
    assert.deepEqual([...outward.keys()].sort(), ["ror.org", "search.gleif.org", "www.houjin-bangou.nta.go.jp", "www.sec.gov", "www.wikidata.org"]);
    assert.deepEqual(await faults(page), []);
    assert.deepEqual(trouble, []);
    await close();
  });
});
