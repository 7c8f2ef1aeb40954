/**
 * The script API as TypeScript declarations: only the calls whose capabilities a policy grants, so that a model or an
 * editor does not try the others. The one home of them: `agent-run types` writes them for a file, and the MCP server puts
 * them, in short, into the description of its tool.
 */
import type { Capability } from "@agent-run/policy";

export interface Granted {
  readonly capabilities: ReadonlySet<Capability>;
  /** Capabilities of which some places are sealed. */
  readonly sealed: ReadonlySet<Capability>;
  /** Names of variables and secrets whose reading gives a Sealed. */
  readonly sealedNames: readonly string[];
}

/**
 * `needs`: all capabilities that the call takes. `text`: what a model needs; `more`: the whole of it, where that is longer.
 * `GIVES<T>` stands for T, or a Sealed at a sealed place.
 */
interface Declared {
  readonly needs: readonly Capability[];
  readonly text: string;
  readonly more?: string;
}

const FS: readonly Declared[] = [
  {
    needs: ["fs.read"],
    text: 'read(path: string, o?: {encoding?: "base64"; offset?: number; length?: number}): GIVES<string>',
    more: 'read(path: string, o?: "utf8" | "base64" | {encoding?: "utf8" | "base64"; offset?: number; length?: number}): GIVES<string>',
  },
  { needs: ["fs.read"], text: "readJson(path: string): any" },
  {
    needs: ["fs.read"],
    text: "list(path: string, o?: {recursive?: boolean}): {name: string; path: string; type: string; size: number}[]",
  },
  {
    needs: ["fs.read"],
    text: "glob(pattern: string): string[]",
    more: "glob(pattern: string, o?: {cwd?: string}): string[]",
  },
  { needs: ["fs.read"], text: "stat(path: string): {type: string; size: number; mtime: number}" },
  { needs: ["fs.read"], text: "exists(path: string): boolean" },
  {
    needs: ["fs.write"],
    text: "write(path: string, data: string, o?: {append?: boolean; createParents?: boolean}): {bytes: number}",
    more: "write(path: string, data: string | DATA, o?: {append?: boolean; base64?: boolean; createParents?: boolean}): {bytes: number}",
  },
  { needs: ["fs.write"], text: "mkdir(path: string): void" },
  { needs: ["fs.delete"], text: "delete(path: string, o?: {recursive?: boolean}): void" },
  { needs: ["fs.read", "fs.write"], text: "copy(from: string, to: string): void" },
  { needs: ["fs.read", "fs.write", "fs.delete"], text: "move(from: string, to: string): void" },
];

const WITHOUT_BODY = "(url: string, o?: HttpOptions): GIVES<HttpResponse>";
const WITH_BODY = "(url: string, body: string | object, o?: HttpOptions): GIVES<HttpResponse>";

const NET: readonly Declared[] = [
  { needs: ["net.http_get"], text: `httpGet${WITHOUT_BODY}` },
  { needs: ["net.http_post"], text: `httpPost${WITH_BODY}` },
  { needs: ["net.http_put"], text: `httpPut${WITH_BODY}` },
  { needs: ["net.http_patch"], text: `httpPatch${WITH_BODY}` },
  { needs: ["net.http_delete"], text: `httpDelete${WITHOUT_BODY}` },
];

const NET_TYPES = [
  "type HttpOptions = {headers?: Record<string, string>};",
  "type HttpResponse = {status: number; ok: boolean; url: string; headers: Record<string, string>; text(): string; json(): any};",
];
const FETCH =
  "declare function fetch(url: string, init?: object): Promise<Response>; // as on the Web; many at once with Promise.all";

const WHOLE_NET_TYPES = [
  'type HttpOptions = {headers?: Record<string, string>; timeoutMs?: number; responseType?: "text" | "json" | "base64"};',
  "type HttpResponse = {status: number; ok: boolean; url: string; headers: {[name: string]: string} & {get(name: string): string | null}; body: any; text(): string; json(): any};",
  "type FetchResponse = {status: number; ok: boolean; url: string; headers: {get(name: string): string | null; has(name: string): boolean}; text(): Promise<string>; json(): Promise<any>};",
];
const WHOLE_FETCH =
  "declare function fetch(url: string | URL, init?: {method?: string; headers?: Record<string, string>; body?: string | URLSearchParams; signal?: AbortSignal}): Promise<FetchResponse>; // many at once with Promise.all";

const EXEC: Declared = {
  needs: ["subprocess.exec"],
  text: "exec(argv: string[], o?: {cwd?: string; stdin?: string; check?: boolean}): GIVES<{exitCode: number; stdout: string; stderr: string}>",
  more: "exec(argv: string[], o?: {cwd?: string; stdin?: string; env?: Record<string, string>; timeoutMs?: number; check?: boolean}): GIVES<{exitCode: number; stdout: string; stderr: string}>",
};

const ALWAYS = [
  "declare function print(...values: unknown[]): void; // so does console.log",
  "declare const args: string[], input: any; // what this tool was given",
];

const REQUEST: Declared = {
  needs: [],
  text: "",
  more: "request(o: {method: string; url: string; headers?: Record<string, string>; body?: string | object; timeoutMs?: number}): GIVES<HttpResponse>",
};

/** What a model knows without being told, and a compiler does not. */
const WHOLE_ALWAYS = [
  "declare function print(...values: unknown[]): void;",
  "declare const console: {log(...values: unknown[]): void; info(...values: unknown[]): void; warn(...values: unknown[]): void; error(...values: unknown[]): void; debug(...values: unknown[]): void};",
  "declare const args: string[];",
  "declare const input: any;",
  "declare class AgentRunError extends Error {code: string | null; capability: string | null; target: string | null; rule: {id: string; file?: string; line?: number} | null; hint: string | null}",
  "declare class URLSearchParams {constructor(init?: string | Record<string, string> | [string, string][]); append(name: string, value: string): void; delete(name: string): void; get(name: string): string | null; getAll(name: string): string[]; has(name: string): boolean; set(name: string, value: string): void; toString(): string}",
  "declare class URL {constructor(url: string, base?: string | URL); href: string; protocol: string; host: string; hostname: string; port: string; pathname: string; search: string; hash: string; origin: string; readonly searchParams: URLSearchParams; toString(): string}",
  "declare class TextEncoder {encode(text?: string): Uint8Array}",
  "declare class TextDecoder {constructor(encoding?: string); decode(data?: Uint8Array | ArrayBuffer): string}",
  "declare class AbortSignal {readonly aborted: boolean; readonly reason: any}",
  "declare class AbortController {readonly signal: AbortSignal; abort(reason?: unknown): void}",
  "declare function btoa(text: string): string;",
  "declare function atob(text: string): string;",
  "declare function structuredClone<T>(value: T): T;",
  "declare function queueMicrotask(callback: () => void): void;",
  "declare function setTimeout(callback: (...args: any[]) => void, ms?: number, ...args: any[]): number;",
  "declare function clearTimeout(id?: number): void;",
  'declare const crypto: {sha256(data: string | Uint8Array, encoding?: "hex" | "base64"): string; hmac(key: string | Uint8Array, data: string | Uint8Array, encoding?: "hex" | "base64"): string; randomUUID(): string};',
];

export function declarationsFor({ capabilities, sealed, sealedNames }: Granted, whole: boolean): string {
  const of = (list: readonly Declared[], family: string): string[] => {
    const isSealed = whole && [...sealed].some((one) => one.startsWith(`${family}.`));
    return list
      .filter(({ needs }) => needs.every((one) => capabilities.has(one)))
      .map(({ text, more }) => given(whole ? (more ?? text) : text, isSealed));
  };
  const net = of(NET, "net");
  const requests = whole && net.length > 0 ? of([REQUEST], "net") : [];
  const fetched = whole ? [...WHOLE_NET_TYPES] : NET_TYPES;
  const lines = [
    ...object("fs", of(FS, "fs")),
    ...(net.length === 0 ? [] : [...fetched, ...object("net", [...net, ...requests]), whole ? WHOLE_FETCH : FETCH]),
    ...object("subprocess", of([EXEC], "subprocess")),
    ...object("env", capabilities.has("env.read") ? variables(whole ? sealedNames : [], whole) : []),
    ...(whole ? WHOLE_ALWAYS : ALWAYS),
  ];
  return lines.join("\n");
}

/** At a sealed place the answer is a Sealed, and only the script's author knows which place it is. */
function given(text: string, isSealed: boolean): string {
  const plain = text.replace(" | DATA", isSealed ? " | Sealed | Uint8Array" : " | Uint8Array");
  const [, name = "", parameters = "", type = ""] = /^(\w+)(\(.*\)): GIVES<(.*)>$/.exec(plain) ?? [];
  if (name === "") return plain;
  return isSealed ? `${name}<T extends Sealed | ${type} = ${type}>${parameters}: T` : `${name}${parameters}: ${type}`;
}

/** The name of what is sealed is known, so its type is. */
const variables = (names: readonly string[], whole: boolean): string[] => [
  ...names.map((name) => `read(name: ${JSON.stringify(name)}): Sealed`),
  "read(name: string): string | undefined",
  ...(whole ? ["has(name: string): boolean"] : []),
];

function object(name: string, list: readonly string[]): string[] {
  if (list.length === 0) return [];
  if (list.length === 1) return [`declare const ${name}: {${list[0]}};`];
  return [`declare const ${name}: {`, ...list.map((text) => `  ${text};`), "};"];
}
