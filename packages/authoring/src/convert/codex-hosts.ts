/**
 * `host_executable` of Codex: which files the name of a command may mean where a rule names the command and the call its
 * path. Without such a line it may mean any file of that name.
 */
import { type Item, remark } from "./draft.ts";
import type { Call } from "./starlark.ts";
import { Malformed, textOf } from "./tree.ts";

export interface Host {
  readonly paths: readonly string[];
}

export interface Hosts {
  readonly byName: ReadonlyMap<string, Host>;
  /** Lines that could not be carried over whole. */
  readonly left: readonly Item[];
}

export function readHosts(calls: readonly Call[]): Hosts {
  const byName = new Map<string, Host>();
  const left: Item[] = [];
  for (const call of calls.filter(({ name }) => name === "host_executable")) {
    const { name, paths } = readHost(call);
    const from = { at: call.at, text: `host_executable ${name}` };
    const said = paths.filter((path) => path.startsWith("/"));
    const unsaid = paths.filter((path) => !path.startsWith("/"));
    const before = byName.get(name);
    // Which of two lines counts is not said there, so what both of them say is granted.
    byName.set(name, { paths: before === undefined ? said : said.filter((path) => before.paths.includes(path)) });
    if (before !== undefined) left.push(remark(from, "the name has such a line above; the paths of both are granted"));
    for (const path of unsaid) left.push(remark(from, `\`${path}\`: a command is granted by an absolute path`));
  }
  return { byName, left };
}

function readHost(call: Call): { readonly name: string; readonly paths: readonly string[] } {
  for (const [key, { at }] of call.args) {
    if (key !== "name" && key !== "paths")
      throw new Malformed(at, `\`host_executable\` has no argument \`${key}\``, "there are: name, paths");
  }
  const [name, paths] = [call.args.get("name"), call.args.get("paths")];
  const text = textOf(name ?? null);
  if (text === null || text === "" || text.includes("/"))
    throw new Malformed(name?.at ?? call.at, "`name` takes the name of a command, without a path");
  if (paths?.kind !== "list") throw new Malformed(paths?.at ?? call.at, "`paths` takes a list of paths");
  const texts = paths.items.map((item) => {
    const path = textOf(item);
    if (path === null || !/[/\\]/.test(path)) throw new Malformed(item.at, "`paths` takes absolute paths");
    const last = path.split(/[/\\]/).at(-1);
    if (last !== text) throw new Malformed(item.at, `the path is none of \`${text}\``, "it ends with the name");
    return path;
  });
  return { name: text, paths: [...new Set(texts)] };
}

/** Does a line that begins with these words match the call there? */
export function startsCall(words: readonly string[], argv: readonly string[], { byName }: Hosts): boolean {
  const [command = "", ...args] = words;
  const [called = ""] = argv;
  if (!args.every((word, at) => word === argv[at + 1])) return false;
  if (called === command) return true;
  if (!called.startsWith("/") || called.split("/").at(-1) !== command) return false;
  const host = byName.get(command);
  return host === undefined || host.paths.includes(called);
}
