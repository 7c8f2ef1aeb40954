/**
 * For tests only: what Aegis and Denyx would answer under a policy in their dialect, after the published description of
 * both: globs whose wildcards cross `/`, texts in joined arguments, one preset, `[functions]` of older policies.
 */
import ipaddr from "ipaddr.js";
import { parse } from "smol-toml";
import { dialectDefaultsText, RESERVED_VARIABLES } from "../dialect/defaults.ts";

export type Verdict = "allow" | "ask" | "deny";

type Lists = Readonly<Record<string, unknown>>;

export interface DialectCall {
  readonly on: string;
  readonly path?: string;
  readonly url?: string;
  readonly name?: string;
  readonly argv?: readonly string[];
}

export class ReferenceDialect {
  readonly #file: Lists;
  readonly #preset: Lists;
  readonly #root: string;
  readonly #home: string;

  constructor(text: string, root: string, home: string) {
    this.#file = parse(text) as Lists;
    this.#preset = this.#file.inherits === undefined ? {} : (parse(`${dialectDefaultsText()}${FIND}`) as Lists);
    this.#root = root;
    this.#home = home;
  }

  decide(call: DialectCall): Verdict {
    if (!this.#allows(call) || this.#isClosed(call.on)) return "deny";
    const asks = [...this.#list("requires_approval"), ...this.#list("confirm_per_call")];
    return asks.includes(call.on) || this.#asksFor(call) ? "ask" : "allow";
  }

  #allows({ on, path = "", url = "", name = "", argv = [] }: DialectCall): boolean {
    if (on.startsWith("fs.")) return this.#allowsPath(on.slice(3), path);
    if (on.startsWith("net.")) return this.#allowsUrl(on.slice(4), new URL(url));
    if (on === "env.read") return this.#allowsVariable(name);
    return this.#allowsCommand(argv);
  }

  #allowsPath(action: string, path: string): boolean {
    const matches = (list: string) => this.#list(`filesystem.${list}`).some((glob) => this.#pathGlob(glob).test(path));
    if (matches("deny")) return false;
    return matches(`${action}_allow`) || (action === "read" && matches("local_only_read"));
  }

  #allowsUrl(verb: string, { hostname }: URL): boolean {
    const ranges = this.#list("network.deny_ips");
    const bare = hostname.replace(/^\[|\]$/g, "");
    if (ipaddr.isValid(bare) && ranges.some((range) => inRange(bare, range))) return false;
    const matches = (list: string) => this.#list(`network.${list}`).some((glob) => globOf(glob).test(hostname));
    return !matches("deny_hosts") && (matches(`${verb}_allow`) || matches("local_only_hosts"));
  }

  #allowsVariable(name: string): boolean {
    if (RESERVED_VARIABLES.has(name) || this.#list("environment.deny_vars").includes(name)) return false;
    return ["allow_vars", "local_only_vars"].some((list) => this.#list(`environment.${list}`).includes(name));
  }

  #allowsCommand(argv: readonly string[]): boolean {
    const [command = ""] = argv;
    const base = baseName(command);
    const denied = this.#list("subprocess.deny_commands").some((one) => one === command || baseName(one) === base);
    const granted = ["allow_commands", "local_only_commands"].some((list) =>
      this.#list(`subprocess.${list}`).some((one) => (one.includes("/") ? one === command : one === base)),
    );
    return granted && !denied && !this.#hasArguments("deny_args", argv);
  }

  #asksFor({ argv }: DialectCall): boolean {
    return argv !== undefined && this.#hasArguments("requires_approval_args", argv);
  }

  #hasArguments(map: string, [command = "", ...args]: readonly string[]): boolean {
    return this.#list(`subprocess.${map}.${baseName(command)}`).some((text) => args.join(" ").includes(text));
  }

  #isClosed(on: string): boolean {
    const functions = this.#file.functions as Lists | undefined;
    const allowed = functions?.allow as readonly string[] | undefined;
    const denied = functions?.deny as readonly string[] | undefined;
    return denied?.includes(on) === true || (allowed !== undefined && !allowed.includes(on));
  }

  /** The preset's entries and the file's; `!entry` takes out what stands before it. */
  #list(path: string): readonly string[] {
    let found: string[] = [];
    for (const text of [...textsAt(this.#preset, path), ...textsAt(this.#file, path)]) {
      if (text.startsWith("!")) found = found.filter((one) => one !== text.slice(1));
      else found.push(text);
    }
    return found;
  }

  #pathGlob(glob: string): RegExp {
    if (glob.startsWith("/")) return globOf(glob);
    if (glob === "~" || glob.startsWith("~/")) return globOf(`${this.#home}${glob.slice(1)}`);
    return globOf(glob.includes("/") ? `${this.#root}/${glob}` : `${this.#root}/**/${glob}`);
  }
}

/** Denied there by the preset, built in here. */
const FIND = '[subprocess.deny_args]\nfind = ["-exec", "-execdir"]\n';

const baseName = (command: string): string => command.slice(command.lastIndexOf("/") + 1);

function textsAt(lists: Lists, path: string): readonly string[] {
  let here: unknown = lists;
  const [section, key, ...name] = path.split(".");
  for (const part of [section, key, ...(name.length === 0 ? [] : [name.join(".")])]) {
    if (part !== undefined) here = (here as Lists | undefined)?.[part];
  }
  return Array.isArray(here) ? here.filter((item): item is string => typeof item === "string") : [];
}

/** `*`, `?` and classes match every character, `/` too. */
function globOf(glob: string): RegExp {
  const pieces = glob.match(/\/\*\*\/|^\*\*\/|\/\*\*$|\*+|\?|\[[!^]?[^\]]+\]|[{},]|\\.|./gsu) ?? [];
  let depth = 0;
  const source = pieces.map((piece) => {
    if (piece === "/**/") return "(?:/|/.*/)";
    if (piece === "**/") return "(?:.*/)?";
    if (piece === "/**") return "/.*";
    if (piece.startsWith("*")) return ".*";
    if (piece === "?") return ".";
    if (piece.startsWith("[") && piece.length > 1) return piece.replace(/^\[!/, "[^");
    if (piece === "{") depth++;
    if (piece === "{") return "(?:";
    if (piece === "}") depth--;
    if (piece === "}") return ")";
    if (piece === "," && depth > 0) return "|";
    return piece.replace(/^\\/, "").replace(/[.*+?^${}()|[\]\\/]/, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`, "su");
}

function inRange(address: string, range: string): boolean {
  const [start, bits] = range.includes("/")
    ? ipaddr.parseCIDR(range)
    : [ipaddr.parse(range), range.includes(":") ? 128 : 32];
  const one = ipaddr.process(address);
  return one.kind() === start.kind() && one.match([start, bits] as never);
}
