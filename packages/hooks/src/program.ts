/**
 * A program that a host's shell would start: by the rules of commands, by the files that its words name, and, where it is
 * known to write or delete them, by the rules for that. The host starts it with no jail around it, so what a policy makes
 * local-only keeps commands away that could read it without naming it.
 */
import { argumentPaths, canonicalVariable, matchArgs, runsArbitraryCode } from "@agent-run/policy";
import { touchedFiles } from "./file-commands.ts";
import { type Judge, lexical } from "./judge.ts";
import { judgeRepository } from "./repository.ts";
import { hidesLocalOnly, problemBelow } from "./search.ts";
import type { ShellCall } from "./shell/reading.ts";

type Run = Extract<ShellCall, { kind: "run" }>;

export function judgeProgram(judge: Judge, { argv, set, cwds }: Run): void {
  const [name = ""] = argv;
  const call = `subprocess.exec ${argv.join(" ")}`;
  const own = ownCommand(argv);
  if (own === "other") {
    judge.deny(call, "agent_run", "of agent-run only `agent-run check` and `agent-run policy explain` run here");
    return;
  }
  for (const cwd of cwds) {
    const program = programAt(judge, name, cwd);
    if (own === null) judge.decide(call, commandRequest(argv, program, set));
    if (own === null && program.isOther)
      judge.deny(
        call,
        "command_place",
        `\`${name}\` leads to another program here than the policy found: name it by its path`,
      );
    judgeWords(judge, argv, cwd, program.isFree);
    for (const { on, path } of touchedFiles(argv, (text) => judge.world.kindAt(inside(text, cwd)) === "directory"))
      judge.file(on, inside(path, cwd));
    judgeReach(judge, call, argv, cwd);
  }
  if (baseName(name) === "printenv") judgePrinted(judge, call, argv.slice(1));
  if (showsVariables(argv))
    judge.deny(
      call,
      "variables",
      "its program reads variables or other files: use `printenv NAME`, and name files as words",
    );
}

/** The host's environment has variables of which the policy denies some. */
function judgePrinted(judge: Judge, call: string, words: readonly string[]): void {
  const names = words.filter((word) => !word.startsWith("-"));
  for (const name of names) judgeVariable(judge, name);
  if (names.length === 0) judge.deny(call, "variables", "it prints every variable: name those that are needed");
}

/** Languages of filters that reach all variables by a name of their own; of a program in a file nobody knows. */
function showsVariables(argv: readonly string[]): boolean {
  const base = baseName(argv[0] ?? "");
  if (/^[gmn]?awk$|^original-awk$|^busybox$/.test(base)) return argv.some((word) => /ENVIRON|SYMTAB/.test(word));
  if (!/^[gj]o?jq$|^jq$|^jaq$|^yq$/.test(base)) return false;
  return (
    argv.slice(1).some((word) => /(?<![.\w])(?:env|strenv|envsubst|import|include)\b|\$ENV\b/.test(word)) ||
    matchArgs("-f", argv)
  );
}

export function judgeVariable(judge: Judge, name: string): void {
  const target = { on: "env.read", role: "read", kind: "variable", value: name } as const;
  if (!canonicalVariable(name).ok) judge.deny(`env.read ${name}`, "variable", "no variable has such a name");
  else judge.decide(`env.read ${name}`, { v: 1, on: "env.read", targets: [target], attrs: { name }, labels: [] });
}

/** A command of the shell, or one that only starts another: what nothing grants is no denial of it. */
export function judgeBuiltin(judge: Judge, argv: readonly string[]): void {
  const [name = ""] = argv;
  const request = commandRequest(argv, { value: name }, []);
  const { effect, rule } = judge.policy.decide(request);
  if (effect === "ask" || (effect === "deny" && rule.id !== "default"))
    judge.decide(`subprocess.exec ${argv.join(" ")}`, request);
}

/** A function must not stand in the place of a command that some rule speaks of. */
export function judgeFunction(judge: Judge, name: string): void {
  const { effect, rule } = judge.policy.decide(commandRequest([name], { value: name }, []));
  if (effect !== "deny" || rule.id !== "default")
    judge.deny(
      `${name}() { ... }`,
      "shell_function",
      `\`${name}\` is a command of the policy: call the function something else`,
    );
}

const commandRequest = (argv: readonly string[], { value }: { readonly value: string }, set: Run["set"]) =>
  ({
    v: 1,
    on: "subprocess.exec",
    targets: [{ on: "subprocess.exec", role: "execute", kind: "command", value }],
    attrs: {
      command: argv[0] ?? "",
      argv: [...argv],
      ...(set.length === 0 ? {} : { env: set.map(([name, text]) => `${name}=${text}`) }),
    },
    labels: [],
  }) as const;

interface Program {
  /** What the policy found under the name, or the name. */
  readonly value: string;
  readonly isFree: boolean;
  /** A shell would start something else than the policy found. */
  readonly isOther: boolean;
}

/** By the search of the policy and by the host's own: where they differ, nobody decided about what would run. */
function programAt(judge: Judge, name: string, cwd: string): Program {
  const { commands, freeArgs } = judge.policy.data.subprocess;
  const place = name.includes("/") ? lexical(inside(name, cwd)) : null;
  const found = commands.find((one) => one.name === name || (place !== null && one.path === place));
  const isFree = freeArgs.includes(found?.name ?? name);
  if (place !== null) return { value: found?.path ?? place, isFree, isOther: false };
  const first = searchPath(judge, name, cwd);
  const isOther =
    first !== null &&
    judge.world.whereItLeads(first) !== (found === undefined ? null : judge.world.whereItLeads(found.path));
  return { value: found?.path ?? name, isFree, isOther: isOther && (found !== undefined || isListed(judge, name)) };
}

const isListed = (judge: Judge, name: string): boolean => judge.policy.data.subprocess.allowed.includes(name);

function searchPath(judge: Judge, name: string, cwd: string): string | null {
  const directories = (judge.world.environment.PATH ?? "").split(":");
  return directories.map((one) => `${inside(one === "" ? "." : one, cwd)}/${name}`).find(judge.world.isProgram) ?? null;
}

const baseName = (name: string): string => name.replace(/^.*\//s, "");

const inside = (path: string, cwd: string): string => (path.startsWith("/") ? path : `${cwd}/${path}`);

/** What a word may name must be readable; with `args = "free"` only what a rule denies is refused. */
function judgeWords(judge: Judge, argv: readonly string[], cwd: string, isFree: boolean): void {
  for (const { text, certain } of argumentPaths(argv)) {
    if (text.length > 4096) continue;
    const homes = text === "~" || text.startsWith("~/") ? [`${judge.world.home}/${text.slice(1)}`] : [];
    for (const path of [inside(text, cwd), ...homes]) {
      const isLocal = () =>
        judge.policy.isLocalOnly({ on: "fs.read", role: "read", kind: "path", value: lexical(path) });
      if (!certain && !judge.world.isThere(path) && !isLocal()) continue;
      if (isFree && !isDenied(judge, path)) continue;
      judge.file("fs.read", path);
    }
  }
}

const isDenied = (judge: Judge, path: string): boolean =>
  (judge.fileTargets("fs.read", path) ?? []).some((target) => {
    const { effect, rule, sealed } = judge.policy.decideTarget(target);
    return (effect === "deny" && rule.id !== "default") || sealed !== undefined;
  });

/** They show the contents of files below a directory that nobody named. */
const SEARCHERS: readonly string[] = ["rg", "ag", "ack"];

/** What it would read without naming it. */
function judgeReach(judge: Judge, call: string, argv: readonly string[], cwd: string): void {
  const [name = ""] = argv;
  const base = baseName(name);
  const grep =
    /^[efr]?grep$/.test(base) &&
    (base === "rgrep" ||
      ["-r", "-R", "--recursive", "-d", "--directories"].some((flag) => matchArgs(flag, ["grep", ...argv.slice(1)])));
  const named = argv
    .slice(1)
    .map((word) => inside(word, cwd))
    .filter((path) => judge.world.kindAt(path) === "directory");
  const outside = base === "git" && matchArgs("--no-index", argv);
  const reads = SEARCHERS.includes(base) || grep || outside;
  if (base === "git") judgeRepository(judge, call, [cwd, ...named, ...places(judge, argv, cwd)]);
  const below = reads ? (named.length === 0 ? [cwd] : named) : COPIERS.has(base) ? named : [];
  for (const directory of below) {
    const problem = problemBelow(judge, lexical(directory));
    if (problem !== null) judge.deny(call, problem.rule, problem.hint);
  }
  if (judge.policy.localOnly === null || judge.policy.data.subprocess.acceptUnsandboxed) return;
  const isTold =
    reads ||
    QUIET.has(base) ||
    (base === "git" &&
      GIT_QUIET.some((pattern) => matchArgs(pattern, argv)) &&
      !GIT_LOUD.some((flag) => matchArgs(flag, argv)));
  if (runsArbitraryCode(name) !== null) judge.deny(call, "local_only", UNJAILED);
  else if (!isTold && [cwd, ...named].some((directory) => hidesLocalOnly(judge, directory)))
    judge.deny(call, "local_only", UNJAILED);
}

/** Each `-C` of git begins where the one before led. */
function places(judge: Judge, argv: readonly string[], cwd: string): readonly string[] {
  const found: string[] = [];
  for (const [at, word] of argv.entries()) {
    const value = word === "-C" || word === "--git-dir" ? argv[at + 1] : /^--git-dir=(.*)$/s.exec(word)?.[1];
    if (value !== undefined) found.push(inside(value, found[found.length - 1] ?? cwd));
  }
  return found.filter((path) => judge.world.kindAt(path) === "directory");
}

const UNJAILED =
  "the policy makes something local-only, and a host's commands have no jail that would hide it: run this with agent-run's `run` or `exec` tool";

/** They take directories as a whole. */
const COPIERS: ReadonlySet<string> = new Set("cp mv tar zip rsync scp diff cat head tail wc".split(" "));
/** They show what they are told to by name, and no contents besides. */
const QUIET: ReadonlySet<string> = new Set(
  "cat head tail wc ls pwd echo printf stat file basename dirname realpath readlink date sleep seq mkdir touch rm rmdir cut tr sed awk sort uniq jq true false test".split(
    " ",
  ),
);
const GIT_QUIET: readonly string[] = [
  "status",
  "branch",
  "rev-parse",
  "log",
  "shortlog",
  "describe",
  "remote",
  "ls-files",
  "tag",
];
const GIT_LOUD: readonly string[] = [
  "-p",
  "-u",
  "--patch",
  "-L",
  "-S",
  "-G",
  "-v",
  "--cc",
  "-c",
  "--stat",
  "-U",
  "--word-diff",
];

/** Of our own command, what only tells: `check` and `policy explain`. Null: it is not ours. */
function ownCommand(argv: readonly string[]): "telling" | "other" | null {
  const isOwn = (word: string) => /(?:^|\/|@)agent-run(?:\.[cm]?js|\.cmd|\.exe|@.*)?$/i.test(word);
  const at = argv.findIndex(isOwn);
  if (at === -1) return null;
  if (at > 0) return runsArbitraryCode(argv[0] ?? "") === null ? null : "other";
  const [, first, second] = argv;
  const isTelling = first === "check" || first === "explain" || (first === "policy" && second === "explain");
  // A record or a ceiling of its own choice is no question.
  return isTelling && !argv.some((word) => /^--(?:au|ce|r)/.test(word)) ? "telling" : "other";
}
