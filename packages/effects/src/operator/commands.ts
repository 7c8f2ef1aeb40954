/**
 * Finds the programs behind `allow_commands` once, when the policy is loaded (CHECKED-IS-USED): real path and inode of
 * the file, and of the interpreter in its `#!` line. PATH is what an attacker reaches for first, so entries that are
 * relative, belong to a project, lie under the root, or can be written by the script or by other users are skipped, and
 * so is a program that such a user could change. The operator is told what was skipped.
 */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { posix } from "node:path";
import type { CanonicalRequest, Decision, PolicyData, ResolvedCommand } from "@agent-run/gate";
import { attempt } from "../fs/attempt.ts";
import { pathTarget } from "../fs/target.ts";
import { interpreterOf, isProgram } from "./interpreter.ts";
import { replaceableByOthers, writableByOthers } from "./owned-by-others.ts";

/** The part of a loaded policy that this asks; as wide as it can be, for what a script may write at any time. */
export interface CommandPolicy {
  readonly data: PolicyData;
  decide(request: CanonicalRequest): Decision;
}

export interface FoundCommands {
  readonly commands: readonly ResolvedCommand[];
  /** For the operator. */
  readonly warnings: readonly string[];
}

/** `path` as in the variable PATH. */
export function resolveCommands(policy: CommandPolicy, path: string = process.env.PATH ?? ""): FoundCommands {
  if (policy.data.subprocess.allowed.length === 0) return { commands: [], warnings: [] };
  const search = new Search(policy, path);
  const commands = policy.data.subprocess.allowed.flatMap((name) => search.command(name) ?? []);
  return { commands, warnings: search.warnings };
}

type Identity = NonNullable<ResolvedCommand["interpreter"]>;

class Search {
  readonly warnings: string[] = [];
  readonly #policy: CommandPolicy;
  readonly #root: string;
  readonly #directories: readonly string[];
  readonly #alternatives: ReadonlySet<string>;

  constructor(policy: CommandPolicy, path: string) {
    this.#policy = policy;
    this.#root = policy.data.root;
    this.#alternatives = alternativesOf(policy.data.rules);
    this.#directories = [...new Set(path.split(":"))].filter((directory) => this.#isTrusted(directory));
  }

  command(name: string): ResolvedCommand | null {
    const found = name.includes("/") ? this.#byPath(name) : this.#byName(name, name);
    if (found === null) {
      if (!this.#alternatives.has(name))
        this.warnings.push(`\`${name}\` of \`allow_commands\` was not found, so calling it fails with E_NOT_FOUND`);
      return null;
    }
    const interpreter = interpreterOf(found.path);
    if (interpreter === null) return { name, ...found };
    const program = interpreter.includes("/") ? this.#usable(interpreter, name) : this.#byName(interpreter, name);
    if (program !== null) return { name, ...found, interpreter: program };
    this.warnings.push(`\`${name}\` needs \`${interpreter}\`, which was not found, so it cannot be run`);
    return null;
  }

  /** A name with `/` is no matter of PATH: absolute, or below the root. */
  #byPath(name: string): Identity | null {
    const path = posix.resolve(this.#root, name);
    if (name.startsWith("/")) return this.#usable(path, name);
    if (!isUnder(path, this.#root)) {
      this.warnings.push(`\`${name}\` of \`allow_commands\` leads out of the root; write an absolute path instead`);
      return null;
    }
    return this.#usable(path, name);
  }

  #byName(program: string, name: string): Identity | null {
    for (const directory of this.#directories) {
      const found = this.#usable(posix.join(directory, program), name);
      if (found === null) continue;
      if (!isUnder(found.path, this.#root)) return found;
      this.#skip(name, posix.join(directory, program), "it leads into the root");
    }
    return null;
  }

  /** Null without a word if there is nothing to run; with a warning if what is there must not be run. */
  #usable(path: string, name: string): Identity | null {
    if (path.includes("\0")) return null;
    const tried = attempt(() => {
      const real = realpathSync(path);
      const stats = statSync(real);
      if (!stats.isFile()) return null;
      accessSync(real, constants.X_OK);
      const inProject = isUnder(path, this.#root);
      const foreign = inProject ? (stats.mode & 0o002) !== 0 : replaceableByOthers(real);
      return { real, dev: stats.dev, ino: stats.ino, foreign };
    });
    if (!tried.ok || tried.value === null) return null;
    const { real, dev, ino, foreign } = tried.value;
    if (!isProgram(real)) return this.#skip(name, path, "it is neither a program nor a script with a `#!` line");
    if (foreign) return this.#skip(name, path, "another user could change it");
    if (this.#mayWrite(path) || this.#mayWrite(real)) return this.#skip(name, path, "the script may write it");
    return { path: real, dev, ino };
  }

  #isTrusted(directory: string): boolean {
    if (!directory.startsWith("/")) return false;
    const plain = posix.normalize(directory);
    if (/(?:^|\/)node_modules\/\.bin(?:\/|$)/.test(plain)) return false;
    const tried = attempt(() => ({ real: realpathSync(plain), stats: statSync(plain) }));
    if (!tried.ok || !tried.value.stats.isDirectory()) return false;
    const { real, stats } = tried.value;
    if (isUnder(plain, this.#root) || isUnder(real, this.#root)) return false;
    if (writableByOthers(stats) || this.#mayWrite(plain) || this.#mayWrite(real)) return this.#passOver(plain);
    return true;
  }

  #passOver(directory: string): false {
    this.warnings.push(`the PATH entry \`${directory}\` was skipped: the script or another user may write it`);
    return false;
  }

  #mayWrite(path: string): boolean {
    const target = pathTarget("write", path);
    const request = { v: 1, on: "fs.write", targets: [target], attrs: {}, labels: [] } as const;
    return this.#policy.decide(request).effect === "allow";
  }

  #skip(name: string, path: string, why: string): null {
    this.warnings.push(`\`${path}\` was skipped for \`${name}\`: ${why}`);
    return null;
  }
}

/** Granted by presets alone: a toolchain's names all of its programs, and nobody has npm, yarn, pnpm and bun. */
function alternativesOf(rules: PolicyData["rules"]): ReadonlySet<string> {
  const granted = rules.flatMap(({ ref, effect, match }) =>
    effect !== "deny" && match.kind === "command"
      ? [{ name: match.name, ofPreset: ref.file?.startsWith("preset:") }]
      : [],
  );
  const own = new Set(granted.flatMap(({ name, ofPreset }) => (ofPreset ? [] : [name])));
  return new Set(granted.flatMap(({ name }) => (own.has(name) ? [] : [name])));
}

const isUnder = (path: string, directory: string): boolean =>
  directory === "/" || path === directory || path.startsWith(`${directory}/`);
