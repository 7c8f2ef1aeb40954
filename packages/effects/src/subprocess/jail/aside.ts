/**
 * What a jailed command made under names that the policy does not let be written. A jail's mounts guard what exists; a
 * name that did not exist when they were made (`.git`, `agent-run.toml`, settings of an agent's host) can be created in
 * a writable directory. So when the jail has ended, however it ended, such new names are moved aside, beside where they
 * were, and the call fails: nobody runs a hook or loads a policy that an agent's command planted. Nothing is deleted.
 *
 * The walk goes by held descriptors, so a directory that is swapped under it is only ever looked at where it is now.
 */
import { randomBytes } from "node:crypto";
import { accessSync, chmodSync, constants, type Dirent, readlinkSync, renameSync } from "node:fs";
import { join } from "node:path/posix";
import { setImmediate as turn } from "node:timers/promises";
import type { Failure, JailPlan, OperationContext, PinnedCommand, RuleRef } from "@agent-run/gate";
import { attempt, type SystemRefusal } from "../../fs/attempt.ts";
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
  if (!walk.isWhole) return tooMany(typed);
  const [closed] = walk.closed;
  if (closed !== undefined) return unseen(typed, shownAs(closed, cwd));
  const gone = jail.links.find((link) => !isKept(link));
  return gone === undefined
    ? null
    : removedLink(typed, shownAs(gone.path, cwd), decide(pathTarget("write", gone.path)).rule);
}

class Walk {
  readonly moved: Moved[] = [];
  /** What could not be looked into. */
  readonly closed: string[] = [];
  readonly #plan: JailPlan;
  readonly #decide: OperationContext["decide"];
  /** What was denied and there before: the jail's mounts kept it as it was. */
  readonly #before: ReadonlySet<string>;
  readonly #links: ReadonlyMap<string, JailPlan["links"][number]>;
  #left = MAX_ENTRIES;
  #directories = 0;

  constructor(plan: JailPlan, decide: OperationContext["decide"]) {
    this.#plan = plan;
    this.#decide = decide;
    this.#before = new Set([...plan.hidden.map(({ path }) => path), ...plan.readOnly]);
    this.#links = new Map(plan.links.map((link) => [link.path, link]));
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
      if (held.ok) await this.#into(held.value, path);
      else this.#passOver(path, held.refusal);
    }
  }

  /** What is gone needs no look. */
  #passOver(path: string, { code }: SystemRefusal): void {
    if (code !== "ENOENT") this.closed.push(path);
  }

  /** `found`: where it was found, for people. */
  async #into(directory: Handle, found: string): Promise<void> {
    try {
      if (++this.#directories % AT_ONCE === 0) await turn();
      const names = directory.stats.isDirectory() ? this.#tidy(directory, found) : [];
      for (const name of names) {
        const child = attempt(() => holdChild(directory, name));
        const path = join(found, name);
        if (child.ok) await this.#into(child.value, path);
        else this.#passOver(path, child.refusal);
      }
    } finally {
      release(directory);
    }
  }

  /** Moves what is denied; the names of the directories that are left. One that was closed is opened for that. */
  #tidy(directory: Handle, found: string): readonly string[] {
    const at = attempt(() => realPath(directory));
    if (!at.ok) {
      // One that has no name any more needs no look; one whose name is too long for the system does.
      if (at.refusal.code !== "ECHANGED") this.closed.push(found);
      return [];
    }
    if (this.#before.has(at.value)) return [];
    const looked = attempt(() => entriesIn(directory));
    if (!looked.ok) {
      this.closed.push(at.value);
      return [];
    }
    return this.#sort(directory, at.value, looked.value);
  }

  #sort(directory: Handle, at: string, entries: readonly Dirent[]): readonly string[] {
    this.#left -= entries.length;
    if (!this.isWhole) return [];
    return entries.flatMap((entry) => {
      const path = `${at}/${entry.name}`;
      const link = this.#links.get(path);
      if (this.#before.has(path) || (link !== undefined && isKept(link))) return [];
      // A name that is not UTF-8 cannot be opened by it.
      if (entry.name.includes("\uFFFD") && entry.isDirectory()) this.closed.push(path);
      const { effect, rule, sealed } = this.#decide(pathTarget("write", path));
      // What is made of local-only data lies where such data may, and what is public nowhere there.
      if (effect !== "allow" || (sealed !== undefined) !== (this.#plan.clearance === "cleared")) {
        this.moved.push({ path, rule, to: moveAside(directory, entry.name) });
        return [];
      }
      return entry.isDirectory() && !entry.name.includes("\uFFFD") ? [entry.name] : [];
    });
  }
}

const { R_OK, X_OK } = constants;
const OWNER = 0o700;

/** Entries that can be entered; a directory of ours that a child closed is opened again. */
function entriesIn(directory: Handle): readonly Dirent[] {
  const open = attempt(() => accessSync(directory.at, R_OK | X_OK));
  if (!open.ok) makeOpen(directory);
  return entriesOf(directory);
}

const makeOpen = ({ at, stats }: Handle): boolean => attempt(() => chmodSync(at, (stats.mode & 0o7777) | OWNER)).ok;

const isKept = ({ path, text }: JailPlan["links"][number]): boolean => {
  const now = attempt(() => readlinkSync(path));
  return now.ok && now.value === text;
};

const shownAs = (path: string, cwd: string): string => (isWithin(path, cwd) ? path.slice(cwd.length + 1) : path);

/** The new name, or null. */
function moveAside(directory: Handle, name: string): string | null {
  const to = `${name}.denied-${randomBytes(4).toString("hex")}`;
  const move = () => attempt(() => renameSync(childPath(directory, name), childPath(directory, to)));
  return move().ok || (makeOpen(directory) && move().ok) ? to : null;
}

function madeDenied(typed: string, { path, to, rule }: Moved, count: number, cwd: string): Failure {
  const others = count === 1 ? "" : ` (and ${count - 1} more)`;
  const done = to === null ? "it could not be moved aside" : `it now lies beside it as \`${to}\``;
  return {
    code: "E_POLICY_DENIED",
    message: `\`${typed}\` made \`${shownAs(path, cwd)}\`${others}, which the policy does not let be written: ${done}`,
    capability: "subprocess.exec",
    target: typed,
    rule,
    hint: "what else the command did stays done; let it write elsewhere, or make this by hand",
  };
}

const unseen = (typed: string, shown: string): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${typed}\` left \`${shown}\`, which cannot be looked into: what is in it cannot be checked against the policy`,
  capability: "subprocess.exec",
  target: typed,
  rule: { id: "subprocess.sandbox" },
  hint: "look at it, then remove or open it",
});

const removedLink = (typed: string, shown: string, rule: RuleRef): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${typed}\` removed or changed the link \`${shown}\`, which the policy does not let be written`,
  capability: "subprocess.exec",
  target: typed,
  rule,
  hint: "put it back by hand; no mount can guard a link",
});

const tooMany = (typed: string): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${typed}\` left more than ${MAX_ENTRIES} files where it may write: they cannot be checked against the policy`,
  capability: "subprocess.exec",
  target: typed,
  rule: { id: "subprocess.sandbox" },
  hint: "grant narrower directories in `[filesystem] write_allow`",
});
