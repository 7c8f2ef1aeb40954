/**
 * One entry of a list to what it means: the targets that its rule matches, or plain values. What can not be read one
 * way only does not load; an entry that quietly means nothing would weaken a deny list.
 */
import ipaddr from "ipaddr.js";
import { canonicalAddress, LITERAL_ONLY, specialPurposes } from "./address.ts";
import { compileHost, compileHostName } from "./host-pattern.ts";
import { type EntryKind, KEYS, type ListKey } from "./keys.ts";
import { compilePath, type PathPlaces } from "./path-pattern.ts";
import type { RuleMatch } from "./policy-data.ts";
import { type Misread, misread } from "./problem.ts";
import type { Entry } from "./read.ts";
import { CAPABILITIES, type Capability } from "./signatures.ts";
import { CONTROL, shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import { isTool, readTools } from "./tool-name.ts";

export interface Meaning {
  readonly ok: true;
  /** Null for entries that are data, not rules. */
  readonly match: RuleMatch | null;
  /** Capabilities that the entry itself names. */
  readonly on: readonly Capability[];
  /** The entry as data. */
  readonly values: readonly string[];
  /** What a glob-free path or variable names; only such an entry opens a built-in deny. */
  readonly exact: readonly string[];
}

export function compileEntry(entry: Pick<Entry, "key" | "name" | "text">, places: PathPlaces): Meaning | Misread {
  const spec = KEYS[entry.key] as ListKey;
  const denies = spec.rule?.effect === "deny";
  return READERS[spec.of](entry.text, { denies, places, name: entry.name ?? "" });
}

/** What the writer put for `NAME`, in its one spelling. */
export function readName(key: string, name: string): { readonly ok: true; readonly name: string } | Misread {
  if (key.startsWith("network.private_hosts")) {
    const host = compileHostName(name);
    return host.ok ? { ok: true, name: host.host } : host;
  }
  if (key.startsWith("tools") || key.startsWith("approvals")) {
    const plain = /^[A-Za-z0-9_.-]{1,64}$/.test(name) && !Object.hasOwn(Object.prototype, name);
    const whose = key.startsWith("tools") ? "a tool's" : "an approver's";
    return plain ? { ok: true, name } : misread(`${whose} name has up to 64 letters, digits, \`_\`, \`.\` and \`-\``);
  }
  if (key.startsWith("runtime")) return readCapabilityName(name);
  const command = readCommandName(name);
  return command.ok ? { ok: true, name } : command;
}

/** One capability: what a family together may do is a limit of a rule. */
function readCapabilityName(name: string): { readonly ok: true; readonly name: string } | Misread {
  if (CAPABILITIES.some((known) => known === name)) return { ok: true, name };
  if (isTool(name)) return misread("calls of a tool are bounded by its rule", "write `limit = { calls = 20 }` there");
  const message = `\`${shown(name)}\` is not a capability`;
  const [first] = CAPABILITIES.filter((known) => known.startsWith(`${name.replace(/\.\*$/, "")}.`));
  if (name.endsWith(".*") && first !== undefined) {
    return misread(
      `\`${shown(name)}\` is a family; calls are counted for each capability`,
      `write \`"${first}" = 20\``,
    );
  }
  // `fs.read = 20` without quotes is a table `fs` to TOML.
  if (first !== undefined) return misread(message, `the name holds a dot, so it is quoted: \`"${first}" = 20\``);
  return misread(
    message,
    didYouMean(name, CAPABILITIES) ?? `known are ${CAPABILITIES.map((known) => `\`${known}\``).join(", ")}`,
  );
}

interface Context {
  readonly denies: boolean;
  readonly places: PathPlaces;
  readonly name: string;
}

const READERS: Readonly<Record<EntryKind, (text: string, context: Context) => Meaning | Misread>> = {
  path: (text, { denies, places }) => {
    const path = compilePath(text, places, denies);
    if (!path.ok) return path;
    return meaning({ kind: "path", patterns: path.patterns, below: denies }, { exact: path.exact });
  },
  host: (text, { denies }) => {
    const host = compileHost(text, denies);
    return host.ok ? meaning({ kind: "host", patterns: host.patterns }) : host;
  },
  range: (text, { denies }) => readRange(text, denies),
  variable: (text) => readVariable(text),
  "child variable": (text) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return misread(`\`${shown(text)}\` is not the name of one variable`);
    return meaning(null, { values: [text] });
  },
  command: (text) => readCommandName(text),
  arguments: (text, { name }) => {
    if (text.trim() === "") return misread("the arguments are empty", "name them, such as `push --force`");
    if (CONTROL.test(text)) return misread("the arguments hold a control character");
    return meaning({ kind: "command", name, args: [text] });
  },
  capability: (text) => readCapability(text),
  policy: (text) => meaning(null, { values: [text] }),
};

/** A name, or a pattern of names. */
export function readVariable(text: string): Meaning | Misread {
  if (text === "" || /[\s=[\]{}\\!/,"'`$]/.test(text) || CONTROL.test(text)) {
    return misread(`\`${shown(text)}\` is not the name of a variable`, "write a name; `*` and `?` are wildcards");
  }
  return meaning({ kind: "variable", patterns: [text] }, { exact: /[*?]/.test(text) ? [] : [text] });
}

/** A capability, or a family of them. */
export function readCapability(text: string): Meaning | Misread {
  const tools = readTools(text);
  const known = CAPABILITIES.filter((name) => name === text || text === `${name.split(".")[0]}.*`);
  const on = tools === undefined ? known : [tools];
  if (on.length > 0) return meaning({ kind: "any" }, { on, values: on });
  if (isTool(text)) {
    const hint = "tools are `tool.payments.refund`, `tool.payments.*` or `tool.*`";
    return misread(`\`${shown(text)}\` is not the name of a tool`, hint);
  }
  return misread(
    `\`${shown(text)}\` is not a capability`,
    didYouMean(text, [...CAPABILITIES, ...FAMILIES]) ?? knownLike(text),
  );
}

const FAMILIES = [...new Set(CAPABILITIES.map((name) => `${name.split(".")[0]}.*`))];

/** What there is: of the family that was named, or all. */
function knownLike(text: string): string {
  const [family = ""] = text.split(".");
  const known = [...CAPABILITIES, ...FAMILIES];
  const like = known.filter((name) => name.startsWith(`${family}.`));
  return `known are ${(like.length > 0 ? like : known).map((name) => `\`${name}\``).join(", ")}`;
}

function meaning(match: RuleMatch | null, more: Partial<Omit<Meaning, "ok" | "match">> = {}): Meaning {
  return { ok: true, match, on: [], values: [], exact: [], ...more };
}

export function readCommandName(text: string): Meaning | Misread {
  if (text === "") return misread("the command is empty");
  if (/[*?[\]{}\\]/.test(text) || CONTROL.test(text)) {
    return misread("a command is a plain name or path, without wildcards", "list the commands one by one");
  }
  const byPath = text.includes("/");
  if (!byPath && /\s/.test(text)) {
    const [name = ""] = text.trim().split(/\s/);
    return misread("a command is named without arguments", `write \`${shown(name)}\`, and limit it with \`deny_args\``);
  }
  if (/^[~-]/.test(text)) return misread(`a command can not begin with \`${text[0]}\``, "write its path from `/`");
  const parts = text.split("/");
  if (parts.includes("..") || (byPath && parts.at(-1) === "") || text === ".") {
    return misread(
      "the path of a command has no `..` and ends in a name",
      "write `tools/build.sh`, or an absolute path",
    );
  }
  return meaning({ kind: "command", name: text });
}

/** An address, or a range in CIDR notation without bits behind its prefix; IPv4-mapped ones are IPv4 ones. */
export function readRange(text: string, denies: boolean): Meaning | Misread {
  const range = /^[^/]*$/.test(text) ? singleRange(text) : cidrRange(text);
  if (typeof range !== "string") return range;
  if (!denies && specialPurposes(range.replace(/\/.*/, "")).some((purpose) => LITERAL_ONLY.has(purpose))) {
    return misread("link-local and metadata addresses are reached only by a grant of the address itself");
  }
  return meaning({ kind: "address", ranges: [range] }, { values: [range] });
}

function singleRange(text: string): string | Misread {
  const plain = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text) ? canonicalAddress(text) : null;
  if (!plain?.ok)
    return misread(`\`${shown(text)}\` is not an address or range`, "write `10.0.0.0/8`, `192.0.2.1` or `fc00::/7`");
  return `${plain.value}/${plain.value.includes(":") ? 128 : 32}`;
}

function cidrRange(text: string): string | Misread {
  const [address = ""] = text.split("/");
  const plain = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address);
  if (!plain || !ipaddr.isValidCIDR(text)) {
    return misread(`\`${shown(text)}\` is not a range in CIDR notation`, "write `10.0.0.0/8` or `fc00::/7`");
  }
  const [start, bits] = ipaddr.parseCIDR(text);
  const network =
    start.kind() === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text);
  if (network.toString() !== start.toString()) {
    return misread(`\`${shown(text)}\` has bits behind its prefix`, `did you mean \`${network.toString()}/${bits}\`?`);
  }
  if (start instanceof ipaddr.IPv6 && start.isIPv4MappedAddress() && bits >= 96) {
    return `${start.toIPv4Address().toString()}/${bits - 96}`;
  }
  return `${start.toString()}/${bits}`;
}
