/**
 * Every key of a policy: type, default, how it merges, one line for people. The reader is driven by this table and
 * docs/policy.md is held against it, so that no key can be read that is not documented, or the other way round.
 * `NAME` stands for a name that the writer chooses. A key that is not here does not load (DEFAULT-NO).
 * Long because it is one table.
 */
import { APPROVAL_CHANNELS, DEFAULT_CHANNELS, IRREVERSIBLE_CHANNELS, REMEMBER } from "./approval-words.ts";
import type { Effect } from "./decision.ts";
import { LIMITS } from "./limits.ts";
import { CAPABILITIES, type Capability } from "./signatures.ts";

/** What one entry of a list is. */
export type EntryKind =
  | "path"
  | "host"
  | "range"
  | "variable"
  | "child variable"
  | "command"
  | "arguments"
  | "capability"
  | "policy";

/** How a value of an inherited policy and of the policy that inherits become one. */
export type Merge =
  /** Lists: own entries, then inherited ones; `"!entry"` removes an inherited one. */
  | "concatenate"
  /** Limits: the smaller value holds. */
  | "stricter"
  /** Demands: the larger value holds. */
  | "larger"
  /** The inheriting policy's value, else that of the policy named last. */
  | "child"
  /** Not inherited. */
  | "own";

export interface ListKey {
  readonly type: "list";
  readonly of: EntryKind;
  readonly merge: "concatenate" | "own";
  /** The rule that each entry compiles to (empty `on`: the entry names them); absent where entries are data. */
  readonly rule?: { readonly effect: Effect; readonly on: readonly Capability[]; readonly sealed?: true };
  readonly says: string;
}

export interface ScalarKey {
  readonly type:
    | "version"
    | "text"
    | "flag"
    | "choice"
    | "bytes"
    | "seconds"
    | "count"
    /** A text such as `2s`, read as milliseconds. */
    | "duration"
    /** A list of them, ascending; one value, as the child's list takes the place of an inherited one. */
    | "durations"
    /** A list of words of `values`; one value, as `durations`. */
    | "choices"
    /** `ed25519:` and 43 characters. */
    | "public key";
  readonly merge: Exclude<Merge, "concatenate">;
  readonly default: string | number | boolean | null | readonly string[];
  /** Inclusive range of numbers. */
  readonly min?: number;
  readonly max?: number;
  /** Values of a choice, or of choices. */
  readonly values?: readonly string[];
  readonly says: string;
}

export type KeySpec = ListKey | ScalarKey;

const NET = CAPABILITIES.filter((name) => name.startsWith("net."));
const FS = CAPABILITIES.filter((name) => name.startsWith("fs."));
const MOST_CALLS = LIMITS.max_calls.max;
/** As `max_seconds`: from 50 ms to a day. */
const SECONDS = { min: LIMITS.max_seconds.min, max: LIMITS.max_seconds.max } as const;

export const KEYS = {
  version: { type: "version", merge: "own", default: null, says: "version of the policy language; required, `1`" },
  name: { type: "text", merge: "own", default: null, says: "what people call this policy" },
  description: { type: "text", merge: "own", default: null, says: "free text" },
  inherits: {
    type: "list",
    of: "policy",
    merge: "own",
    says: "presets by name, or files beside or below this one by relative path; merged, deny wins",
  },
  requires_approval: list("capability", "ask for these capabilities or families (`fs.*`) every time", {
    effect: "ask",
    on: [],
  }),

  "filesystem.read_allow": list("path", "may be read, listed and looked up", allow("fs.read")),
  "filesystem.write_allow": list("path", "may be created, overwritten and appended to", allow("fs.write")),
  "filesystem.delete_allow": list("path", "may be deleted", allow("fs.delete")),
  "filesystem.deny": list("path", "never read, written or deleted, nor anything below", deny(FS)),
  "filesystem.local_only_read": list("path", "may be read, but what is read is sealed", sealed(["fs.read"])),
  "filesystem.local_only_write": list(
    "path",
    "may receive sealed data; directories, as `private/**`",
    sealed(["fs.write"]),
  ),

  "network.http_get_allow": list("host", "hosts that may be asked with GET and HEAD", allow("net.http_get")),
  "network.http_post_allow": list("host", "hosts that may be sent a POST", allow("net.http_post")),
  "network.http_put_allow": list("host", "hosts that may be sent a PUT", allow("net.http_put")),
  "network.http_patch_allow": list("host", "hosts that may be sent a PATCH", allow("net.http_patch")),
  "network.http_delete_allow": list("host", "hosts that may be sent a DELETE", allow("net.http_delete")),
  "network.local_only_hosts": list(
    "host",
    "hosts that may receive sealed data by any method, and whose answers are sealed",
    sealed(NET),
  ),
  "network.deny_hosts": list(
    "host",
    "hosts that are never reached, on every scheme and port unless one is named",
    deny(NET),
  ),
  "network.deny_ips": list("range", "addresses or CIDR ranges that are never connected to", deny(NET)),
  "network.timeout_seconds": limit("seconds", 30, SECONDS, "for one request, all of it"),
  "network.follow_redirects": limit(
    "count",
    0,
    { min: 0, max: 20 },
    "how many redirects a GET or HEAD follows, each decided anew",
  ),
  "network.private_hosts.NAME": list("range", "private ranges that the host NAME may resolve into"),

  "environment.allow_vars": list(
    "variable",
    "variables that may be read, by name or with `*` and `?`",
    allow("env.read"),
  ),
  "environment.local_only_vars": list(
    "variable",
    "variables that may be read, but whose values are sealed",
    sealed(["env.read"]),
  ),
  "environment.deny_vars": list("variable", "variables that are never read", deny(["env.read"])),

  "subprocess.allow_commands": list("command", "commands that may be run, by name or path", allow("subprocess.exec")),
  "subprocess.local_only_commands": list(
    "command",
    "commands that may receive sealed data, and whose answers are sealed",
    sealed(["subprocess.exec"]),
  ),
  "subprocess.deny_commands": list("command", "commands that are never run", deny(["subprocess.exec"])),
  "subprocess.deny_args.NAME": list(
    "arguments",
    "arguments with which the command NAME is never run",
    deny(["subprocess.exec"]),
  ),
  "subprocess.ask_args.NAME": list("arguments", "arguments with which running NAME is asked about", {
    effect: "ask",
    on: ["subprocess.exec"],
  }),
  "subprocess.commands.NAME.args": choice(
    ["free"],
    null,
    "`free`: arguments of NAME that look like paths are not held against the file rules",
  ),
  "subprocess.set_env": list("child variable", "variables that a script may set for a command"),
  "subprocess.sandbox": choice(
    ["auto", "bwrap", "none"],
    "auto",
    "`auto`: jailed, or refused where no jail works; `bwrap`; `none`: open",
  ),
  "subprocess.accept_unsandboxed_commands": {
    type: "flag",
    merge: "child",
    default: false,
    says: 'accepts in words what `sandbox = "none"` means for sealed values',
  },
  "subprocess.timeout_seconds": limit("seconds", 60, SECONDS, "for one command"),
  "subprocess.max_output": limit(
    "bytes",
    4 * 1024 * 1024,
    { min: 0, max: 256 * 1024 * 1024 },
    "standard output and standard error of one command",
  ),

  "runtime.max_seconds": runLimit("max_seconds", "the whole run, waiting for a person excluded"),
  "runtime.max_memory": runLimit("max_memory", "the script's VM"),
  "runtime.max_stack": runLimit("max_stack", "the script's call stack"),
  "runtime.max_output": runLimit("max_output", "what the script may print"),
  "runtime.max_calls": runLimit("max_calls", "gated calls of one run"),
  "runtime.max_concurrency": runLimit("max_concurrency", "fetches in flight; above it they queue"),
  "runtime.max_response": runLimit("max_response", "one HTTP response; above it the call fails"),
  "runtime.max_file": runLimit("max_file", "one file read or written; above it the call fails"),
  "runtime.max_calls_per_capability.NAME": bound(
    "count",
    MOST_CALLS,
    'calls of the capability NAME, such as `"fs.read" = 20`, over a run or MCP session; beyond it `E_BUDGET`',
  ),
  "runtime.isolation": choice(
    ["thread", "process"],
    "thread",
    "where a script's VM runs: a thread of ours, or a process of its own, jailed where bubblewrap works",
  ),

  "budget.calls": bound("count", MOST_CALLS, "allowed calls over a run or MCP session; beyond it `E_BUDGET`"),
  "budget.bytes_out": bound(
    "bytes",
    1024 * 1024 * 1024 * 1024,
    "URLs and bodies of requests, together, over a run or MCP session; beyond it `E_BUDGET`",
  ),

  "local_only.mode": choice(
    ["sealed", "redact"],
    "sealed",
    "`sealed`: a script never holds a local-only value; `redact`: it does, and known encodings are scrubbed from its output",
  ),
  "local_only.profile": choice(
    ["default", "strict", "relaxed"],
    "default",
    "what the time that sealed work takes may tell: one of the ticks of `settle`; `strict`: nothing; `relaxed`: not bounded",
  ),
  "local_only.settle": {
    type: "durations",
    merge: "child",
    default: null,
    min: 50,
    max: 3_600_000,
    says: 'ticks at which effects after sealed work happen; `["1s", "10s", "2m"]`, with `strict` one (`["30s"]`), with `relaxed` none',
  },
  "local_only.max_waits": limit("count", 1, { min: 0, max: 100 }, "settle points of one run besides its end"),
  "local_only.compute.fuel": limit(
    "count",
    500,
    { min: 1, max: 1_000_000 },
    "work of one compartment, in polls of the engine",
  ),
  "local_only.compute.wall": limit("duration", 2000, { min: 10, max: 600_000 }, "time of one compartment"),
  "local_only.compute.memory": limit(
    "bytes",
    32 * 1024 * 1024,
    { min: 1024 * 1024, max: 1024 * 1024 * 1024 },
    "memory of one compartment",
  ),
  "local_only.compute.output": limit(
    "bytes",
    4 * 1024 * 1024,
    { min: 0, max: 256 * 1024 * 1024 },
    "result of one compartment",
  ),
  "local_only.max_release_bits_per_day": {
    type: "count",
    merge: "stricter",
    default: null,
    min: 0,
    max: 1_000_000_000,
    says: "a policy whose releases could say more in a day does not load",
  },

  "approvals.channels": {
    type: "choices",
    merge: "child",
    values: APPROVAL_CHANNELS,
    default: DEFAULT_CHANNELS,
    says: "what counts as a person; a client or a hook of it can answer an elicitation by itself",
  },
  "approvals.irreversible_channels": {
    type: "choices",
    merge: "child",
    values: APPROVAL_CHANNELS,
    default: IRREVERSIBLE_CHANNELS,
    says: "of `channels`, those that answer for what cannot be taken back, too",
  },
  "approvals.timeout": limit("duration", 600_000, { min: 100, max: 86_400_000 }, "how long a question waits"),
  "approvals.max_prompts": limit(
    "count",
    20,
    { min: 0, max: 10_000 },
    "questions that a run may put to people; a further one is refused",
  ),
  "approvals.max_prompts_per_session": limit(
    "count",
    100,
    { min: 0, max: 100_000 },
    "the same, of all runs of an MCP server or a library's runtime together",
  ),
  "approvals.remember": choice(
    REMEMBER,
    "run",
    "the widest that an answer may be kept for: `never`, the same call in this `run`, or a rule that is saved (`save`)",
  ),
  "approvals.quorum": {
    type: "count",
    merge: "larger",
    default: 1,
    min: 1,
    max: 16,
    says: "how many different approvers must say yes; one no is a no",
  },
  "approvals.approvers.NAME": {
    type: "public key",
    merge: "child",
    default: null,
    says: "public key of the approver NAME, from `agent-run keys show`; who signs with it is that approver",
  },

  "tools.NAME.capabilities": list(
    "capability",
    "routing hint for a model: the capabilities that stand for the tool NAME",
  ),
  "tools.NAME.backend_url": {
    type: "text",
    merge: "child",
    default: null,
    says: "routing hint: the URL behind the tool",
  },
  "tools.NAME.backend_method": {
    type: "choice",
    values: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    merge: "child",
    default: null,
    says: "routing hint: the method to use",
  },
  "tools.NAME.description": { type: "text", merge: "child", default: null, says: "routing hint: what the tool is for" },
} as const satisfies Record<string, KeySpec>;

export type KeyPath = keyof typeof KEYS;

/** Other spellings of a key. Both in one file are refused. */
export const ALIASES: Readonly<Record<string, KeyPath>> = {
  "subprocess.requires_approval_args.NAME": "subprocess.ask_args.NAME",
  "runtime.max_total_calls": "budget.calls",
};

/** Keys of the policy language that this version does not have: refused by name, not as unknown ones. */
export const LATER: ReadonlySet<string> = new Set(["audit"]);

/** What people write who come from other tools, and the key that they mean. */
export const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  confirm_per_call: "requires_approval",
  max_callstack_size: "max_stack",
  timeout: "timeout_seconds",
  fs: "filesystem",
  files: "filesystem",
  net: "network",
  env: "environment",
  commands: "subprocess",
  rules: "rule",
};

function list(of: EntryKind, says: string): { type: "list"; of: EntryKind; merge: "concatenate"; says: string };
function list(of: EntryKind, says: string, rule: NonNullable<ListKey["rule"]>): ListKey & { merge: "concatenate" };
function list(of: EntryKind, says: string, rule?: NonNullable<ListKey["rule"]>): ListKey {
  const key = { type: "list", of, merge: "concatenate", says } as const;
  return rule === undefined ? key : { ...key, rule };
}

function allow(on: Capability) {
  return { effect: "allow", on: [on] } as const;
}

function deny(on: readonly Capability[]) {
  return { effect: "deny", on } as const;
}

function sealed(on: readonly Capability[]) {
  return { effect: "allow", on, sealed: true } as const;
}

function choice(values: readonly string[], byDefault: string | null, says: string) {
  return { type: "choice", merge: "child", values, default: byDefault, says } as const;
}

function limit(
  type: "seconds" | "bytes" | "count" | "duration",
  byDefault: number,
  range: { min: number; max: number },
  says: string,
) {
  return { type, merge: "stricter", default: byDefault, ...range, says } as const;
}

/** Not bounded where nothing is said. */
function bound(type: "bytes" | "count", max: number, says: string) {
  return { type, merge: "stricter", default: null, min: 0, max, says } as const;
}

function runLimit(key: keyof typeof LIMITS, says: string) {
  const { unit, default: byDefault, min, max } = LIMITS[key];
  return limit(unit, byDefault, { min, max }, says);
}
