/**
 * The place keys of a `[[rule]]` (`path`, `host` with its refinements, `command` with `argv`, `name`) to what the rule
 * matches: one for each kind of target that it is about, and one for each command. A key that does not apply to all of
 * `on` does not load: the rule would mean something else than it says.
 */
import { readCommandName, readVariable } from "./entry.ts";
import { compileHost, hostParts } from "./host-pattern.ts";
import { compilePath, type PathPlaces } from "./path-pattern.ts";
import type { HostPattern, RuleMatch } from "./policy-data.ts";
import { type Misread, misread } from "./problem.ts";
import type { RawTable, Text } from "./read-tables.ts";
import type { Capability } from "./signatures.ts";
import { CONTROL, shown } from "./spelling.ts";

type Kind = "path" | "host" | "command" | "variable" | "tool";

const KINDS: Readonly<Record<string, Kind>> = {
  fs: "path",
  net: "host",
  subprocess: "command",
  env: "variable",
  tool: "tool",
};
/** Keys and the capabilities that they apply to. `method` is a condition. */
const PLACE_KEYS = {
  path: { kind: "path", of: "fs.*" },
  host: { kind: "host", of: "net.*" },
  port: { kind: "host", of: "net.*" },
  scheme: { kind: "host", of: "net.*" },
  method: { kind: "host", of: "net.*" },
  url_path: { kind: "host", of: "net.*" },
  command: { kind: "command", of: "subprocess.exec" },
  argv: { kind: "command", of: "subprocess.exec" },
  name: { kind: "variable", of: "env.read" },
} as const;

export interface RulePlace {
  readonly on: readonly Capability[];
  readonly match: RuleMatch;
  readonly except?: RuleMatch;
}

export interface PlaceContext {
  readonly effect: "allow" | "ask" | "deny";
  readonly places: PathPlaces;
}

export const kindOf = (on: Capability): Kind => KINDS[on.split(".")[0] ?? ""] ?? "path";

/** What could be read; the rest was reported. */
export function readPlaces(table: RawTable, on: readonly Capability[], context: PlaceContext): readonly RulePlace[] {
  const kinds = [...new Set(on.map(kindOf))];
  if (!placeKeysApply(table, on)) return [];
  const except = readExcept(table, kinds, context);
  const about = (kind: Kind) => on.filter((one) => kindOf(one) === kind);
  const places = kinds.map((kind) => ({ on: about(kind), matches: READERS[kind](table, context) }));
  const anywhere = places.filter(({ matches }) => matches === null).flatMap((place) => place.on);
  const named = places.flatMap(({ on: some, matches }) => (matches ?? []).map((match) => ({ on: some, match })));
  const all = anywhere.length === 0 ? named : [...named, { on: anywhere, match: { kind: "any" } as const }];
  return except === null ? all : all.map((place) => ({ ...place, except: exceptOf(except, place.match) }));
}

/** Arguments are left out of the command that the rule names. */
const exceptOf = (except: RuleMatch, match: RuleMatch): RuleMatch =>
  except.kind === "command" && match.kind === "command" ? { ...except, name: match.name } : except;

function placeKeysApply(table: RawTable, on: readonly Capability[]): boolean {
  let apply = true;
  for (const [key, { kind, of }] of Object.entries(PLACE_KEYS)) {
    const others = table.has(key) ? on.filter((one) => kindOf(one) !== kind) : [];
    if (others.length > 0) {
      apply = false;
      const hint = others.length < on.length ? `\`${key}\` is for ${of}; write two rules` : `\`${key}\` is for ${of}`;
      table.report(table.keyPlace(key), `\`${key}\` does not apply to ${others.join(", ")}`, hint);
    }
    if (table.isList(key) && table.nodes(key).length === 0) {
      apply = false;
      table.report(table.placeOf(key), `\`${key}\` is empty, so the rule could never match`);
    }
  }
  return apply;
}

/** Null: every target of the kind, said in the shortest way; of grants, never. */
const READERS: Readonly<Record<Kind, (table: RawTable, context: PlaceContext) => readonly RuleMatch[] | null>> = {
  path: (table, { effect, places }) => {
    const denies = effect === "deny";
    if (!table.has("path")) return effect === "allow" ? [{ kind: "path", patterns: ["/**"], below: false }] : null;
    const patterns = each(table, "path", (text) => compilePath(text, places, denies));
    return some(patterns, { kind: "path", patterns, below: denies });
  },
  host: (table, { effect }) => {
    const isNamed = ["host", "port", "scheme", "url_path"].some((key) => table.has(key));
    if (!isNamed && effect !== "allow") return null;
    const patterns = readHosts(table, effect === "deny");
    return some(patterns, { kind: "host", patterns });
  },
  variable: (table, { effect }) => {
    if (!table.has("name")) return effect === "allow" ? [{ kind: "variable", patterns: ["*"] }] : null;
    const patterns = each(table, "name", variablePatterns);
    return some(patterns, { kind: "variable", patterns });
  },
  command: (table, { effect }) => readCommands(table, effect === "allow"),
  // `on` names them, and there is no other place; so a question about them opens the door to what it asks about.
  tool: (_table, { effect }) => (effect === "deny" ? null : [{ kind: "tool" }]),
};

const some = (patterns: readonly unknown[], match: RuleMatch): readonly RuleMatch[] =>
  patterns.length === 0 ? [] : [match];

const variablePatterns = (text: string): Patterns<string> => {
  const read = readVariable(text);
  return read.ok ? { ok: true, patterns: [text] } : read;
};

type Patterns<T> = { readonly ok: true; readonly patterns: readonly T[] } | Misread;

function each<T>(table: RawTable, key: string, read: (text: string) => Patterns<T>): readonly T[] {
  return table.texts(key).flatMap(({ text, at }) => {
    if (!table.allows(at, 0)) return [];
    const one = read(text);
    if (one.ok) return table.allows(at, one.patterns.length - 1) ? one.patterns : [];
    table.report(at, one.message, one.hint);
    return [];
  });
}

/** Every host with every scheme, port and path that the other keys name. */
function readHosts(table: RawTable, denies: boolean): readonly HostPattern[] {
  const schemes = readSchemes(table);
  const ports = table.nodes("port").map((node) => ("value" in node ? String(node.value) : "*"));
  const paths = table.texts("url_path").filter((path) => isUrlPath(table, path));
  const hosts = table.has("host") ? table.texts("host") : [{ text: "*", at: table.at }];
  const all = [hosts, schemes, ports, paths].reduce((count, list) => count * Math.max(1, list.length), 1);
  if (!table.allows(hosts[0]?.at ?? table.at, all - hosts.length)) return [];
  return hosts.flatMap((host) => {
    const parts = hostParts(host.text);
    if (parts === null) return compiled(table, host, host.text, denies);
    if (refusesPart(table, host, parts)) return [];
    // Where no host is named, nothing is meant to be left out.
    const free = table.has("host") ? null : "*";
    const name = /^[^[].*:/.test(parts.host) ? `[${parts.host}]` : parts.host;
    return or(schemes, parts.scheme).flatMap((scheme) =>
      or(ports, parts.port === null ? free : String(parts.port)).flatMap((port) =>
        or(paths, null).flatMap((path) => {
          const text = `${scheme === null ? "" : `${scheme}://`}${name}${port === null ? "" : `:${port}`}${path?.text ?? parts.path ?? ""}`;
          const patterns = compiled(table, path ?? host, text, denies);
          return scheme === null && free !== null ? patterns.map((one) => ({ ...one, scheme: free })) : patterns;
        }),
      ),
    );
  });
}

const or = <T, U>(list: readonly T[], one: U): readonly (T | U)[] => (list.length === 0 ? [one] : list);

function compiled(table: RawTable, { at }: Text, text: string, denies: boolean): readonly HostPattern[] {
  const host = compileHost(text, denies);
  if (host.ok) return table.allows(at, host.patterns.length - 1) ? host.patterns : [];
  table.report(at, host.message, host.hint);
  return [];
}

function readSchemes(table: RawTable): readonly string[] {
  return table.texts("scheme").flatMap(({ text, at }) => {
    if (text === "http" || text === "https") return [text];
    table.report(at, `\`${shown(text)}\` is not a scheme`, "there are: http, https");
    return [];
  });
}

function isUrlPath(table: RawTable, { text, at }: Text): boolean {
  if (text.startsWith("/")) return true;
  table.report(at, "a path begins with `/`", `write \`/${shown(text)}\``);
  return false;
}

function refusesPart(table: RawTable, host: Text, parts: NonNullable<ReturnType<typeof hostParts>>): boolean {
  const written = { scheme: parts.scheme, port: parts.port, url_path: parts.path };
  const twice = Object.entries(written).find(([key, part]) => part !== null && table.has(key));
  if (twice === undefined) return false;
  const [key] = twice;
  table.report(
    table.keyPlace(key),
    `\`${key}\` stands in the host \`${shown(host.text)}\` already`,
    "keep one of them",
  );
  return true;
}

function readCommands(table: RawTable, grants: boolean): readonly RuleMatch[] | null {
  const written = table.texts("argv").map(({ text }) => text);
  const args = grants ? written : written.flatMap(withoutMore);
  for (const text of table.texts("argv")) checkArguments(table, text, grants);
  const patterns = args.length === 0 ? {} : { args };
  if (!table.has("command")) {
    if (grants) {
      table.report(table.at, "an `allow` on subprocess.exec lacks `command`", 'write `command = ["git"]`');
      return [];
    }
    return args.length === 0 ? null : [{ kind: "command", name: "*", args }];
  }
  return table.texts("command").flatMap(({ text, at }): readonly RuleMatch[] => {
    const name = readCommandName(text);
    if (name.ok) return [{ kind: "command", name: text, ...patterns }];
    table.report(at, name.message, /without arguments/.test(name.message) ? "arguments stand in `argv`" : name.hint);
    return [];
  });
}

function checkArguments(table: RawTable, { text, at }: Text, grants: boolean): void {
  const problem = argumentsProblem(text, grants);
  if (problem !== null) table.report(at, problem.message, problem.hint);
}

/** `grants`: they are read word by word. */
function argumentsProblem(text: string, grants: boolean): Misread | null {
  if (text.trim() === "") return misread("the arguments are empty", "name them, such as `push --force`");
  if (CONTROL.test(text)) return misread("the arguments hold a control character");
  if (!grants) return null;
  const words = text.trim().split(/\s+/);
  if (words.slice(0, -1).includes("**")) {
    return misread("`**` stands for all further words, so it is the last one", "write `*` for one word");
  }
  const isGlued = words.some((word) => word.includes("*") && !/^\*\*?$/.test(word));
  return isGlued ? misread("`*` stands for a whole word", "write `*` alone, or the word") : null;
}

/** Where words may stand anywhere, `push **` is meant to be `push` without any more words, too. */
function withoutMore(text: string): readonly string[] {
  const shorter = text.trim().replace(/\s+\*\*$/, "");
  return shorter === text.trim() ? [text] : [text, shorter];
}

function readExcept(table: RawTable, kinds: readonly Kind[], { effect, places }: PlaceContext): RuleMatch | null {
  if (!table.has("except")) return null;
  const refuse = (message: string, hint: string) => {
    table.report(table.placeOf("except"), message, hint);
    return null;
  };
  const [kind, other] = kinds;
  if (kind === undefined || table.nodes("except").length === 0) return refuse("`except` is empty", "remove it");
  if (other !== undefined) return refuse("`except` is for rules about one kind of thing", "write a rule for each");
  if (kind === "tool") return refuse("`except` does not apply to tools", "write a rule that denies the others");
  if (kind === "command" && !table.has("command")) {
    return refuse("`except` leaves out arguments of a command, and this rule names none", 'write `command = ["git"]`');
  }
  // Of a grant it is read as a denial is: with all that lies below.
  if (kind === "path")
    return {
      kind,
      patterns: each(table, "except", (text) => compilePath(text, places, true)),
      below: effect !== "deny",
    };
  if (kind === "host") return { kind, patterns: each(table, "except", (text) => compileHost(text, true)) };
  if (kind === "variable") return { kind, patterns: each(table, "except", variablePatterns) };
  for (const text of table.texts("except")) checkArguments(table, text, effect !== "allow");
  const args = table.texts("except").map(({ text }) => text);
  return { kind, name: "*", args: effect === "deny" ? args : args.flatMap(withoutMore) };
}
