// A console over all tables: SQL in the address, its rows as text and as CSV, and a way to stop it.

import { download, h } from "../dom";
import { choosing } from "../facts";
import { csvOf, number, shown } from "../format";
import { small } from "../parts";
import { hasTable, site, type Table, tableOf } from "../site";
import { type Result, Session, Wrong } from "../sql/session";
import { replace, state } from "../state";
import { usingLines } from "../using";
import { t, titleOf } from "../words";

/** Rows that are shown; the CSV has all that were taken. */
const SHOWN = 500;
let session: Session | null = null;

export async function sqlPage(): Promise<Node> {
  const sql = state.asked.get("q") ?? "";
  const field = h("textarea", { name: "sql", rows: 6, spellcheck: "false", "aria-label": "SQL", "data-filter": "sql", keydown: (event) => {
    const { key, ctrlKey, metaKey } = event as KeyboardEvent;
    if (key === "Enter" && (ctrlKey || metaKey)) run();
  } }, sql || example());
  const run = () => replace({ q: field.value });
  const stop = h("button", { type: "button", click: () => session?.stop() }, t("stop"));
  const place = h("div", { class: "result", "aria-live": "polite" });
  if (sql) void show(place, sql, stop);
  else stop.disabled = true;
  return h("div", { class: "wide" }, h("h1", {}, "SQL"), h("p", { class: "lede" }, t("sqlHelp")), field,
    h("div", { class: "toolbar" }, h("button", { type: "button", title: "Ctrl+Enter", click: run }, t("run")), stop),
    place, schemas(), usingLines({ Python: `import datapkg\ndf = datapkg.connect(version="${site.version}").sql("""${(sql || example()).replaceAll("\\", "\\\\").replaceAll('"""', '""\\"')}""").df()` }));
}

async function show(place: HTMLElement, sql: string, stop: HTMLButtonElement): Promise<void> {
  const mine = fitting();
  place.replaceChildren(h("p", { class: "note" }, t("working")));
  try {
    const found = await mine.run(sql);
    place.replaceChildren(...(found ? rows(found) : [h("p", { class: "notice", role: "status" }, t("stopped"))]));
    if (!found && session === mine) session = null;
  } catch (error) {
    if (!(error instanceof Wrong) && session === mine) session = null; // what could not be begun is begun anew
    place.replaceChildren(h("p", { class: "notice", role: "alert" }, error instanceof Error ? error.message : String(error)));
  }
  stop.disabled = true;
}

/** The database of this day and policy; one that still works for another page is stopped. */
function fitting(): Session {
  const view = choosing();
  if (session && (session.busy || session.view.known !== view.known || session.view.policy !== view.policy)) {
    session.stop();
    session = null;
  }
  session ??= new Session(view);
  return session;
}

function rows({ columns, rows, more }: Result): Node[] {
  const many = `${number(rows.length)}${more ? "+" : ""} ${t("rows")}${rows.length > SHOWN ? ` · ${t("firstRows")} ${number(SHOWN)}` : ""}`;
  const numeric = columns.flatMap((_, place) => (typeof rows[0]?.[place] === "number" ? [place] : []));
  return [
    h("div", { class: "toolbar" }, h("span", { class: "count", role: "status" }, many),
      h("button", { type: "button", click: () => download("sql.csv", csvOf(columns, rows), "text/csv") }, t("csv"))),
    small(columns, rows.slice(0, SHOWN).map((row) => row.map((value) => shown(value))), numeric),
  ];
}

function example(): string {
  const table = hasTable("market_shares") ? tableOf("market_shares") : site.tables.find((one) => one.role === "fact") ?? site.tables[0];
  if (!table) return "";
  const columns = table.fields.filter((field) => !field.bookkeeping).slice(0, 6).map((field) => field.name);
  return `SELECT ${columns.join(", ")}\nFROM ${table.name}\nORDER BY ${table.key[0]}\nLIMIT 20;`;
}

function schemas(): HTMLElement {
  const line = (table: Table) => h("li", {}, h("b", {}, titleOf(table)), " ", h("code", {}, `${table.name} (${table.fields.map((field) => field.name).join(", ")})`));
  return h("details", { class: "panel" }, h("summary", {}, t("tables")), h("ul", { class: "hits" }, ...site.tables.map(line)));
}
