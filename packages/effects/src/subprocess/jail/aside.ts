/**
 * What a jailed command made under names that the policy does not let be written. A jail's mounts guard what exists; a
 * name that did not exist when they were made (`.git`, `agent-run.toml`, settings of an agent's host) can be created in
 * a writable directory. So when the jail has ended, however it ended, such new names are moved aside, beside where they
 * were, and the call fails: nobody runs a hook or loads a policy that an agent's command planted. Nothing is deleted.
 *
 * The walk goes by held descriptors, so a directory that is swapped under it is only ever looked at where it is now.
 */
import { randomBytes } from "node:crypto";
import { renameSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import type { Failure, JailPlan, OperationContext, PinnedCommand, RuleRef } from "@agent-run/gate";
import { attempt } from "../../fs/attempt.ts";
import { childPath, entriesOf, type Handle, hold, holdChild, realPath, release } from "../../fs/descriptor.ts";
import { pathTarget } from "../../fs/target.ts";
import { isWithin } from "./coverage.ts";
import { MAX_ENTRIES } from "./survey.ts";

/** Directories between two turns of the event loop: the walk is on the main thread, where other runs wait. */
const AT_ONCE = 50;

interface Moved {
  readonly path: string;
  readonly rule: RuleRef;
  /** Null: it could not be moved. */
  readonly to: string | null;
}

/** Null: the command left nothing that it must not. */
export async function asideFailure(
  { jail, argv, path, cwd }: PinnedCommand,
  decide: OperationContext["decide"],
): Promise<Failure | null> {
  const [typed = path] = argv;
  if (jail === null || jail.readWrite.length === 0) return null;
  const walk = new Walk(jail, decide);
  await walk.all();
  const [first] = walk.moved;
  if (first !== undefined) return madeDenied(typed, first, walk.moved.length, cwd);
  return walk.isWhole ? null : tooMany(typed);
}

class Walk {
  readonly moved: Moved[] = [];
  readonly #plan: JailPlan;
  readonly #decide: OperationContext["decide"];
  /** What was denied and there before: the jail's mounts kept it as it was. */
  readonly #before: ReadonlySet<string>;
  #left = MAX_ENTRIES;
  #directories = 0;

  constructor(plan: JailPlan, decide: OperationContext["decide"]) {
    this.#plan = plan;
    this.#decide = decide;
    this.#before = new Set([...plan.hidden.map(({ path }) => path), ...plan.readOnly]);
  }

  /** False if there were more entries than a walk looks at. */
  get isWhole(): boolean {
    return this.#left >= 0;
  }

  async all(): Promise<void> {
    const { readWrite } = this.#plan;
    const outermost = readWrite.filter((path) => !readWrite.some((other) => other !== path && isWithin(path, other)));
    for (const path of outermost) {
      const held = attempt(() => hold(path));
      if (held.ok) await this.#into(held.value);
    }
  }

  async #into(directory: Handle): Promise<void> {
    try {
      if (++this.#directories % AT_ONCE === 0) await turn();
      const names = directory.stats.isDirectory() ? this.#tidy(directory) : [];
      for (const name of names) {
        const child = attempt(() => holdChild(directory, name));
        if (child.ok) await this.#into(child.value);
      }
    } finally {
      release(directory);
    }
  }

  /** Moves what is denied; the names of the directories that are left. Gone or unreadable ones have none. */
  #tidy(directory: Handle): readonly string[] {
    const looked = attempt(() => ({ at: realPath(directory), entries: entriesOf(directory) }));
    if (!looked.ok) return [];
    const { at, entries } = looked.value;
    this.#left -= entries.length;
    if (!this.isWhole) return [];
    return entries.flatMap((entry) => {
      const path = `${at}/${entry.name}`;
      if (this.#before.has(path)) return [];
      const { effect, rule } = this.#decide(pathTarget("write", path));
      if (effect !== "allow") {
        this.moved.push({ path, rule, to: moveAside(directory, entry.name) });
        return [];
      }
      return entry.isDirectory() ? [entry.name] : [];
    });
  }
}

/** The new name, or null. */
function moveAside(directory: Handle, name: string): string | null {
  const to = `${name}.denied-${randomBytes(4).toString("hex")}`;
  return attempt(() => renameSync(childPath(directory, name), childPath(directory, to))).ok ? to : null;
}

function madeDenied(typed: string, { path, to, rule }: Moved, count: number, cwd: string): Failure {
  const shown = isWithin(path, cwd) ? path.slice(cwd.length + 1) : path;
  const others = count === 1 ? "" : ` (and ${count - 1} more)`;
  const done = to === null ? "it could not be moved aside" : `it now lies beside it as \`${to}\``;
  return {
    code: "E_POLICY_DENIED",
    message: `\`${typed}\` made \`${shown}\`${others}, which the policy does not let be written: ${done}`,
    capability: "subprocess.exec",
    target: typed,
    rule,
    hint: "what else the command did stays done; let it write elsewhere, or make this by hand",
  };
}

const tooMany = (typed: string): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${typed}\` left more than ${MAX_ENTRIES} files where it may write: they cannot be checked against the policy`,
  capability: "subprocess.exec",
  target: typed,
  rule: { id: "subprocess.sandbox" },
  hint: "grant narrower directories in `[filesystem] write_allow`",
});
