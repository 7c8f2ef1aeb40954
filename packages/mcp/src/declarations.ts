/**
 * The script API as TypeScript declarations, for a model: only the calls whose capabilities a policy grants, so that a
 * model does not try the others. `needs`: all capabilities that the call takes.
 */
import type { Capability } from "@agent-run/policy";

interface Declared {
  readonly needs: readonly Capability[];
  readonly text: string;
}

const FS: readonly Declared[] = [
  {
    needs: ["fs.read"],
    text: 'read(path: string, o?: {encoding?: "base64"; offset?: number; length?: number}): string',
  },
  { needs: ["fs.read"], text: "readJson(path: string): any" },
  {
    needs: ["fs.read"],
    text: "list(path: string, o?: {recursive?: boolean}): {name: string; path: string; type: string; size: number}[]",
  },
  { needs: ["fs.read"], text: "glob(pattern: string): string[]" },
  { needs: ["fs.read"], text: "stat(path: string): {type: string; size: number; mtime: number}" },
  { needs: ["fs.read"], text: "exists(path: string): boolean" },
  {
    needs: ["fs.write"],
    text: "write(path: string, data: string, o?: {append?: boolean; createParents?: boolean}): {bytes: number}",
  },
  { needs: ["fs.write"], text: "mkdir(path: string): void" },
  { needs: ["fs.delete"], text: "delete(path: string, o?: {recursive?: boolean}): void" },
  { needs: ["fs.read", "fs.write"], text: "copy(from: string, to: string): void" },
  { needs: ["fs.read", "fs.write", "fs.delete"], text: "move(from: string, to: string): void" },
];

const WITHOUT_BODY = "(url: string, o?: HttpOptions): HttpResponse";
const WITH_BODY = "(url: string, body: string | object, o?: HttpOptions): HttpResponse";

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

const EXEC =
  "exec(argv: string[], o?: {cwd?: string; stdin?: string; check?: boolean}): {exitCode: number; stdout: string; stderr: string}";

const ALWAYS = [
  "declare function print(...values: unknown[]): void; // so does console.log",
  "declare const args: string[], input: any; // what this tool was given",
];

export function declarationsFor(granted: ReadonlySet<Capability>): string {
  const net = members(NET, granted);
  const lines = [
    ...object("fs", members(FS, granted)),
    ...(net.length === 0 ? [] : [...NET_TYPES, ...object("net", net), FETCH]),
    ...object("subprocess", members([{ needs: ["subprocess.exec"], text: EXEC }], granted)),
    ...object("env", members([{ needs: ["env.read"], text: "read(name: string): string | undefined" }], granted)),
    ...ALWAYS,
  ];
  return lines.join("\n");
}

const members = (list: readonly Declared[], granted: ReadonlySet<Capability>): string[] =>
  list.filter(({ needs }) => needs.every((one) => granted.has(one))).map(({ text }) => text);

function object(name: string, list: readonly string[]): string[] {
  if (list.length === 0) return [];
  if (list.length === 1) return [`declare const ${name}: {${list[0]}};`];
  return [`declare const ${name}: {`, ...list.map((text) => `  ${text};`), "};"];
}
