/**
 * Every key of an Aegis or Denyx policy and what becomes of it here: taken as it is, carried entry by entry, narrowed,
 * or of no meaning. Driven by this table, so that no key of theirs is forgotten; one that is not here is refused.
 */
import type { Place } from "../problem.ts";
import { CAPABILITIES, type Capability } from "../signatures.ts";
import type { Node } from "../toml.ts";
import { type Carrying, quoted, type Said } from "./carrying.ts";
import { carryArguments, deniedCommand, grantedCommand } from "./commands.ts";
import { RESERVED_VARIABLES } from "./defaults.ts";
import { ONE_PORT, ONE_PROGRAM, OWN_DIRECTORY, SEALED } from "./differences.ts";
import { carryDeniedHosts, carrySealedHosts, grantedHost } from "./hosts.ts";
import { type Carried, carryList, kept, left } from "./list.ts";
import { carryLocalFiles, deniedPath, grantedPath, grantedTree } from "./paths.ts";

export type Way = (into: Carrying, path: readonly string[], at: Place, node: Node) => void;

export const DIALECT_KEYS: Readonly<Record<string, Way>> = {
  name: same(),
  description: same(),
  requires_approval: list(capability),
  confirm_per_call: list(capability, { as: ["requires_approval"] }),

  "filesystem.read_allow": list(grantedTree, { grants: ["fs.read"], once: OWN_DIRECTORY }),
  "filesystem.write_allow": list(grantedTree, { grants: ["fs.write"], once: OWN_DIRECTORY }),
  "filesystem.delete_allow": list(grantedPath, { grants: ["fs.delete"] }),
  "filesystem.local_only_read": both(carryLocalFiles, SEALED),
  "filesystem.deny": list(deniedPath, {
    once: {
      message:
        "a denial covers what lies below it, too, in any case of its letters; with `**/` in front the whole machine",
    },
  }),

  "network.http_get_allow": list(grantedHost, { grants: ["net.http_get"], once: ONE_PORT }),
  "network.http_post_allow": list(grantedHost, { grants: ["net.http_post"], once: ONE_PORT }),
  "network.http_put_allow": list(grantedHost, { grants: ["net.http_put"], once: ONE_PORT }),
  "network.http_patch_allow": list(grantedHost, { grants: ["net.http_patch"], once: ONE_PORT }),
  "network.http_delete_allow": list(grantedHost, { grants: ["net.http_delete"], once: ONE_PORT }),
  "network.local_only_hosts": both(carrySealedHosts, SEALED),
  "network.deny_hosts": carryDeniedHosts,
  "network.deny_ips": list(kept),
  "network.timeout_seconds": same(),

  "environment.allow_vars": list(variable, { grants: ["env.read"] }),
  "environment.local_only_vars": list(variable, { grants: ["env.read"], once: SEALED }),
  "environment.deny_vars": list(kept, { once: { message: "a denied variable is denied in any case of its letters" } }),

  "subprocess.allow_commands": list(grantedCommand, { grants: ["subprocess.exec"], once: ONE_PROGRAM }),
  "subprocess.local_only_commands": list(grantedCommand, { grants: ["subprocess.exec"], once: SEALED }),
  "subprocess.deny_commands": list(deniedCommand),
  "subprocess.deny_args.NAME": carryArguments("deny"),
  "subprocess.requires_approval_args.NAME": carryArguments("ask"),
  "subprocess.sandbox": sandbox,

  "runtime.max_seconds": seconds,
  "runtime.max_callstack_size": nothing(
    "`max_callstack_size` counts calls of another interpreter",
    '`max_stack = "512KiB"` bounds the stack here',
  ),
  "runtime.no_output_after_local_only_read": silence,
  "runtime.max_calls_per_capability.NAME": callsPerCapability,
  "runtime.max_total_calls": same(["budget", "calls"]),

  "functions.allow": nothing(
    "`[functions]` closes what it does not name; it opens nothing by itself",
    "remove the lists of what scripts shall not do",
  ),
  "functions.deny": nothing("`[functions]` closes what it denies", "remove the lists of what scripts shall not do"),
  database: nothing(
    "there are no databases for scripts here, so nothing of `[database]` is granted",
    "grant a command or a host instead",
  ),
  deployment: nothing(
    "there are no deployments for scripts here, so nothing of `[deployment]` is granted",
    "grant a command or a host instead",
  ),
  tools: nothing("`[tools]` takes a table", "write `[tools.NAME]`"),
};

/** The value as it is; of another type it is refused at its place like any other. */
function same(as?: readonly string[]): Way {
  return (into, path, at, node) => into.put(as ?? path, at, node);
}

function nothing(message: string, hint: string): Way {
  return (into, _path, at) => into.note(at, { message, hint });
}

interface ListOptions {
  readonly as?: readonly string[];
  /** What an entry opens. */
  readonly grants?: readonly Capability[];
  readonly once?: Said;
}

function list(each: (text: string, into: Carrying) => Carried, { as, grants = [], once }: ListOptions = {}): Way {
  return (into, path, at, node) => {
    const closed = grants.filter((on) => into.about.closed.has(on));
    const isLocal = into.about.everyHostIsLocal && grants.some((on) => on.startsWith("net."));
    const why = isLocal ? "`local_only_hosts` makes every host local-only" : notAllowed(closed);
    const one = why === null ? each : () => left(why);
    carryList(into, as ?? path, at, node, (text) => one(text, into));
    const first = node.kind === "array" ? node.items[0] : undefined;
    if (once !== undefined && first !== undefined && why === null) into.noteOnce(once.message, first.at, once);
  };
}

const notAllowed = (closed: readonly Capability[]): string | null =>
  closed.length === 0 ? null : `\`[functions]\` does not allow ${closed.join(", ")}`;

/** As the way does it, and a note where there is an entry. */
function both(way: Way, once: Said): Way {
  return (into, path, at, node) => {
    way(into, path, at, node);
    const first = node.kind === "array" ? node.items[0] : undefined;
    if (first !== undefined) into.noteOnce(once.message, first.at, once);
  };
}

function capability(text: string): Carried {
  const known = CAPABILITIES.some((name) => name === text);
  return known ? kept(text) : left(`${quoted(text)} is no capability here, so there is nothing to ask about`);
}

function variable(text: string): Carried {
  if (RESERVED_VARIABLES.has(text)) return left(`${quoted(text)} was never readable there, whatever the policy said`);
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
    ? kept(text)
    : left(`${quoted(text)} was a plain name there and is no name of a variable`, "write the names one by one");
}

function sandbox(into: Carrying, path: readonly string[], at: Place, node: Node): void {
  const says = node.kind === "string" ? node.value : null;
  const jailed = { kind: "string", at: node.at, value: "auto" } as const;
  if (says === "none" && into.about.hasLocalOnly && into.about.hasCommands) {
    into.put(path, at, jailed);
    const message = "commands run in a jail here, as in the open they could read what is local-only";
    into.note(node.at, {
      message,
      hint: "`accept_unsandboxed_commands = true` accepts that in a policy with `version = 1`",
    });
  } else if (says === "landlock") {
    into.put(path, at, jailed);
    into.note(node.at, { message: "the jail is bubblewrap here, not Landlock; without it commands are refused" });
  } else {
    if (says === "bwrap") into.note(node.at, { message: "the jail has no network here, whatever `[network]` grants" });
    into.put(path, at, node);
  }
}

/** A day; beyond it our own key does not go. */
const MOST_SECONDS = 86_400;

function seconds(into: Carrying, path: readonly string[], at: Place, node: Node): void {
  const tooLong = (node.kind === "integer" || node.kind === "float") && node.value > MOST_SECONDS;
  into.put(path, at, tooLong ? { kind: "integer", at: node.at, value: MOST_SECONDS } : node);
  const message = tooLong
    ? "a run takes a day at most here"
    : "`max_seconds` stops a script at any place here; there it was looked at before a call only";
  into.note(node.at, { message });
}

function silence(into: Carrying, _path: readonly string[], at: Place, node: Node): void {
  if (node.kind === "boolean" && !node.value) return;
  into.note(at, {
    message: "after a local-only read a script may still print and write here, as it holds nothing that it could tell",
    hint: "what is local-only is sealed; see `agent-run policy explain`",
  });
}

function callsPerCapability(into: Carrying, path: readonly string[], at: Place, node: Node): void {
  const name = path.at(-1) ?? "";
  if (!CAPABILITIES.some((one) => one === name)) {
    into.note(at, { message: `${quoted(name)} is no capability here, so there is nothing to count` });
  } else into.put(path, at, node);
}
