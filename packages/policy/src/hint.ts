/**
 * What a refusal says besides no (DENIALS-TEACH): who refused, what is granted nearby, and the line that would grant
 * it. Only names of rules, patterns of the policy and what the script typed itself; a real path or an address that
 * checking found is never named, since its name alone would tell the script what lies there.
 */
import { basename, normalize } from "node:path/posix";
import { canonicalAddress } from "./address.ts";
import { OPENABLE_PATHS, OPENABLE_VARIABLES } from "./builtin-denies.ts";
import { failedClause, fails } from "./clauses.ts";
import type { RuleRef } from "./decision.ts";
import { escapeGlob } from "./glob-text.ts";
import { isJsonArray } from "./json.ts";
import { isMentioned } from "./mention.ts";
import { rootPattern } from "./path-pattern.ts";
import type { HostPattern, RuleData } from "./policy-data.ts";
import type { CanonicalRequest, Target } from "./request.ts";
import type { Rule } from "./rule.ts";
import type { RuleBook } from "./rule-book.ts";
import { type Capability, signatureOf } from "./signatures.ts";
import { shown } from "./spelling.ts";
import { isTool } from "./tool-name.ts";
import { canonicalUrl } from "./url.ts";
import type { Verdict } from "./verdict.ts";

/** Built-in denials that the loader leaves open where the main policy names one file or variable exactly. */
const OPENABLE: ReadonlySet<string> = new Set([...OPENABLE_PATHS, OPENABLE_VARIABLES].map(({ id }) => id));

/** Patterns shown at most: the nearest ones. */
const MOST = 3;

export function hintFor(book: RuleBook, verdict: Verdict, typed: CanonicalRequest): string {
  const { effect, ref, target, reason, door } = verdict;
  const advice = verdict.matched.find(({ data }) => data.ref === ref)?.data.advice;
  if (effect === "ask") return advice ?? `${ruleText(ref)} has a person asked every time`;
  if (ref.id === "builtin.special_address") return `${reason}; ${privateHint(target, typed)}`;
  if (reason !== undefined) return `${reason}; no rule can open this`;
  if (door.local.some(({ data }) => data.ref === ref)) return localOnlyHint(ref, target);
  if (advice !== undefined) return advice;
  if (OPENABLE.has(ref.id)) return `${ruleText(ref)} denies it; only an exact entry of the main policy opens it`;
  if (ref.id !== "default") return `${ruleText(ref)} denies it, and no grant opens a denial`;
  return almostHint(book, verdict, typed) ?? `${useText(book, door.offered)}${defaultHint(book, target, typed)}`;
}

/** A rule grants this very place, if the rest of it held; else the advice of the nearest one. */
function almostHint(book: RuleBook, { target, subject, facts }: Verdict, typed: CanonicalRequest): string | null {
  if (subject === null || !isMentioned(typed, target, book.data.root)) return null;
  const chapter = book.about(target.on);
  const [almost] = chapter.grantsAt(subject);
  if (almost === undefined) {
    const [near] = nearest(chapter.openGrants, target);
    return near?.data.advice ?? null;
  }
  const { ref, advice } = almost.rule.data;
  if (advice !== undefined) return advice;
  const failed = almost.clauses.filter((clause) => fails(clause, subject, facts, true));
  const says = failed.map((clause) => failedClause(clause, subject, facts).says);
  return says.length === 0 ? null : `${ruleText(ref)} would grant it, but ${shown(says.join("; "))}`;
}

/** Local-only by an entry, and granted by none: of another capability, or in another spelling. */
function localOnlyHint(ref: RuleRef, { on }: Target): string {
  const makes = `${ruleText(ref)} makes it local-only`;
  if (on === "fs.delete") return `${makes}, and what is local-only is not deleted or moved`;
  const key = on === "fs.read" ? "local_only_read" : on === "fs.write" ? "local_only_write" : null;
  if (key !== null) return `${makes}, and no entry of \`filesystem.${key}\` names it`;
  return `${makes}, and it is granted by the spelling of that entry only`;
}

/** A secret opens its place only for a call that has it. */
function useText(book: RuleBook, offered: readonly Rule[]): string {
  const [rule] = offered;
  const found = rule?.data.use === undefined ? null : book.localOnly.use(rule.data.use);
  if (rule === undefined || found === null) return "";
  const { secret, use } = found;
  if (use.kind === "command") return `${ruleText(rule.data.ref)} allows it as \`${shown(use.argv.join(" "))}\`; `;
  const place = `${use.slot.kind} \`${use.slot.name}\``;
  return `${ruleText(rule.data.ref)} allows ${use.methods.join(", ")} with the secret \`${secret.name}\` in the ${place}; `;
}

/** The line of a policy that would grant a call. `target` in the script's terms; without it, an example. */
export function grantLine(capability: Capability, target?: string, role?: Target["role"]): string {
  if (isTool(capability)) return signatureOf(capability).grantExample.replaceAll("$", () => capability.slice(5));
  const pattern =
    target === undefined || target === "" ? EXAMPLES[familyOf(capability)] : grantPattern(capability, target, role);
  const quoted = JSON.stringify(shown(pattern)).slice(1, -1);
  return signatureOf(capability).grantExample.replaceAll("$", () => quoted);
}

const EXAMPLES = { fs: "src/**", net: "api.example.com", subprocess: "git", env: "LANG" } as const;

const familyOf = (capability: Capability) => capability.split(".")[0] as keyof typeof EXAMPLES;

function grantPattern(capability: Capability, target: string, role?: Target["role"]): string {
  const family = familyOf(capability);
  // Who searches a directory wants what is in it.
  if (role === "search") return target === "." ? "**" : `${escapeGlob(target.replace(/\/$/, ""))}/**`;
  if (family === "fs") return escapeGlob(asPattern(target));
  if (family === "subprocess") return target.split(/\s/)[0] ?? target;
  if (family === "env") return target;
  const url = canonicalUrl(target);
  if (!url.ok) return target;
  const { scheme, host, port } = url.value;
  return hostText({ scheme, host, port, path: null });
}

/** A path as a script types it, as the loader takes it: no dot segments but leading ones, no `~name`. */
function asPattern(typed: string): string {
  const path = normalize(typed).replace(/(?<=.)\/$/, "");
  return /^~(?!\/|$)/.test(path) ? `./${path}` : path;
}

const ruleText = ({ id, file, line }: RuleRef): string =>
  file === undefined ? `\`${id}\`` : `\`${id}\` (${file}:${line ?? 1})`;

function privateHint(target: Target, typed: CanonicalRequest): string {
  const url = typed.targets.find(({ kind, on }) => kind === "url" && on === target.on);
  const read = url === undefined ? null : canonicalUrl(url.value);
  if (read?.ok !== true) return "special-purpose addresses need a grant of their own";
  const { host, isAddress } = read.value;
  const key = signatureOf(target.on).grantedBy.replace("network.", "");
  if (isAddress || host === "localhost") return `it needs a grant that names it: ${grantLine(target.on, url?.value)}`;
  return `a name may lead there only with a range in [network.private_hosts], besides its ${key}: "${host}" = ["10.0.0.0/8"]`;
}

function defaultHint(book: RuleBook, target: Target, typed: CanonicalRequest): string {
  const { root } = book.data;
  const isTyped = isMentioned(typed, target, root);
  const outside =
    target.kind === "path" && target.value !== root && !target.value.startsWith(`${root === "/" ? "" : root}/`);
  const place = !isTyped
    ? "it leads to what is not granted; "
    : outside
      ? `it lies outside the root \`${root}\`; `
      : "";
  const line = isTyped ? `; to allow it: ${grantLine(target.on, relative(target, root), target.role)}` : "";
  return `${place}${grantedText(book, target)}${line}${freeText(target, typed)}`;
}

/** A word of a command's arguments that looks like a path may be none. */
function freeText({ kind, value }: Target, { on, attrs }: CanonicalRequest): string {
  const [command, ...words] = on === "subprocess.exec" && isJsonArray(attrs.argv) ? attrs.argv : [];
  const isWord = words.some((word) => typeof word === "string" && word.includes(basename(value)));
  if (kind !== "path" || typeof command !== "string" || !isWord) return "";
  const name = JSON.stringify(shown(command.slice(command.lastIndexOf("/") + 1)));
  return `; or, where it is no path: [subprocess.commands.${/^"[\w-]+"$/.test(name) ? name.slice(1, -1) : name}] args = "free"`;
}

const relative = ({ kind, value }: Target, root: string): string => {
  if (kind !== "path") return value;
  if (value === root) return ".";
  return root !== "/" && value.startsWith(`${root}/`) ? value.slice(root.length + 1) : value;
};

function grantedText(book: RuleBook, target: Target): string {
  const grants = book.about(target.on).openGrants;
  const key = signatureOf(target.on).grantedBy;
  const near = nearest(grants, target).map((rule) => `\`${shown(patternText(rule.data, book.data.root))}\``);
  if (near.length === 0) return `nothing is granted by \`${key}\``;
  const more = grants.length > near.length ? ` and ${grants.length - near.length} more` : "";
  return `granted by \`${key}\`: ${[...new Set(near)].join(", ")}${more}`;
}

/** A denial of a policy with very many grants takes no longer; its hint may then miss a nearer one. */
const MOST_COMPARED = 256;

/** Those that share the longest beginning with the target first, else in policy order. */
function nearest(grants: readonly Rule[], { value }: Target): readonly Rule[] {
  const share = ({ data }: Rule) => {
    const text = rawPattern(data);
    let at = 0;
    while (at < text.length && text[at] === value[at]) at++;
    return at;
  };
  return grants
    .slice(0, MOST_COMPARED)
    .map((rule) => ({ rule, share: share(rule) }))
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST)
    .map(({ rule }) => rule);
}

function rawPattern({ match }: RuleData): string {
  if (match.kind === "path" || match.kind === "variable") return match.patterns[0] ?? "";
  if (match.kind === "host")
    return match.patterns[0] === undefined ? "" : `${match.patterns[0].scheme}://${match.patterns[0].host}`;
  return match.kind === "command" ? match.name : "";
}

function patternText(data: RuleData, root: string): string {
  const { match } = data;
  if (match.kind === "host" && match.patterns[0] !== undefined) return hostText(match.patterns[0]);
  const raw = rawPattern(data);
  if (match.kind !== "path") return raw;
  const literal = rootPattern(root, "");
  if (raw === literal) return ".";
  return raw.startsWith(`${literal}/`) ? raw.slice(literal.length + 1) : raw;
}

/** A host pattern as a policy writes it; this machine and bare addresses with their port, as grants of them need it. */
function hostText({ scheme, host, port, path }: HostPattern): string {
  const usual = host !== "localhost" && !canonicalAddress(host).ok && port === (scheme === "http" ? 80 : 443);
  const name = host.includes(":") ? `[${host}]` : host;
  const start = scheme === "http" ? "http://" : path === null && usual ? "" : "https://";
  return `${start}${name}${usual ? "" : `:${port}`}${path ?? ""}`;
}
