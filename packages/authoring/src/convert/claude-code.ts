/**
 * `permissions` of a Claude Code settings file. Its `Read` rules are rules on `fs.read`, `Edit` on `fs.write` (denials on
 * `fs.delete`, too), `WebFetch(domain:x)` on requests, `Bash(...)` on commands, which here are one program each and never
 * a shell's line. Tools that scripts do not have here are comments.
 */
import { type CommandRule, lineRule, wordsRule } from "./command-line.ts";
import { type Effect, Ids, type Item, type Origin, type RuleDraft, remark } from "./draft.ts";
import { askedPaths, deniedPaths, grantedPaths, type Paths } from "./gitignore.ts";
import { readJson } from "./json-tree.ts";
import { child, Malformed, type Tree } from "./tree.ts";

const EFFECTS: readonly Effect[] = ["deny", "ask", "allow"];

/** `base`: see gitignore.ts. */
export function readClaudeCode(text: string, base: string): readonly Item[] {
  const settings = readJson(text);
  const permissions = child(settings, "permissions");
  if (permissions?.kind !== "map") {
    throw new Malformed(
      permissions?.at ?? settings.at,
      "the settings have no `permissions`",
      'they look like `{ "permissions": { "allow": [] } }`',
    );
  }
  const reader = new Reader(base);
  for (const [key, { at, value }] of permissions.entries) {
    const effect = EFFECTS.find((one) => one === key);
    if (effect !== undefined) reader.readList(effect, value);
    else reader.items.push(remark({ at, text: key }, ELSE[key] ?? "it is no list of rules"));
  }
  return reader.items;
}

const ELSE: Readonly<Record<string, string>> = {
  defaultMode: "what no rule grants is denied here, whatever the mode",
  additionalDirectories: "name them in a rule of their own, as `//path/**`",
  disableBypassPermissionsMode: "there is nothing to bypass here",
};

class Reader {
  readonly items: Item[] = [];
  readonly #ids = new Ids("claude");
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  readList(effect: Effect, list: Tree): void {
    if (list.kind !== "list") throw new Malformed(list.at, `\`${effect}\` takes a list of rules`);
    for (const item of list.items) {
      if (item.kind !== "text") throw new Malformed(item.at, `\`${effect}\` takes a list of texts`);
      this.#read(effect, { at: item.at, text: item.value });
    }
  }

  #read(effect: Effect, from: Origin): void {
    const [, tool, , specifier = ""] = /^([A-Za-z*][\w*-]*)(\(([\s\S]*)\))?$/.exec(from.text) ?? [];
    if (tool === undefined) this.items.push(remark(from, "it is no rule such as `Tool` or `Tool(what)`"));
    else if (!tool.includes("*")) this.#one(effect, from, tool, specifier);
    else if (effect === "allow") this.items.push(remark(from, "a grant names its tool"));
    else {
      const tools = toolsNamed(tool, effect);
      for (const one of tools) this.#one(effect, from, one, specifier);
      if (tools.length === 0) this.items.push(remark(from, "scripts have no such tool here"));
    }
  }

  #one(effect: Effect, from: Origin, tool: string, specifier: string): void {
    if (tool === "Bash") this.#bash(effect, from, specifier);
    else if (tool === "WebFetch") this.#fetch(effect, from, specifier);
    else if (Object.hasOwn(FILE_TOOLS, tool)) this.#file(effect, from, tool, specifier);
    else this.items.push(remark(from, "scripts have no such tool here"));
  }

  #bash(effect: Effect, from: Origin, specifier: string): void {
    const rule = isEverything(specifier) ? everyCommand(effect) : bashRule(effect, specifier.trim());
    if ("why" in rule) this.items.push(remark(from, rule.why));
    else this.#add(effect, from, ["subprocess.exec"], rule.fields, rule.differs);
  }

  #fetch(effect: Effect, from: Origin, specifier: string): void {
    const on = effect === "deny" ? ["net.*"] : ["net.http_get"];
    const domain = /^domain:(.+)$/.exec(specifier)?.[1];
    if (isEverything(specifier) || domain === "*") this.#add(effect, from, on, {});
    else if (domain === undefined) this.items.push(...this.#unsaid(effect, from, on, "it names no `domain:`"));
    else this.#add(effect, from, on, { host: hostsOf(effect, domain) });
  }

  #file(effect: Effect, from: Origin, tool: string, specifier: string): void {
    const on = FILE_TOOLS[tool]?.[effect] ?? null;
    if (on === null) {
      this.items.push(remark(from, "files are granted by `Read` and `Edit`"));
      return;
    }
    if (specifier === "" || specifier === "*") {
      // Searching is reading here; a bare denial of a search tool would close every file.
      if (SEARCH.has(tool)) this.items.push(remark(from, "scripts have no such tool here; deny `Read` to close files"));
      else this.#add(effect, from, on, {});
      return;
    }
    const paths: Paths = PATHS[effect](specifier, this.#base);
    if ("paths" in paths) this.#add(effect, from, on, { path: paths.paths });
    else this.items.push(...this.#unsaid(effect, from, on, paths.why));
  }

  /** A denial that can not be said is said of everything. */
  #unsaid(effect: Effect, from: Origin, on: readonly string[], why: string): readonly Item[] {
    if (effect === "allow") return [remark(from, why)];
    return [this.#rule(effect, from, on, {}, `said of every call, as it is ${why}`)];
  }

  #add(effect: Effect, from: Origin, on: readonly string[], fields: RuleDraft["fields"], differs?: string): void {
    this.items.push(this.#rule(effect, from, on, fields, differs));
  }

  #rule(effect: Effect, from: Origin, on: readonly string[], fields: RuleDraft["fields"], differs?: string): RuleDraft {
    const rule = { kind: "rule", id: this.#ids.next(`${effect}-${from.at.line}`), effect, on, fields, from } as const;
    return differs === undefined ? rule : { ...rule, differs };
  }
}

/** A grant is https on its port; a question is about every way to the host; a denial about the names below, too. */
function hostsOf(effect: Effect, domain: string): readonly string[] {
  if (effect === "allow") return [domain];
  if (effect === "ask") return [`https://${domain}:*`, `http://${domain}:*`];
  return domain.startsWith("*.") ? [domain, domain.slice(2)] : [domain, `*.${domain}`];
}

const isEverything = (specifier: string): boolean => /^(?:\*{0,2}|:\*)$/.test(specifier.trim());

const PATHS = { allow: grantedPaths, ask: askedPaths, deny: deniedPaths };

/** What a rule about the tool is about here. */
const READ = { allow: ["fs.read"], ask: ["fs.read"], deny: ["fs.read"] };
const EDIT = { allow: ["fs.write"], ask: ["fs.write"], deny: ["fs.write", "fs.delete"] };
/** Their grants are of no use there, or say less than they look like. */
const NO_GRANT = { ask: ["fs.write"], deny: ["fs.write", "fs.delete"] };
const LOOK = { deny: ["fs.read"] };
const FILE_TOOLS: Readonly<Record<string, Partial<Record<Effect, readonly string[]>>>> = {
  Read: READ,
  Edit: EDIT,
  Write: NO_GRANT,
  MultiEdit: NO_GRANT,
  NotebookEdit: NO_GRANT,
  Glob: LOOK,
  Grep: LOOK,
  LS: LOOK,
};
const SEARCH: ReadonlySet<string> = new Set(["Glob", "Grep", "LS"]);

/** What `*` in the name of a tool stands for; of several that are one thing here the first. */
function toolsNamed(pattern: string, effect: Effect): readonly string[] {
  const source = pattern.replaceAll("-", "\\-").replace(/\*+/g, ".*");
  const names = ["Bash", "WebFetch", ...Object.keys(FILE_TOOLS)].filter((name) => new RegExp(`^${source}$`).test(name));
  const about = (name: string) => (FILE_TOOLS[name]?.[effect] ?? [name]).join();
  const all = names.filter((name, at) => names.findIndex((other) => about(other) === about(name)) === at);
  return pattern.length <= 100 ? all : [];
}

const everyCommand = (effect: Effect): CommandRule =>
  effect === "allow" ? { why: "a grant names its commands" } : { fields: {} };

function bashRule(effect: Effect, specifier: string): CommandRule {
  const pattern = specifier.replace(/:\*$/, " *");
  const words = pattern.split(/\s+/).filter((word) => word !== "");
  const rest = words.at(-1) === "*";
  const begin = rest ? words.slice(0, -1) : words;
  if (!begin.some((word) => word.includes("*"))) return wordsRule(effect, begin, rest);
  if (effect !== "allow") return lineRule(rest ? [begin.join(" "), `${begin.join(" ")} *`] : [pattern]);
  return wildGrant(begin, rest);
}

/** `npm run test*`: the word itself, and what follows it; anything else with a `*` in a word is left out. */
function wildGrant(words: readonly string[], rest: boolean): CommandRule {
  // Behind another `*` the last one takes something, so a word more.
  if (rest) return wordsRule("allow", [...words, "*"], true);
  const last = words.at(-1) ?? "";
  const isGlued = last.length > 1 && last.endsWith("*") && words.length > 1;
  const rule = wordsRule("allow", isGlued ? [...words.slice(0, -1), last.slice(0, -1)] : words, isGlued);
  return isGlued && "fields" in rule
    ? { ...rule, differs: `\`${last}\` is granted as the word \`${last.slice(0, -1)}\`` }
    : rule;
}
