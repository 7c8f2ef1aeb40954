import type { ApprovalSettings } from "./approvals.ts";
import type { Condition, Hours } from "./condition.ts";
import type { Effect, RuleRef } from "./decision.ts";
import type { Limits } from "./limits.ts";
import type { LocalOnlyData } from "./local-only-data.ts";
import type { BuiltInCapability, Capability } from "./signatures.ts";
import type { PolicyPlace } from "./world.ts";

/**
 * A loaded policy as plain data: it survives structured clone, so the main thread loads it once and the run's
 * worker revives it (`Policy.revive`). Only `loadPolicy` makes one.
 */
export interface PolicyData {
  readonly name: string | null;
  /** SHA-256 (hex) over the canonical JSON of everything that decides; binds records and approvals to this policy. */
  readonly hash: string;
  /** Every file that took part, main policy first; presets as `preset:NAME`. */
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /** Absolute real path that relative patterns and relative script paths hang under. */
  readonly root: string;
  /** Compiled rules in policy order: main policy's, inherited, built-in. */
  readonly rules: readonly RuleData[];
  readonly limits: Limits;
  /** Where the VM of a script is. */
  readonly isolation: "thread" | "process";
  readonly network: {
    readonly timeoutSeconds: number;
    readonly followRedirects: number;
    /** Host name to the ranges (CIDR) that it may resolve into although they are special-purpose. */
    readonly privateHosts: Readonly<Record<string, readonly string[]>>;
  };
  readonly subprocess: {
    readonly sandbox: "auto" | "bwrap" | "none";
    readonly acceptUnsandboxed: boolean;
    readonly timeoutSeconds: number;
    readonly maxOutputBytes: number;
    /** Child variables that a script may set. */
    readonly setEnv: readonly string[];
    /** Commands of every kind (public, local-only, of secrets) as written in the policy; resolved ones are in `commands`. */
    readonly allowed: readonly string[];
    /** Names whose arguments skip the path gate (`[subprocess.commands.NAME] args = "free"`). */
    readonly freeArgs: readonly string[];
    /** What the allowed names resolved to at load; filled by `Policy.withCommands`. */
    readonly commands: readonly ResolvedCommand[];
  };
  /** Where `sandbox` stands, if it stands anywhere: for the operator, where the jail that it asks for is not to be had. */
  readonly sandboxAt: PolicyPlace | null;
  readonly tools: Readonly<Record<string, ToolRoute>>;
  /** Bounds that are counted over a run, and over an MCP session. */
  readonly budget: Budget;
  /** How questions are answered. Of a policy under ceilings: the stricter of all. */
  readonly approvals: ApprovalSettings;
  /** Policies that bound this one: the answer is the strictest of all. Empty: there are none. */
  readonly ceilings: readonly PolicyData[];
  /** Null: nothing local-only is declared, and nothing of it costs anything. */
  readonly localOnly: LocalOnlyData | null;
  /** Sentences for the operator, shown before a run: opened built-in denies, removed denies, `sandbox = "none"`. */
  readonly banners: readonly string[];
  /** Problems that do not stop the load, e.g. a command that is not on PATH. */
  readonly warnings: readonly string[];
}

/** Null and absent: not bounded. A call beyond is denied with `E_BUDGET`. */
export interface Budget {
  readonly calls: number | null;
  /** Bodies and URLs of requests. */
  readonly bytesOut: number | null;
  readonly callsPerCapability: Readonly<Partial<Record<BuiltInCapability, number>>>;
  /** Where each of them stands, by its key (`budget.calls`); for people, and no part of the hash. */
  readonly refs?: Readonly<Record<string, RuleRef>>;
}

/** A routing hint for a model; advice, not a grant. */
export interface ToolRoute {
  readonly capabilities: readonly Capability[];
  readonly backendUrl?: string;
  readonly backendMethod?: string;
  readonly description?: string;
}

/**
 * One rule. A rule matches a target when `on` has its capability, its one pattern list matches the value, `except` does
 * not, every condition of `when` holds, and it is the time for it. A grant is read narrowly (every reading of the value
 * must match, every condition must be true), a denial or question loosely (any reading, true or unknown); `except` the
 * other way round. A `[[rule]]` may be several of these with one `ref`: one a kind of target, and one a command.
 */
export interface RuleData {
  readonly ref: RuleRef;
  readonly effect: Effect;
  readonly on: readonly Capability[];
  readonly match: RuleMatch;
  /**
   * Only on built-in denies: per capability the values (absolute paths, variable names; compared literally, whole)
   * that an exact entry of the main policy opened. For these the rule does not match; for what lies below them it does.
   */
  readonly opened?: Readonly<Partial<Record<Capability, readonly string[]>>>;
  /** What it opens is local-only: answers are sealed, and sealed data may go there. Beats every public grant. */
  readonly sealed?: true;
  /** It grants only a call at this use of a secret: of `localOnly.secrets` the one named so, and of its uses that one. */
  readonly use?: UseRef;
  /** Only on questions about a command: it opens the door to what it asks about, its arguments read word by word. */
  readonly opens?: true;
  /**
   * What it leaves out; of the same kind as `match`, or of the kind of `on` where that is `any`. `below` counts where the
   * rule is read as a grant; as a denial or question it leaves out exactly what the patterns name.
   */
  readonly except?: RuleMatch;
  /** All of them must hold. */
  readonly when?: readonly Condition[];
  /** How many calls may match it in a run; then a matching call is denied with `E_BUDGET`. On grants and questions. */
  readonly limit?: { readonly calls: number };
  /** Milliseconds since 1970: from then on a grant grants no more. Denials and questions stay. */
  readonly expires?: number;
  /** It speaks only at these hours; at an unknown time a denial or question speaks, a grant does not. */
  readonly hours?: Hours;
  /** Of a question: how many different approvers must say yes. */
  readonly quorum?: number;
  /** Of a question: names in `approvals.approvers`, whose keys alone answer. */
  readonly approvers?: readonly string[];
  /** Why it is there, for people. */
  readonly reason?: string;
  /** What a script is told instead of the usual hint. */
  readonly advice?: string;
}

export interface UseRef {
  readonly secret: string;
  readonly index: number;
}

export type RuleMatch =
  /**
   * Absolute glob patterns, already rooted; `below`: also everything under what a pattern names.
   * What a pattern may hold, and nothing else: segments separated by single `/`, NFC, none of them `.` or `..` or
   * empty, no `/` at the end (`/` alone is the root directory). A segment is `**` alone (any number of segments, none
   * included), or made of characters, `*` and `?` (never a `/`), classes `[a-z]` `[^a-z]`, and `\x` for the literal
   * character x. Braces are expanded at load; parentheses, `+ @ ! ^ $ "` stand for themselves, escaped or not.
   */
  | { readonly kind: "path"; readonly patterns: readonly string[]; readonly below: boolean }
  | { readonly kind: "host"; readonly patterns: readonly HostPattern[] }
  | { readonly kind: "address"; readonly ranges: readonly string[] }
  | { readonly kind: "variable"; readonly patterns: readonly string[] }
  /**
   * `args`: argument patterns, each as written (`push --force`), any of which matches; without it the command as a whole.
   * A denial or question reads them as `deny_args` does, in every spelling; a grant takes them word by word: `*` stands
   * for one word that is no option, `**` at the end for any more words. `name` of a denial may be `*`, for every command.
   */
  | { readonly kind: "command"; readonly name: string; readonly args?: readonly string[] }
  /** Every call of the tools that `on` names, as a grant or a question says it. */
  | { readonly kind: "tool" }
  /** Every call of the capabilities: `requires_approval`. */
  | { readonly kind: "any" };

export interface HostPattern {
  readonly scheme: "http" | "https" | "*";
  /** Lower case, IDNA, no trailing dot, IPv6 without brackets; `*.example.com` for any depth below; `*` for every host. */
  readonly host: string;
  readonly port: number | "*";
  /** Path glob in the grammar of path patterns over the percent-encoded URL path; null for every path. */
  readonly path: string | null;
}

/** An allowed command as found at load. Identity is the real path and its inode, the `#!` interpreter included. */
export interface ResolvedCommand {
  /** As the policy writes it: `git`, `tools/build.sh`. */
  readonly name: string;
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  readonly interpreter?: { readonly path: string; readonly dev: number; readonly ino: number };
}

/** A path that no rule can open: policy files, our installation, the record, trust stores. */
export interface ProtectedPath {
  /** Absolute real path; everything below it is protected too. */
  readonly path: string;
  /** Nothing below it: a link that leads to what is protected. */
  readonly alone?: true;
  /** `all`: neither read nor written. `write`: readable if a rule allows it. */
  readonly access: "all" | "write";
  /** For the denial: "the policy of this run". */
  readonly what: string;
}
