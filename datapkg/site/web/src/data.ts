// Rows of Parquet files: fetched, or out of scripts where pages from a disk may not fetch; proven, then decoded.

import { decompress } from "fzstd";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";

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

/** Rows in their order: all of them, or those that are asked for of a file that is read in parts. */
export interface Rows {
  readonly length: number;
  slice(from: number, to: number): Row[] | Promise<Row[]>;
}

const cache = new Map<string, Promise<Row[]>>();

/** The rows of a file, read once. */
export function rowsOf(file: FileAbout): Promise<Row[]> {
  return once(cache, file.path, () => read(buffer(file)));
}

/** Rows that are decoded at a time, of a file that is read in parts. */
const BLOCK = 2000;

/** The rows of a file with a known number of them, fetched and decoded as they are asked for. */
export function rowsIn(file: FileAbout, length: number): Rows {
  const bytes = buffer(file);
  const footer = bytes.byteLength - partOf(file, bytes.byteLength - 1).begin;
  const metadata = parquetMetadataAsync(bytes, { initialFetchSize: footer });
  const blocks = new Map<number, Promise<Row[]>>();
  const block = (number: number) => once(blocks, number, async () =>
    read(bytes, { metadata: await metadata, rowStart: number * BLOCK, rowEnd: Math.min(length, (number + 1) * BLOCK), useOffsetIndex: true }));
  return {
    length,
    async slice(from, to) {
      const first = Math.floor(from / BLOCK);
      const many = Math.max(0, Math.ceil(Math.min(to, length) / BLOCK) - first);
      const rows = await Promise.all(Array.from({ length: many }, (_, place) => block(first + place)));
      return rows.flat().slice(from - first * BLOCK, to - first * BLOCK);
    },
  };
}

/** What was promised under a name before, else what is promised now; what fails is tried again. */
export function once<K, T>(promised: Map<K, Promise<T>>, name: K, make: () => Promise<T>): Promise<T> {
  let found = promised.get(name);
  if (!found) {
    found = make();
    promised.set(name, found);
    found.catch(() => promised.delete(name));
  }
  return found;
}

async function read(file: AsyncBuffer, some: { metadata?: FileMetaData; rowStart?: number; rowEnd?: number; useOffsetIndex?: boolean } = {}): Promise<Row[]> {
  const rows = await parquetReadObjects({
    file,
    ...some,
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

/** A part of a file, which is fetched and proven by itself. */
interface Part {
  file: FileAbout;
  number: number;
  begin: number;
  end: number;
  sha256: string;
}

function partOf(file: FileAbout, place: number): Part {
  const parts = file.parts ?? [{ end: file.bytes, sha256: file.sha256 }];
  const number = parts.findIndex((part) => place < part.end);
  const part = parts[number];
  if (!part) throw new RangeError(`${file.path} has ${file.bytes} bytes and none at ${place}`);
  return { file, number, begin: parts[number - 1]?.end ?? 0, ...part };
}

/** A file as hyparquet asks for it: some bytes, which are taken out of the parts that they lie in. */
function buffer(file: FileAbout): AsyncBuffer {
  const fetched = new Map<number, Promise<Uint8Array>>();
  const bytes = (part: Part) => once(fetched, part.number, () => proven(part));
  return {
    byteLength: file.bytes,
    async slice(begin, end = file.bytes) {
      const found: Promise<Uint8Array>[] = [];
      for (let place = begin; place < end; ) {
        const part = partOf(file, place);
        found.push(bytes(part).then((whole) => whole.slice(Math.max(0, begin - part.begin), end - part.begin)));
        place = part.end;
      }
      return joined(await Promise.all(found));
    },
  };
}

function joined(parts: Uint8Array[]): ArrayBuffer {
  const [only] = parts;
  if (parts.length === 1 && only) return only.buffer as ArrayBuffer;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole.buffer;
}

async function proven(part: Part): Promise<Uint8Array> {
  const bytes = await (location.protocol === "file:" ? embedded(part) : fetched(part));
  const found = await sha256(bytes);
  if (found !== null && found !== part.sha256) throw new Damaged(part.file.path, `SHA-256 ${part.sha256}`, found);
  return bytes;
}

async function fetched({ file, begin, end }: Part): Promise<Uint8Array> {
  const some = end - begin < file.bytes;
  const answer = await fetch(file.path, some ? { headers: { range: `bytes=${begin}-${end - 1}` } } : {});
  if (!answer.ok) throw new Damaged(file.path, `${file.bytes} bytes`, `HTTP ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return some && answer.status === 200 ? bytes.slice(begin, end) : bytes; // a server that knows no ranges sends the whole file
}

const pending = new Map<string, (data: string) => void>();
globalThis.datapkgFile = (name, data) => pending.get(name)?.(data);

async function embedded({ file, number }: Part): Promise<Uint8Array> {
  const name = `${file.path}.${number}`;
  const address = `embedded/${name}.js`;
  const [bytes] = await handed(address, [name]).catch(() => []);
  if (!bytes) throw new Damaged(file.path, address, "-");
  return bytes;
}

/** What a script of the site hands to the page, by its names. */
export function handed(address: string, names: string[]): Promise<Uint8Array[]> {
  const script = document.createElement("script");
  script.src = address;
  document.head.append(script);
  return Promise.all(names.map((name) => new Promise<Uint8Array>((resolve, reject) => {
    const gone = () => reject(new Error(`${address} does not hand over ${name}`));
    pending.set(name, (data) => resolve(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))));
    script.addEventListener("error", gone);
    script.addEventListener("load", gone); // after it has called datapkgFile, which settles first
  })));
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
