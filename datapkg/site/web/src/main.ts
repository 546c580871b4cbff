// The frame around every page: where one can go, the search, the day, the policy, the language; and what went wrong.

import { Damaged } from "./data";
import { h } from "./dom";
import { ALL } from "./facts";
import { loadNames } from "./names";
import { changesPage } from "./pages/changes";
import { dictionaryPage, startPage, tablesPage } from "./pages/start";
import { companyPage, entryPage } from "./pages/entry";
import { conflictsPage, correctionsPage } from "./pages/dissent";
import { facilityPage } from "./pages/facility";
import { marketPage } from "./pages/market";
import { networkPage } from "./pages/network";
import { rowPage } from "./pages/row";
import { prepare, searchPage } from "./pages/search";
import { claimPage, sourcePage } from "./pages/source";
import { sqlPage } from "./pages/sql";
import { tablePage } from "./pages/table";
import { timelinePage } from "./pages/timeline";
import { hasTable, site, Unknown } from "./site";
import { address, changed, known, language, link, policy, readAddress, remember, remembered, replace, state } from "./state";
import { t, type Word } from "./words";

const PAGES: Record<string, (ids: string[]) => Promise<Node>> = {
  start: startPage, table: tablePage, tables: tablesPage, row: rowPage, market: marketPage, company: companyPage, facility: facilityPage, entry: entryPage, claim: claimPage,
  source: sourcePage, search: searchPage, conflicts: conflictsPage, corrections: correctionsPage, dictionary: dictionaryPage, changes: changesPage,
  timeline: timelinePage, network: networkPage, sql: sqlPage,
};
/** Pages that show what site.js tells and wait for no table; a part of them that needs one comes when it is read. */
const AT_ONCE = new Set(["start", "tables", "dictionary"]);
/** Pages of facts, which one policy chooses: of all claims they show the preferred ones. */
const CHOSEN = new Set(["start", "market", "company", "facility", "entry", "row", "timeline", "network", "conflicts", "sql"]);
/** The pages of the menu; what is between brackets goes to a table. */
const MENU: [Word, string, string[], string?][] = [
  ["home", "start", []], ["tables", "tables", []], ["markets", "table", ["markets"], "markets"], ["companies", "table", ["companies"], "companies"], ["timeline", "timeline", []],
  ["network", "network", []], ["conflicts", "conflicts", [], "conflicts"], ["corrections", "corrections", [], "corrections"], ["sources", "table", ["sources"], "sources"],
  ["changes", "changes", []], ["dictionary", "dictionary", []], ["sql", "sql", []],
];

const main = h("main", { id: "content", tabindex: "-1" });
const frame = h("div", { class: "frame" });
let drawing = 0;

async function draw(): Promise<void> {
  readAddress();
  const mine = ++drawing;
  document.documentElement.lang = language();
  const focus = focused();
  frame.replaceChildren(header());
  main.setAttribute("aria-busy", "true");
  try {
    const page = PAGES[state.page];
    if (page && !AT_ONCE.has(state.page)) await loadNames();
    const made = page ? await page(state.ids) : h("p", { class: "notice" }, t("notFound"));
    if (mine === drawing) show(made);
  } catch (error) {
    if (mine === drawing) show(trouble(error));
  }
  main.removeAttribute("aria-busy");
  focus();
}

function show(made: Node): void {
  main.replaceChildren(policy() === ALL && CHOSEN.has(state.page) ? h("p", { class: "notice", role: "status" }, t("chosenOnly")) : "", made);
  const title = main.querySelector("h1")?.textContent;
  document.title = title && title !== site.title ? `${title} – ${site.title}` : `${site.title} ${site.version}`;
}

/** What gives the focus back to the field that had it, since a page is drawn anew with every change. */
function focused(): () => void {
  const active = document.activeElement;
  const name = active instanceof HTMLElement ? active.dataset.filter : undefined;
  if (name === undefined || !(active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement)) return () => {};
  const at = active.selectionStart;
  return () => {
    const field = main.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[data-filter="${CSS.escape(name)}"]`);
    field?.focus({ preventScroll: true });
    if (at !== null) field?.setSelectionRange?.(at, at);
  };
}

function trouble(error: unknown): Node {
  if (error instanceof Unknown) return h("div", {}, h("h1", {}, t("notFound")), h("p", { class: "notice" }, error.message), h("p", {}, h("a", { href: link("start") }, t("home"))));
  const damaged = error instanceof Damaged;
  const title = damaged ? t("damaged") : String(error);
  return h("div", { role: "alert", class: "damaged" }, h("h1", {}, title), damaged ? h("p", {}, h("code", {}, error.message)) : null, h("p", {}, t("damagedMore")));
}

function header(): Node {
  const search = h("input", { type: "search", name: "q", value: state.page === "search" ? (state.asked.get("q") ?? "") : "", placeholder: t("search"), "aria-label": t("search"), focus: prepare });
  const form = h("form", { role: "search", submit: (event) => {
    event.preventDefault();
    location.hash = link("search", [], { q: search.value });
  } }, search);
  const other = language() === "ko" ? "en" : "ko";
  const speak = h("a", { class: "button", href: changed({ lang: other }), lang: other, click: () => remember("lang", other) }, other === "ko" ? "한국어" : "English");
  const theme = h("button", { type: "button", "aria-label": t("theme"), title: t("theme"), click: turn }, "◐");
  const here = (page: string, ids: string[]) => (state.page === page && ids.every((id, place) => state.ids[place] === id) ? "page" : null);
  const menu = MENU.filter(([, , , table]) => !table || hasTable(table)).map(([word, page, ids]) => h("a", { href: link(page, ids), "aria-current": here(page, ids) }, t(word)));
  return h("header", {}, h("a", { class: "skip", href: "#content", click: (event) => {
    event.preventDefault();
    main.focus();
  } }, t("skip")),
    h("div", { class: "top" }, h("a", { class: "brand", href: link("start") }, site.title, h("small", {}, ` ${site.version}`)), form, speak, theme),
    h("nav", { "aria-label": t("menu") }, ...menu), views());
}

/** The day and the policy, which go along to every page. */
function views(): Node {
  const days = site.days;
  const last = days.length - 1;
  const at = known() ? days.findLastIndex((day) => day <= (known() ?? "")) : last;
  const told = h("output", { for: "known" }, known() ?? t("knownAll"));
  const slider = h("input", { type: "range", id: "known", min: 0, max: last, step: 1, value: Math.max(0, at), title: t("knownHelp"),
    "aria-valuetext": known() ?? t("knownAll"),
    input: () => {
      told.textContent = Number(slider.value) === last ? t("knownAll") : (days[Number(slider.value)] ?? "");
      clearTimeout(sliding);
      sliding = setTimeout(() => replace({ known: Number(slider.value) === last ? "" : (days[Number(slider.value)] ?? "") }), 120);
    } });
  const date = h("input", { type: "date", value: known() ?? "", min: days[0] ?? "", "aria-label": t("known"), change: () => replace({ known: date.value }) });
  const select = h("select", { id: "policy", change: () => replace({ policy: select.value === "preferred" ? "" : select.value }) },
    ...[...site.policies, "all"].map((name) => h("option", { value: name }, ["preferred", "latest", "all"].includes(name) ? t(name as Word) : name)));
  select.value = policy();
  const moved = known() || policy() !== "preferred";
  return h("div", { class: moved ? "views moved" : "views", role: "group", "aria-label": `${t("known")}, ${t("policy")}` },
    h("label", { for: "known" }, t("known")), slider, date, told,
    h("label", { for: "policy" }, t("policy")), select,
    moved ? h("a", { class: "button", href: changed({ known: "", policy: "" }) }, t("now")) : null);
}

let sliding = 0;

function turn(): void {
  const dark = document.documentElement.dataset.theme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  remember("theme", document.documentElement.dataset.theme);
}

async function begin(): Promise<void> {
  const theme = remembered("theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  document.getElementById("app")?.append(frame, main, h("footer", {}, site.citation.apa, " ", ...site.licenses.map((one) => ` ${one.name}`)));
  if (!globalThis.crypto?.subtle) main.before(h("p", { class: "notice" }, t("unverified")));
  let before = address(state.page, state.ids);
  addEventListener("hashchange", () => {
    readAddress();
    const now = address(state.page, state.ids);
    void draw().then(() => {
      if (now !== before) scrollTo(0, 0);
      before = now;
    });
  });
  await draw();
}

void begin();
