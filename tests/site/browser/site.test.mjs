// The pages in Debian's Chromium: node --test; DATAPKG_SITES is the folder that made.py has filled.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { base, buildSync, damaged, faults, go, needs, opened, parsed, ROOT, saved, settled, SITES, WEB } from "./shared.mjs";

const SHARE = "/row/market_shares/tsmc/foundry/2025-Q1/revenue/false";
const PAGES = ["/start", "/tables", "/table/market_shares", "/table/sources", "/market/foundry", "/company/samsung-electronics", "/facility/jasm-kumamoto-fab-1", "/entry/products/hbm3e",
  "/entry/people/sam-altman", SHARE, "/conflicts", "/corrections", "/timeline?kind=deals", "/network", "/changes", "/dictionary/market_shares", "/search?q=HBM", "/sql", "/conflicts?known=2024-01-31&policy=latest"];

const FEW = ["/start", "/table/market_shares", "/market/foundry", "/facility/samsung-pyeongtaek", SHARE, "/network", "/timeline?kind=visits", "/conflicts?known=2021-01-31&policy=latest"];

describe("the pages", () => {
  test("complain of nothing, ask for nothing outside, and axe finds nothing: from a server, in light", () => every(`${base}/working/index.html`, PAGES, { colorScheme: "light" }));
  test("and from a disk, in dark, on a phone, in Korean", () =>
    every(pathToFileURL(join(SITES, "working/index.html")).href, FEW, { colorScheme: "dark", viewport: { width: 390, height: 844 }, locale: "ko-KR" }));
});

async function every(address, pages, options) {
  const { page, trouble, close } = await opened(address, options);
  const wrong = {};
  for (const hash of pages) {
    await go(page, `#${hash}`);
    const told = await faults(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) told.push(`${wide} px wider than the window`);
    if (await page.getByRole("alert").count()) told.push(await page.getByRole("alert").textContent());
    if (told.length) wrong[hash] = told;
  }
  assert.deepEqual(wrong, {});
  assert.deepEqual(trouble, []);
  await close();
}

test("from a market to a share to its claim in two clicks", async () => {
  const { page, trouble, close } = await opened(`${base}/working/index.html#/market/foundry`);
  await page.locator(".figure table a[href*='tsmc']").filter({ hasText: "%" }).first().click();
  await page.waitForURL(/#\/row\/market_shares\/tsmc\/foundry\//);
  await page.locator(".claims .first .says a").click();
  await page.waitForURL(/#\/claim\//);
  await settled(page);
  await page.getByText("Page of the source").waitFor();
  assert.deepEqual(trouble, []);
  await close();
});

test("a point of the chart leads to its claims", async () => {
  const { page, close } = await opened(`${base}/working/index.html#/market/foundry`);
  const dots = page.locator(".chart a");
  assert.ok((await dots.count()) > 50);
  assert.match(await dots.first().getAttribute("href"), /^#\/row\/market_shares\//);
  await close();
});

test("search, filters and sorting are in the address, and survive it", async () => {
  const { page, close } = await opened(`${base}/working/index.html#/table/market_shares`);
  await page.locator("[data-filter='market_id']").fill("=foundry");
  await page.locator("[data-filter='market_id']").press("Enter");
  await page.waitForURL(/f\.market_id=%3Dfoundry/);
  await page.locator("[data-filter='share_pct']").fill(">=50");
  await page.locator("[data-filter='share_pct']").press("Enter");
  await page.waitForURL(/f\.share_pct=/);
  await settled(page);
  await page.getByRole("button", { name: "share_pct" }).click();
  await page.waitForURL(/sort=share_pct/);
  await settled(page);
  const told = await page.locator(".count").textContent();
  await page.reload();
  await settled(page);
  assert.equal(await page.locator(".count").textContent(), told);
  const [head, ...rows] = parsed(await saved(page, "CSV"));
  const place = head.indexOf("share_pct");
  const values = rows.map((row) => Number(row[place]));
  assert.ok(rows.length > 20 && rows.every((row) => row[head.indexOf("market_id")] === "foundry"));
  assert.deepEqual(values, values.toSorted((one, other) => one - other));
  assert.ok(values[0] >= 50);
  await page.getByText("Load these rows").click();
  await page.getByText('filters=[("market_id", "==", "foundry"), ("share_pct", ">=", 50)]').waitFor();
  await close();
});

describe("under a day and a policy", () => {
  test("the rows are those of load", async () => {
    const { page, trouble, close } = await opened(`${base}/working/index.html`);
    for (const file of readdirSync(join(SITES, "expected"))) {
      const wanted = JSON.parse(readFileSync(join(SITES, "expected", file), "utf8"));
      await go(page, `#/table/${wanted.table}?${new URLSearchParams({ known: wanted.known, policy: wanted.policy })}`);
      const [head, ...rows] = parsed(await saved(page, "CSV"));
      assert.deepEqual(head, wanted.columns, file);
      assert.ok(rows.length > 0, file);
      assert.deepEqual(rows, wanted.rows.map((row) => row.map((value) => (value === null ? "" : String(value)))), file);
    }
    assert.deepEqual(trouble, []);
    await close();
  });

  test("the slider moves every page, and goes along", async () => {
    const { page, close } = await opened(`${base}/working/index.html#/start`);
    const slider = page.locator("#known");
    await slider.focus();
    await slider.press("ArrowLeft");
    await page.waitForURL(/known=\d{4}-\d\d-\d\d/);
    await settled(page);
    await page.getByRole("link", { name: "Conflicts", exact: true }).first().click();
    await page.waitForURL(/#\/conflicts\?.*known=/);
    await settled(page);
    await page.getByRole("link", { name: "Now", exact: true }).click();
    await page.waitForURL((url) => !url.hash.includes("known="));
    await close();
  });

  test("a row that was not known yet is not shown", async () => {
    const { page, close } = await opened(`${base}/working/index.html#${SHARE}?known=2020-01-01`);
    await page.getByText("There is no such row under this day and policy.").waitFor();
    for (const hash of ["/source/ajc-absolics-2024-05", "/claim/ajc-absolics-2024-05/absolics-covington-announced"]) {
      await go(page, `#${hash}?known=2020-01-01`);
      assert.equal(await page.getByText("There is no such row under this day and policy.").count(), 1, hash);
      await go(page, `#${hash}?known=2024-12-31`);
      assert.equal(await page.getByText("There is no such row under this day and policy.").count(), 0, hash);
    }
    await close();
  });
});

test("Korean and English: switched, in the address, remembered", async () => {
  const { page, close } = await opened(`${base}/working/index.html#/company/samsung-electronics`);
  await page.getByRole("link", { name: "한국어" }).click();
  await page.waitForURL(/lang=ko/);
  await settled(page);
  assert.equal(await page.locator("h1").textContent(), "삼성전자");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "ko");
  await go(page, "#/entry/terms/ai-accelerator");
  assert.match(await page.locator(".lede").textContent(), /[가-힣]/);
  await go(page, "#/network?company=nvidia");
  const kinds = await page.locator("main .choice a").allTextContents();
  assert.ok(kinds.length > 3 && kinds.every((kind) => /[가-힣]/.test(kind)), kinds.join());
  await go(page, "#/dictionary/market_shares");
  const titles = await page.locator("table.small tbody td:nth-child(2)").allTextContents();
  assert.ok(titles.length > 20 && titles.every((title) => /[가-힣]/.test(title)), titles.join());
  const meanings = await page.locator("table.small tbody td:nth-child(5), main section > p").allTextContents();
  assert.ok(meanings.length > 20 && meanings.every((text) => /[가-힣]/.test(text)), meanings.join());
  await go(page, "#/table/market_shares");
  assert.equal(await page.locator(".grid-head [role=columnheader] button").first().textContent(), "기업");
  assert.match(await page.locator(".grid-head [role=columnheader] button").first().getAttribute("title"), /^company_id: 기업/);
  assert.match(await page.locator(".lede").textContent(), /^시장 점유율/);
  await page.goto(`${base}/working/index.html`);
  await settled(page);
  assert.equal(await page.evaluate(() => document.documentElement.lang), "ko");
  await close();
});

test("names are found in any language, in less than 100 ms", async () => {
  const { page, close } = await opened(`${base}/working/index.html#/search?q=HBM`);
  for (const [asked, wanted] of [["삼성전자", "Samsung Electronics"], ["tsmc", "TSMC"], ["DRAM", "DRAM"]]) {
    await go(page, `#/search?q=${encodeURIComponent(asked)}`);
    assert.equal(await page.locator(".hits a").first().textContent(), wanted);
  }
  const spent = await page.evaluate(async () => {
    const began = performance.now();
    location.hash = "#/search?q=nvidia";
    await new Promise((resolve) => new MutationObserver(resolve).observe(document.querySelector("main"), { childList: true }));
    return performance.now() - began;
  });
  assert.ok(spent < 400, `${spent} ms with drawing`);
  await close();
});

describe("the proof", () => {
  const article = join(ROOT, "tests/good/articles/hanbit-visit-2024.txt");
  const dropped = (page, name, text) => page.locator("#copy").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

  test("every passage of the article is found, where it was or moved, and nothing is sent", async () => {
    const { page, trouble, close } = await opened(`${base}/good/index.html#/source/hanbit-visit-2024`);
    const text = readFileSync(article, "utf8");
    await dropped(page, "copy.txt", text);
    const many = await page.locator("table.small tbody tr").count();
    await page.waitForFunction((count) => document.querySelectorAll(".proven").length === count, many);
    assert.equal(await page.locator(".proven.yes").count(), many);
    await dropped(page, "page.html", `<!doctype html><p>Menu</p><script>x</script><p>${text.replaceAll("\n", "<br>\n")}</p>`);
    await page.getByText("(moved)").first().waitFor();
    await page.waitForFunction((count) => document.querySelectorAll(".proven").length === count, many);
    assert.equal(await page.locator(".proven.yes").count(), many);
    assert.deepEqual(trouble, []);
    await close();
  });

  test("another text proves nothing", async () => {
    const { page, close } = await opened(`${base}/good/index.html#/claim/hanbit-visit-2024/falk-visit-hours`);
    await dropped(page, "other.txt", "Tin is soft. ".repeat(40));
    await page.getByText("The quote is not in this copy").waitFor();
    await dropped(page, "latin.txt", "");
    await page.locator("#copy").setInputFiles({ name: "latin.txt", mimeType: "text/plain", buffer: Buffer.from([0xe9, 0x20, 0xff]) });
    await page.getByText(/latin\.txt: .*encoded data was not valid/i).waitFor();
    await close();
  });

  test("the vectors of docs/anchors.md hold", async () => {
    const vectors = JSON.parse(readFileSync(join(ROOT, "tests/vectors/anchors.json"), "utf8"));
    const code = buildSync({ entryPoints: [join(WEB, "src/proof.ts")], bundle: true, format: "iife", globalName: "proof", write: false }).outputFiles[0].text;
    const { page, close } = await opened(`${base}/good/index.html`, { bypassCSP: true });
    await page.addScriptTag({ content: code });
    const found = await page.evaluate(async ({ copies, pages, texts }) => {
      const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
      const text = (one) => globalThis.proof.textOf("x.txt", one);
      const of = (one) => new TextEncoder().encode(one);
      return {
        texts: texts.map((one) => text(bytes(one.bytes)).join("")),
        copies: await Promise.all(copies.map(async (one) => {
          const result = await globalThis.proof.proven(text(bytes(one.copy)), { sha256: one.quote_sha256, chars: null, start: one.at[0], end: one.at[1] });
          return [one.name, result.state, result.places[0] ?? one.at];
        })),
        pages: await Promise.all(pages.map(async (one) => {
          const result = await globalThis.proof.proven(text(of(one.page)), { sha256: one.quote_sha256, chars: one.chars, start: null, end: null });
          return [one.name, result.places.length];
        })),
      };
    }, vectors);
    assert.deepEqual(found.texts, vectors.texts.map((one) => one.text));
    assert.deepEqual(found.copies, vectors.copies.map((one) => [one.name, one.state, one.found]));
    assert.deepEqual(found.pages, vectors.pages.map((one) => [one.name, one.places]));
    await close();
  });
});

describe("a damaged release", () => {
  const harmed = (change) => {
    cpSync(join(SITES, "good"), damaged, { recursive: true, force: true });
    change(join(damaged, "data/market_shares.parquet"));
  };
  const flipped = (file) => {
    const data = readFileSync(file);
    data[data.length >> 1] ^= 1;
    writeFileSync(file, data);
  };

  for (const [what, change, told] of [["other bytes", flipped, /data\/market_shares\.parquet: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}/], ["a missing file", (file) => rmSync(file), /expected \d+ bytes, found HTTP 404/]]) {
    test(`${what}: a clear message, and nothing invented`, async () => {
      harmed(change);
      const { page, close } = await opened(`${base}/damaged/index.html#/table/market_shares`);
      await page.getByRole("alert").getByText(told).waitFor();
      assert.equal(await page.locator(".grid").count(), 0);
      await go(page, "#/table/companies");
      assert.ok((await page.locator(".grid-body .grid-row").count()) > 0);
      await close();
    });
  }
});

test("hostile text is text", async () => {
  const { page, trouble, close } = await opened(`${base}/good/index.html#/table/companies`);
  await page.getByText("<img src=x onerror=alert(1)>").first().waitFor();
  for (const hash of ["/start", "/table/claims", "/table/sources", "/tables", "/search?q=script", "/timeline", "/conflicts", "/table/markets"]) await go(page, `#${hash}`);
  const source = await page.evaluate(() => globalThis.datapkgSite.tables.find((one) => one.name === "sources").key[0]);
  assert.equal(source, "source_id");
  assert.equal(await page.locator("main img, main iframe, main script, a[href^='javascript']").count(), 0);
  assert.ok(!(await page.title()).includes("taken"));
  assert.deepEqual(trouble, []);
  await close();
});

test("by keyboard alone: past the menu, to a row, to its claims", async () => {
  const { page, close } = await opened(`${base}/working/index.html#/table/market_shares`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  await page.locator(".grid-body .opens").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/#\/row\/market_shares\//);
  await close();
});

test("the first page waits for no table, and its slider is there with it", async () => {
  const { page, trouble, close } = await opened(`${base}/working/index.html#/tables`);
  await page.route(/\.parquet$/, () => {}); // from now on no table comes
  await page.goto("about:blank");
  await page.goto(`${base}/working/index.html`);
  await page.locator("main h1").waitFor();
  assert.ok((await page.locator(".tile").count()) > 30);
  assert.ok(Number(await page.locator("#known").getAttribute("max")) > 500);
  assert.equal(await page.locator("main[aria-busy]").count(), 0);
  assert.equal(await page.locator("main div[aria-busy]").count(), 2);
  assert.deepEqual(trouble, []);
  await close();
});

test("what is covered is told by year and by quarter", async () => {
  const { page, close } = await opened(`${base}/working/index.html`);
  const heads = () => page.locator(".heats th").allTextContents();
  assert.match((await heads()).at(-2), /^\d{4}$/);
  await page.locator("main").getByRole("link", { name: "quarters", exact: true }).click();
  await page.waitForURL(/by=quarter/);
  await settled(page);
  assert.match((await heads()).at(-2), /^\d{4}-Q[1-4]$/);
  await close();
});

test("on paper: dark on white, the day that is asked for, the rows of a table and no empty pages", async () => {
  const { page, trouble, close } = await opened(`${base}/working/index.html#/table/market_shares?known=2024-01-31`, { colorScheme: "dark" });
  const many = Number((await page.locator(".count").textContent()).replace(/,/g, "").split(" ")[0]);
  const height = () => page.locator(".grid-body").evaluate((body) => [body.children.length, body.offsetHeight / 34]);
  const before = await height();
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.waitForFunction((rows) => document.querySelector(".grid-body").children.length === rows, Math.min(many, 1000));
  assert.deepEqual(await height(), [Math.min(many, 1000), Math.min(many, 1000)]);
  assert.deepEqual(await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]), ["rgb(255, 255, 255)", "rgb(29, 39, 51)"]);
  assert.ok(await page.getByText("2024-01-31", { exact: true }).first().isVisible());
  assert.ok(!(await page.locator("header nav").isVisible()));
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  const [rows, tall] = await height();
  assert.ok(rows < 60 && before[0] < 60 && tall === before[1]);
  assert.deepEqual(trouble, []);
  await close();
});

test("a timeline is that of a company, and facts say that they are no claims", async () => {
  const { page, trouble, close } = await opened(`${base}/working/index.html#/timeline?policy=all`);
  await page.getByText("This page shows facts").waitFor();
  await page.getByLabel("Company", { exact: true }).selectOption("sk-hynix");
  await page.waitForURL(/company=sk-hynix/);
  await settled(page);
  const shown = await page.locator(".timeline li").count();
  assert.equal(await page.locator(".timeline li .list a[href^='#/company/sk-hynix?']").count(), shown);
  await go(page, "#/table/deals?policy=all");
  assert.equal(await page.getByText("This page shows facts").count(), 0);
  assert.deepEqual(trouble, []);
  await close();
});

test("a page that shows only the first of many says so", async () => {
  const { page, close } = await opened(`${base}/working/index.html#/timeline`);
  assert.match(await page.locator("main .note").first().textContent(), /^[\d,]+ rows · shown: 300$/);
  assert.equal(await page.locator(".timeline li").count(), 300);
  await go(page, "#/conflicts?kind=all");
  assert.match(await page.locator("main .note").first().textContent(), /^[\d,]+ rows · shown: 400$/);
  await close();
});

test("what is not there says so", async () => {
  const { page, trouble, close } = await opened(`${base}/working/index.html#/table/markte_shares`);
  await page.getByRole("heading", { name: "There is no such page." }).waitFor();
  for (const hash of ["/nowhere", "/market/x", "/claim/x/y", "/source/x", "/row/market_shares/%E0%A4%A", "/table/market_shares?f.share_pct=%3E%3Dx&sort=nothing"]) await page.goto(`${base}/working/index.html#${hash}`);
  assert.deepEqual(trouble, []);
  await close();
});

test("the committed bundle is what the sources make, and is small", () => {
  const out = mkdtempSync(join(tmpdir(), "datapkg-bundle-"));
  const made = needs("node:child_process").spawnSync("node", ["build.mjs", out], { cwd: WEB, encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  for (const name of ["app.js", "app.css", "sql.js"]) {
    assert.ok(readFileSync(join(out, name)).equals(readFileSync(join(WEB, "../bundle", name))), `${name} is stale; run: make site-bundle`);
  }
  const compressed = ["app.js", "app.css", "sql.js"].map((name) => needs("node:zlib").gzipSync(readFileSync(join(out, name))).length);
  assert.ok(compressed.reduce((sum, size) => sum + size) < 700_000, compressed.join());
  rmSync(out, { recursive: true });
});
