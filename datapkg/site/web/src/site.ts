// What site.js says about the release: written by datapkg/site/told.py.

export interface FileAbout {
  path: string;
  bytes: number;
  sha256: string;
  /** The places where its parts end, of a file that need not be read at once. */
  parts?: { end: number; sha256: string }[];
}

export interface Field {
  name: string;
  type: "string" | "integer" | "number" | "boolean" | "date";
  title: string;
  title_ko?: string;
  description: string;
  unit?: string;
  enum?: string[];
  target?: string;
  bookkeeping?: boolean;
}

export interface Table {
  name: string;
  title: string;
  title_ko?: string;
  description: string;
  role: "registry" | "fact" | "record";
  rows: number;
  key: string[];
  block: string[];
  leading: string[];
  status: string | null;
  stages: boolean;
  kind: string | null;
  fields: Field[];
  file: FileAbout;
  observations: FileAbout | null;
  history: FileAbout | null;
  claims: FileAbout | null;
}

/** What a release changed since the one before it; of the first release that is none, and empty. */
export interface Step {
  version: string;
  before: string;
  file: FileAbout;
  /** How many changes of each kind there are, but in observations. */
  rows: Record<string, number>;
}

export interface Site {
  name: string;
  title: string;
  description: string;
  version: string;
  created: string | null;
  homepage?: string;
  licenses: { name: string; title?: string; path?: string }[];
  citation: { apa: string; bibtex: string };
  policies: string[];
  last_day: string | null;
  /** The days on which a source became known, in their order: what the slider stops at. */
  days: string[];
  tables: Table[];
  /** What descriptions of tables and columns say in Korean, by the English ones. */
  descriptions_ko: Record<string, string>;
  /** The newest first, each with the one before. */
  changes: Step[];
  metadata: string[];
  /** Whether the folder has Atom feeds. */
  feeds: boolean;
  /** How often values or cells were wrong, and claims missed, when pages were coded again. */
  quality: { values?: Measured; cells: Measured; missed: Measured } | null;
}

/** Of how many cells or claims how many were so, and the greatest share that is likely. */
interface Measured {
  many: number;
  of: number;
  bound: number;
}

declare global {
  var datapkgSite: Site;
  var datapkgFile: (name: string, data: string) => void;
}

export const site: Site = globalThis.datapkgSite;
const byName = new Map((site?.tables ?? []).map((table) => [table.name, table]));

export class Unknown extends Error {}

export function hasTable(name: string): boolean {
  return byName.has(name);
}

export function tableOf(name: string): Table {
  const found = byName.get(name);
  if (!found) throw new Unknown(name);
  return found;
}

export function fieldOf(table: Table, name: string): Field | undefined {
  return table.fields.find((field) => field.name === name);
}
