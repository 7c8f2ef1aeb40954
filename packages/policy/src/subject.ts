/**
 * A target read once for all rules: cut up, in every form that rules compare. A target that cannot be read is no
 * subject, and what is no subject is denied: its value did not come from a canonicalizer.
 */
import { canonicalAddress } from "./address.ts";
import { type Line, readLines } from "./argv.ts";
import { type CommandText, commandText } from "./command.ts";
import { lexicalAddresses, type UrlText, urlText } from "./host.ts";
import { type PathText, pathText } from "./path.ts";
import type { CanonicalRequest, Target } from "./request.ts";
import { CAPABILITIES } from "./signatures.ts";
import { isToolName, toolNamed } from "./tool-name.ts";
import { canonicalVariable } from "./variable.ts";

export type Subject =
  | { readonly kind: "path"; readonly target: Target; readonly path: PathText }
  | { readonly kind: "url"; readonly target: Target; readonly url: UrlText; readonly addresses: readonly string[] }
  | { readonly kind: "address"; readonly target: Target; readonly address: string }
  | {
      readonly kind: "command";
      readonly target: Target;
      readonly command: CommandText;
      readonly lines: readonly Line[];
    }
  | { readonly kind: "variable"; readonly target: Target; readonly name: string }
  | { readonly kind: "tool"; readonly target: Target };

/** Null for a value that is not canonical, or a kind that no capability has. */
export function readSubject(target: Target, attrs: CanonicalRequest["attrs"]): Subject | null {
  const { kind, value } = target;
  if (typeof value !== "string" || !hasKind(target.on, kind)) return null;
  if (kind === "path") {
    const path = pathText(value);
    return path === null ? null : { kind, target, path };
  }
  if (kind === "url") {
    const url = urlText(value);
    return url === null ? null : { kind, target, url, addresses: lexicalAddresses(url) };
  }
  if (kind === "address") {
    const address = canonicalAddress(value);
    return address.ok && address.value === value ? { kind, target, address: value } : null;
  }
  if (kind === "command") {
    const command = commandText(target, attrs);
    return command === null ? null : new CommandSubject(target, command);
  }
  if (kind === "tool") return isToolName(value) && target.on === toolNamed(value) ? { kind, target } : null;
  return canonicalVariable(value).ok ? { kind, target, name: value } : null;
}

/** Its arguments are read where a rule asks about them. */
class CommandSubject {
  readonly kind = "command";
  readonly target: Target;
  readonly command: CommandText;

  constructor(target: Target, command: CommandText) {
    this.target = target;
    this.command = command;
  }

  get lines(): readonly Line[] {
    const known = LINES.get(this.command);
    if (known !== undefined) return known;
    const lines = readLines(this.command.programs, this.command.argv);
    LINES.set(this.command, lines);
    return lines;
  }
}

const LINES = new WeakMap<CommandText, readonly Line[]>();

/** What each family of capabilities can touch. A path under `env.read` is a mistake, and no rule speaks about it. */
const KINDS: ReadonlyMap<string, readonly Target["kind"][]> = new Map([
  ["fs", ["path"]],
  ["net", ["url", "address"]],
  ["subprocess", ["command"]],
  ["env", ["variable"]],
  ["tool", ["tool"]],
]);

const familyKinds = (on: string) => KINDS.get(on.split(".")[0] ?? "") ?? [];

const KINDS_OF: ReadonlyMap<string, readonly Target["kind"][]> = new Map<string, readonly Target["kind"][]>(
  CAPABILITIES.map((on) => [on, familyKinds(on)] as const),
);

/** Of the capability that was asked about last: calls of one come one after the other. */
let last: { readonly on: string; readonly kinds: readonly Target["kind"][] } = { on: "", kinds: [] };

function hasKind(on: string, kind: Target["kind"]): boolean {
  if (on !== last.on) last = { on, kinds: KINDS_OF.get(on) ?? familyKinds(on) };
  return last.kinds[0] === kind || last.kinds[1] === kind;
}
