// The address holds the whole state: page, ids, and what is asked of it; the part after # works from a disk too.

export interface State {
  page: string;
  ids: string[];
  asked: URLSearchParams;
}

export type Language = "en" | "ko";

/** What goes along from page to page. */
const KEPT = ["known", "policy", "lang"];

export function parsed(hash: string): State {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page = "", ...ids] = path.split("/").map(unescaped);
  return { page: page || "start", ids, asked: new URLSearchParams(query) };
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function address(page: string, ids: string[] = [], asked: Iterable<[string, string]> = []): string {
  const path = [page, ...ids].map(encodeURIComponent).join("/");
  const query = new URLSearchParams([...asked].filter(([, value]) => value !== "")).toString();
  return `#/${path}${query ? `?${query}` : ""}`;
}

export let state: State = parsed(globalThis.location?.hash ?? "");

export function readAddress(): void {
  state = parsed(location.hash);
}

/** The address of a page that keeps day, policy and language. */
export function link(page: string, ids: string[] = [], asked: Record<string, string> = {}): string {
  const kept = KEPT.flatMap((name): [string, string][] => [[name, state.asked.get(name) ?? ""]]);
  return address(page, ids, [...kept, ...Object.entries(asked)]);
}

/** The address of this page with something else asked of it. */
export function changed(asked: Record<string, string>): string {
  const next = new URLSearchParams(state.asked);
  for (const [name, value] of Object.entries(asked)) next.set(name, value);
  return address(state.page, state.ids, next);
}

/** Goes to the same page, asked otherwise, without a new step to go back to. */
export function replace(asked: Record<string, string>): void {
  history.replaceState(null, "", changed(asked));
  dispatchEvent(new Event("hashchange"));
}

export function known(): string | null {
  const day = state.asked.get("known") ?? "";
  return /^\d{4}-\d\d-\d\d$/.test(day) ? day : null;
}

export function policy(): string {
  return state.asked.get("policy") || "preferred";
}

export function language(): Language {
  const asked = state.asked.get("lang") ?? remembered("lang") ?? (navigator.language.startsWith("ko") ? "ko" : "en");
  return asked === "ko" ? "ko" : "en";
}

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`datapkg.${name}`);
  } catch {
    return null; // some browsers keep nothing for pages from a disk
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`datapkg.${name}`, value);
  } catch {
    // the address still holds it
  }
}
