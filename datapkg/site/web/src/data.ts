// Rows of Parquet files: fetched, or out of scripts where pages from a disk may not fetch; proven, then decoded.

import { decompress } from "fzstd";
import { parquetReadObjects } from "hyparquet";

import type { FileAbout } from "./site";

export type Value = string | number | boolean | null;
export type Row = Record<string, Value>;

/** A file that is not there, or not the one that the site was made with. */
export class Damaged extends Error {
  constructor(
    readonly path: string,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`${path}: expected ${expected}, found ${found}`);
  }
}

const pending = new Map<string, (data: string) => void>();
globalThis.datapkgFile = (path, data) => pending.get(path)?.(data);

const cache = new Map<string, Promise<Row[]>>();

/** The rows of a file, read once. */
export function rowsOf(file: FileAbout): Promise<Row[]> {
  let found = cache.get(file.path);
  if (!found) {
    found = read(file);
    cache.set(file.path, found);
    found.catch(() => cache.delete(file.path));
  }
  return found;
}

async function read(file: FileAbout): Promise<Row[]> {
  const bytes = await (location.protocol === "file:" ? embedded(file) : fetched(file));
  const found = await sha256(bytes);
  if (found !== null && found !== file.sha256) {
    throw new Damaged(file.path, `SHA-256 ${file.sha256}`, found);
  }
  const rows = await parquetReadObjects({
    file: bytes.buffer as ArrayBuffer,
    compressors: { ZSTD: (input, length) => decompress(input, new Uint8Array(length)) },
    parsers: { dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10) },
  });
  for (const row of rows) {
    for (const name in row) {
      const value = row[name];
      if (typeof value === "bigint") row[name] = Number(value);
      else if (value === undefined) row[name] = null;
    }
  }
  return rows as Row[];
}

async function fetched(file: FileAbout): Promise<Uint8Array> {
  const answer = await fetch(file.path);
  if (!answer.ok) throw new Damaged(file.path, `${file.bytes} bytes`, `HTTP ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

function embedded(file: FileAbout): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Damaged(file.path, `embedded/${file.path}.js`, "-"));
    pending.set(file.path, (data) => resolve(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))));
    const script = document.createElement("script");
    script.src = `embedded/${file.path}.js`;
    script.addEventListener("error", gone);
    script.addEventListener("load", gone); // after it has called datapkgFile, which settles first
    document.head.append(script);
  });
}

/** The SHA-256 of bytes; null where the browser has no WebCrypto, as on plain HTTP from another machine. */
export async function sha256(bytes: Uint8Array): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Things by a name, in their order. */
export function grouped<T>(things: Iterable<T>, name: (thing: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const thing of things) {
    const one = name(thing);
    const group = found.get(one);
    if (group) group.push(thing);
    else found.set(one, [thing]);
  }
  return found;
}
