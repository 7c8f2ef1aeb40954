/** What entries of a dialect policy mean together: which capabilities `[functions]` leaves, whether anything is local-only. */
import { CAPABILITIES, type Capability } from "../signatures.ts";
import type { Node, TableNode } from "../toml.ts";

export interface About {
  /** Capabilities that `[functions]` of an older policy takes away. */
  readonly closed: ReadonlySet<Capability>;
  /** The preset with the universal denials. */
  readonly inherits: boolean;
  /** As the lists name them. */
  readonly commands: ReadonlySet<string>;
  readonly hasCommands: boolean;
  readonly hasLocalOnly: boolean;
  /** `*` in `local_only_hosts`. */
  readonly everyHostIsLocal: boolean;
  readonly saysSandbox: boolean;
  readonly saysSeconds: boolean;
}

export function aboutOf(document: TableNode): About {
  const values = (path: string) => textsIn(document, path);
  const allowed = nodeAt(document, "functions.allow") === null ? null : values("functions.allow");
  const denied = values("functions.deny");
  const isClosed = (on: Capability) => denied.includes(on) || (allowed !== null && !allowed.includes(on));
  const local = ["filesystem.local_only_read", "network.local_only_hosts", "environment.local_only_vars"];
  const commands = ["allow", "local_only"].flatMap((list) => values(`subprocess.${list}_commands`));
  return {
    closed: new Set(CAPABILITIES.filter(isClosed)),
    inherits: nodeAt(document, "inherits") !== null,
    commands: new Set(commands),
    hasCommands: commands.length > 0,
    hasLocalOnly: [...local, "subprocess.local_only_commands"].some((path) => values(path).length > 0),
    everyHostIsLocal: values("network.local_only_hosts").includes("*"),
    saysSandbox: nodeAt(document, "subprocess.sandbox") !== null,
    saysSeconds: nodeAt(document, "runtime.max_seconds") !== null,
  };
}

function nodeAt(document: TableNode, path: string): Node | null {
  let here: Node = document;
  for (const key of path.split(".")) {
    const next: Node | undefined = here.kind === "table" ? here.entries.get(key)?.node : undefined;
    if (next === undefined) return null;
    here = next;
  }
  return here;
}

/** The texts of a list, without removals. */
function textsIn(document: TableNode, path: string): readonly string[] {
  const node = nodeAt(document, path);
  if (node?.kind !== "array") return [];
  return node.items.flatMap((item) => (item.kind === "string" && !item.value.startsWith("!") ? [item.value] : []));
}
