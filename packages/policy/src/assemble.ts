/**
 * A merged layer to `PolicyData`: rules in policy order (main policy's, inherited, built-in), limits with their
 * defaults, banners, warnings and the hash that records and approvals are bound to.
 */

import { approvalsOf } from "./approvals.ts";
import { budgetOf, budgetPlaces } from "./budget.ts";
import { builtinRules, type Opening, protectedRules } from "./builtin.ts";
import type { Tables } from "./declarations.ts";
import type { Family, PolicyFile } from "./inherit.ts";
import { canonicalJson, isJsonArray, isJsonObject, type Json, type JsonObject } from "./json.ts";
import { KEYS, type KeyPath, type KeySpec } from "./keys.ts";
import { LIMITS, type Limits } from "./limits.ts";
import type { LocalOnlyData } from "./local-only-data.ts";
import { localOnlyBanners, localOnlyOf } from "./local-only-values.ts";
import type { Layer, LayerEntry } from "./merge.ts";
import type { PolicyData, ProtectedPath, RuleData, ToolRoute } from "./policy-data.ts";
import { placeIn } from "./problem.ts";
import { keyText } from "./read.ts";
import type { ScalarValue } from "./scalar.ts";
import { secretCommands, secretFiles, secretOpenings, secretRules } from "./secret-rules.ts";
import { shown } from "./spelling.ts";
import { warningsOf } from "./warnings.ts";
import type { PolicyPlace, PolicyWorld } from "./world.ts";

export interface Parts {
  readonly main: PolicyFile;
  readonly root: string;
  readonly layer: Layer;
  readonly family: Family;
  readonly world: PolicyWorld;
  /** It bounds other policies. */
  readonly isCeiling: boolean;
  readonly isUnhashed: boolean;
}

export function assemble(parts: Parts): PolicyData {
  const { main, root, layer, family, world, isCeiling } = parts;
  const values = new LayerValues(layer);
  const openings = [...openingsOf(layer, main), ...secretOpenings(layer.tables)];
  const builtin = builtinRules(main.places.homes, openings);
  const guards = protectedRules([...policyPaths(family), ...secretFiles(layer.tables, world)]);
  const localOnly = localOnlyOf(layer, values, isCeiling);
  const decides = {
    root,
    rules: [
      ...rulesOf(layer),
      ...layer.tables.rules.flatMap(({ rules }) => rules),
      ...secretRules(layer.tables),
      ...builtin.rules,
    ],
    limits: limitsOf(values),
    isolation: values.text("runtime.isolation") === "process" ? ("process" as const) : ("thread" as const),
    network: networkOf(values),
    subprocess: subprocessOf(values, layer.tables),
    tools: toolsOf(values),
    budget: budgetOf(layer),
    approvals: approvalsOf(layer, values),
  };
  return {
    ...decides,
    name: values.text("name"),
    hash: parts.isUnhashed ? "" : hashOf(localOnly === null ? decides : { ...decides, localOnly }, world),
    files: family.files.map((file) => ({ path: file.id, sha256: parts.isUnhashed ? "" : world.sha256(file.text) })),
    rules: [...decides.rules, ...guards],
    subprocess: { ...decides.subprocess, commands: [] },
    budget: { ...decides.budget, refs: budgetPlaces(layer) },
    sandboxAt: sandboxPlace(layer),
    ceilings: [],
    localOnly,
    banners: [...builtin.banners, ...layer.banners, ...sandboxBanner(layer, localOnly), ...localOnlyBanners(localOnly)],
    // What else may be said of a ceiling is said to who validates it.
    warnings: isCeiling ? relativeGrants(layer, main) : warningsOf(decides),
  };
}

/** What a merged layer holds, by key. */
export class LayerValues {
  readonly #layer: Layer;
  constructor(layer: Layer) {
    this.#layer = layer;
  }

  entries(key: KeyPath): readonly LayerEntry[] {
    return this.#layer.entries.filter((entry) => entry.key === key);
  }

  /** Every name that stands for `NAME` in keys that begin so, sorted. */
  names(prefix: string): readonly string[] {
    const all = [...this.#layer.entries, ...this.#layer.scalars.values()];
    return [...new Set(all.flatMap(({ key, name }) => (key.startsWith(prefix) && name !== null ? [name] : [])))].sort();
  }

  value(key: KeyPath, name: string | null = null): ScalarValue | null {
    const spec: KeySpec = KEYS[key];
    return this.#layer.scalars.get(keyText(key, name))?.value ?? ("default" in spec ? spec.default : null);
  }

  text(key: KeyPath, name: string | null = null): string | null {
    const value = this.value(key, name);
    return typeof value === "string" ? value : null;
  }

  number(key: KeyPath): number {
    return Number(this.value(key));
  }
}

function rulesOf(layer: Layer): readonly RuleData[] {
  return layer.entries.flatMap((entry): readonly RuleData[] => {
    const spec: KeySpec = KEYS[entry.key];
    const { match } = entry.meaning;
    if (spec.type !== "list" || spec.rule === undefined || match === null) return [];
    const id = `${keyText(entry.key, entry.name)}[${entry.index}]`;
    const ref = { id, file: entry.source.file, ...entry.at };
    const on = spec.rule.on.length > 0 ? spec.rule.on : entry.meaning.on;
    const rule = { ref, effect: spec.rule.effect, on, match };
    return [spec.rule.sealed === true ? { ...rule, sealed: true } : rule];
  });
}

/** Only the main policy's own allow lists open a built-in denial. */
function openingsOf(layer: Layer, main: PolicyFile): readonly Opening[] {
  return layer.entries.flatMap((entry): readonly Opening[] => {
    const spec: KeySpec = KEYS[entry.key];
    const [on] = spec.type === "list" && spec.rule?.effect === "allow" ? spec.rule.on : [];
    if (on === undefined || entry.source !== main || entry.meaning.exact.length === 0) return [];
    const place = `${entry.key}[${entry.index}] in ${main.file}:${entry.at.line}`;
    const opening = { on, values: entry.meaning.exact, text: entry.text, place };
    return [spec.type === "list" && spec.rule?.sealed === true ? { ...opening, sealed: "told" } : opening];
  });
}

/** The files that took part, as named and as they are: who could write one would write the next run's rights. */
function policyPaths({ paths, links }: Family): readonly ProtectedPath[] {
  const files = [...paths].map((path) => ({ path, access: "all", what: "policy" }) as const);
  return [...files, ...[...links].map((path) => ({ path, alone: true, access: "write", what: "policy" }) as const)];
}

function limitsOf(values: LayerValues): Limits {
  const limits: Partial<Record<keyof Limits, number>> = {};
  for (const [key, { field }] of Object.entries(LIMITS))
    limits[field] = values.number(`runtime.${key as keyof typeof LIMITS}`);
  return limits as Limits;
}

function networkOf(values: LayerValues): PolicyData["network"] {
  const hosts = values.names("network.private_hosts.").map((host) => {
    const entries = values.entries("network.private_hosts.NAME").filter((entry) => entry.name === host);
    return [host, [...new Set(entries.flatMap((entry) => entry.meaning.values))]] as const;
  });
  return {
    timeoutSeconds: values.number("network.timeout_seconds"),
    followRedirects: values.number("network.follow_redirects"),
    privateHosts: Object.fromEntries(hosts),
  };
}

function subprocessOf(values: LayerValues, tables: Tables): Omit<PolicyData["subprocess"], "commands"> {
  const sandbox = values.text("subprocess.sandbox");
  const keys = ["subprocess.allow_commands", "subprocess.local_only_commands"] as const;
  const names = keys.flatMap((key) => values.entries(key));
  return {
    // An unknown value can not come out of the reader; if it did, the jail stays.
    sandbox: sandbox === "none" || sandbox === "bwrap" ? sandbox : "auto",
    acceptUnsandboxed: values.value("subprocess.accept_unsandboxed_commands") === true,
    timeoutSeconds: values.number("subprocess.timeout_seconds"),
    maxOutputBytes: values.number("subprocess.max_output"),
    setEnv: [...new Set(values.entries("subprocess.set_env").flatMap((entry) => entry.meaning.values))],
    allowed: [...new Set([...names.map((entry) => entry.text), ...ruleCommands(tables), ...secretCommands(tables)])],
    freeArgs: values
      .names("subprocess.commands.")
      .filter((name) => values.text("subprocess.commands.NAME.args", name) === "free"),
  };
}

/** Commands that a `[[rule]]` opens, if only to a question. */
const ruleCommands = ({ rules }: Tables): readonly string[] =>
  rules
    .flatMap((declared) => declared.rules)
    .flatMap(({ effect, match }) =>
      effect !== "deny" && match.kind === "command" && match.name !== "*" ? [match.name] : [],
    );

function toolsOf(values: LayerValues): PolicyData["tools"] {
  const tools = values.names("tools.").map((name): readonly [string, ToolRoute] => {
    const entries = values.entries("tools.NAME.capabilities").filter((entry) => entry.name === name);
    const url = values.text("tools.NAME.backend_url", name);
    const method = values.text("tools.NAME.backend_method", name);
    const description = values.text("tools.NAME.description", name);
    return [
      name,
      {
        capabilities: [...new Set(entries.flatMap((entry) => entry.meaning.on))],
        ...(url === null ? {} : { backendUrl: url }),
        ...(method === null ? {} : { backendMethod: method }),
        ...(description === null ? {} : { description }),
      },
    ];
  });
  return Object.fromEntries(tools);
}

/** Of a ceiling, for who runs a policy below it: such a pattern is hardly ever meant. */
function relativeGrants(layer: Layer, main: PolicyFile): readonly string[] {
  const lists = layer.entries.flatMap(({ key, index, text, source }) => {
    const spec: KeySpec = KEYS[key];
    const isGrant = spec.type === "list" && spec.of === "path" && spec.rule?.effect === "allow";
    return isGrant && isRelative(text) ? [`${key}[${index}] of ${source.file}`] : [];
  });
  const rules = layer.tables.rules.flatMap(({ table }) => {
    const isGrant = table.text("effect")?.text !== "deny" && table.texts("path").some(({ text }) => isRelative(text));
    return isGrant ? [`the rule \`${shown(table.text("id")?.text ?? "")}\` of ${table.source.file}`] : [];
  });
  const [first, ...others] = [...lists, ...rules];
  if (first === undefined) return [];
  const which = `${first}${others.length === 0 ? "" : ` and ${others.length} more`}`;
  const hangs = `below the ceiling's own directory \`${main.places.roots[0] ?? "/"}\`, not below the policy's`;
  return [`${which} grants only ${hangs}; in a ceiling write absolute patterns, as \`/**\``];
}

const isRelative = (pattern: string): boolean => !/^[/~]/.test(pattern);

function sandboxPlace(layer: Layer): PolicyPlace | null {
  const sandbox = layer.scalars.get("subprocess.sandbox");
  return sandbox === undefined ? null : placeIn(sandbox.source, sandbox.at);
}

function sandboxBanner(layer: Layer, localOnly: LocalOnlyData | null): readonly string[] {
  const sandbox = layer.scalars.get("subprocess.sandbox");
  if (sandbox?.value !== "none") return [];
  const place = `\`sandbox = "none"\` in ${sandbox.source.file}:${sandbox.at.line}`;
  const all = "commands run without a jail and can do everything that the user can do";
  return localOnly === null || layer.scalars.get("subprocess.accept_unsandboxed_commands")?.value !== true
    ? [`${all}: ${place}`]
    : [`${all}, and read what is local-only: ${place}, accepted with \`accept_unsandboxed_commands = true\``];
}

/**
 * Over everything of the policy that decides: root, rules (id, effect, capabilities, match, openings), limits, isolation,
 * network, subprocess, tools, budgets, and everything local-only where anything is. Not in it: the name, banners, warnings, names and lines of files (a comment or a moved
 * inherited file changes no decision), resolved commands, and the rules that protect files of this machine and run
 * (the policy's own files, `Policy.protecting`), which differ from run to run.
 */
function hashOf(decides: object, world: PolicyWorld): string {
  return world.sha256(canonicalJson(withoutPlaces(decides as unknown as Json)));
}

function withoutReason({ reason: _reason, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** `ref` without file and line, everywhere, and no reasons: they are for people. */
function withoutPlaces(value: Json): Json {
  if (isJsonArray(value)) return value.map(withoutPlaces);
  if (!isJsonObject(value)) return value;
  const { ref, ...members } = value;
  const rest = isJsonObject(ref) ? withoutReason(members) : members;
  const plain = Object.fromEntries(Object.entries(rest).map(([key, member]) => [key, withoutPlaces(member as Json)]));
  return isJsonObject(ref) && ref.id !== undefined ? { ...plain, id: ref.id } : plain;
}
