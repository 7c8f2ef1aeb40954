/**
 * The built-in rules about arguments: a granted command must not become another one. Flags stand in flag-table.ts;
 * here are the programs whose arguments need to be understood (git's own options, scripts of sed and awk, wrappers
 * such as `env` and `xargs`). Rule ids are `builtin.program_flags.<command>`; nothing in a policy opens them.
 * Commands that run code by nature (interpreters, build tools) are the operator's choice: they are reported.
 */
import { type Line, matchesLines, readLine } from "./argv.ts";
import { type CommandText, programNames } from "./command.ts";
import { FLAG_TABLE, REWIRES, RUNS, WRAPPERS, WRITES, type Wrapper } from "./flag-table.ts";
import { isTameAwk, isTameSed } from "./program-text.ts";

export interface FlagDenial {
  readonly command: string;
  /** The argument, as the table writes it: `--upload-pack`. */
  readonly flag: string;
  /** `runs another program`. */
  readonly reason: string;
}

/** The built-in rule that refuses these arguments, or null. `programs`: all names of the program, as `programNames`. */
function deniedFlags(programs: readonly string[], argv: readonly string[]): FlagDenial | null {
  const args = argv.slice(1);
  for (const command of new Set(programs.map(knownAs))) {
    if (!FLAG_TABLE.has(command) && !JUDGES.has(command) && !WRAPPERS.has(command)) continue;
    const line = readLine(command, args);
    for (const [reason, ...patterns] of FLAG_TABLE.get(command) ?? []) {
      const flag = patterns.find((pattern) => matchesLines(pattern, [line]));
      if (flag !== undefined) return { command, flag, reason };
    }
    const found = JUDGES.get(command)?.(args, line) ?? wrapped(WRAPPERS.get(command), args);
    if (found !== null) return { command, flag: found[0], reason: found[1] };
  }
  return null;
}

/** As `deniedFlags`, from the command line alone. */
export const deniedFlagsOf = (argv: readonly string[]): FlagDenial | null =>
  deniedFlags(programNames(argv[0] ?? ""), argv);

/** As `deniedFlags`, of a command that was read; asked again for each decision about it. */
export function deniedFlagsIn(command: CommandText): FlagDenial | null {
  const known = DENIED.get(command);
  if (known !== undefined) return known;
  const denied = deniedFlags(command.programs, command.argv);
  DENIED.set(command, denied);
  return denied;
}

const DENIED = new WeakMap<CommandText, FlagDenial | null>();

/** What is looked at in the arguments of a program by one of its names, for bounds (line-bounds.ts of the analysis); null: nothing. */
export function flagsOf(program: string): ProgramFlags | null {
  const command = knownAs(program);
  const [entries, wrapper] = [FLAG_TABLE.get(command) ?? [], WRAPPERS.get(command) ?? null];
  const isJudged = JUDGES.has(command);
  if (entries.length === 0 && wrapper === null && !isJudged) return null;
  return { command, patterns: entries.flatMap(([, ...patterns]) => patterns), wrapper, isJudged };
}

export interface ProgramFlags {
  readonly command: string;
  readonly patterns: readonly string[];
  readonly wrapper: Wrapper | null;
  /** Its arguments are understood, and not only held against patterns. */
  readonly isJudged: boolean;
}

type Judge = (args: readonly string[], line: Line) => readonly [flag: string, reason: string] | null;

/** Other names of programs, GNU's `g` prefix among them. */
function knownAs(program: string): string {
  const alias = ALIASES.get(program);
  if (alias !== undefined) return alias;
  const bare = program.slice(1);
  const known = FLAG_TABLE.has(bare) || JUDGES.has(bare) || WRAPPERS.has(bare);
  return program.startsWith("g") && known && !FLAG_TABLE.has(program) && !WRAPPERS.has(program) ? bare : program;
}

const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bsdtar: "tar",
    mawk: "awk",
    nawk: "awk",
    gawk: "awk",
    "original-awk": "awk",
    fdfind: "fd",
    batcat: "bat",
    "ack-grep": "ack",
    ncat: "nc",
    netcat: "nc",
    "nc.openbsd": "nc",
    "nc.traditional": "nc",
    ripgrep: "rg",
    "g++": "gcc",
    clang: "gcc",
    "clang++": "gcc",
    cc: "gcc",
    "c++": "gcc",
    sqlite: "sqlite3",
    slogin: "ssh",
  }),
);

const git: Judge = (args, { globals, subcommand, words }) => {
  const global = globals.find((text) => /^(?:-c|--config-env|--exec-path|--git-dir|--work-tree)/.test(text));
  if (global !== undefined) return [global.replace(/=.*$/s, ""), REWIRES];
  const pager = globals.find((text) => text === "-p" || /^--pag/.test(text));
  if (pager !== undefined) return [pager, RUNS];
  if (subcommand === "config" && !readsConfig(args, words))
    return ["config", `${WRITES}: configuration that can run programs`];
  // `ext::sh -c ...` and its kin are commands in the place of a URL.
  const talks = /^(?:clone|fetch|fetch-pack|pull|push|send-pack|ls-remote|remote|submodule|archive|bundle)$/;
  const transport = talks.test(subcommand ?? "") && args.find((text) => /^(?:-.*=)?[a-z][a-z0-9+.-]*::/i.test(text));
  return transport ? ["TRANSPORT::ADDRESS", RUNS] : null;
};

/** `git config` that only reads. */
function readsConfig(args: readonly string[], words: readonly string[]): boolean {
  if (args.some((text) => /^(?:--(?:un|a|rep|e|ren|rem)|-e)/.test(text))) return false;
  return (
    words.length === 2 ||
    words[1] === "get" ||
    words[1] === "list" ||
    args.some((text) => /^(?:--get|--list$|-l$)/.test(text))
  );
}

const sed: Judge = (args, line) => {
  if (matchesLines("-i", [line])) return ["-i", WRITES];
  if (matchesLines("-f", [line])) return ["-f", REWIRES];
  const scripts: string[] = [];
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const text = args[at] ?? "";
    const glued = /^(?:-[^-efl]*e|--e[a-z]*=)(.+)$/s.exec(text)?.[1];
    if (text === "--") {
      words.push(...args.slice(at + 1));
      break;
    }
    if (glued !== undefined && !/^--[a-z]+$/.test(text)) scripts.push(glued);
    else if (/^(?:-[^-efl]*e|--e[a-z]*)$/.test(text)) scripts.push(args[++at] ?? "");
    else if (/^(?:-[^-efl]*l|--l[a-z-]*)$/.test(text)) at++;
    else if (!text.startsWith("-") || text === "-") words.push(text);
  }
  const script = scripts.length > 0 ? scripts.join("\n") : (words[0] ?? "");
  return isTameSed(script) ? null : ["e, w or r in the script", `${RUNS}, or reads or ${WRITES}`];
};

const awk: Judge = (args) => {
  for (let at = 0; at < args.length; at++) {
    const text = args[at] ?? "";
    if (/^-[Fv]$|^--(?:field-separator|assign)$/.test(text)) at++;
    else if (text === "--" || !text.startsWith("-") || text === "-") {
      const program = text === "--" ? (args[at + 1] ?? "") : text;
      return isTameAwk(program)
        ? null
        : ["system, getline, pipes or redirection in the program", `${RUNS}, or reads or ${WRITES}`];
    } else if (!AWK_TAME.test(text)) return [text.replace(/=.*$/s, ""), REWIRES];
  }
  return null;
};

/** Options of the awks that neither name a file nor load code. */
const AWK_TAME =
  /^(?:-[Fv].+|--(?:field-separator|assign)=.*|-[bcMnNPrStV]+|--(?:posix|traditional|re-interval|sandbox|version|help|csv|bignum))$/s;

const JUDGES: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ["git", git],
  ["sed", sed],
  ["awk", awk],
  ["ssh", (args) => sshOption(args)],
  ["scp", (args) => sshOption(args)],
  ["sftp", (args) => sshOption(args)],
  ["uniq", (args) => (operands(args, "-f -s -w").length > 1 ? ["OUTPUT", WRITES] : null)],
  ["curl", (args) => (args.some((text) => text.includes("%output{")) ? ["%output{}", WRITES] : null)],
  ["sqlite3", (args) => (args.some(isSqliteCommand) ? [".command", RUNS] : null)],
]);

function sshOption(args: readonly string[]): readonly [string, string] | null {
  const keyword = /proxycommand|localcommand|knownhostscommand|pkcs11provider|securitykeyprovider|xauthlocation/i;
  const found = args.map((text) => keyword.exec(text)?.[0]).find((text) => text !== undefined);
  return found === undefined ? null : [`-o ${found}`, RUNS];
}

/** Dot commands but the ones that only look, and SQL functions that reach files. */
const isSqliteCommand = (text: string): boolean =>
  /load_extension|writefile|readfile|\bedit\s*\(/i.test(text) ||
  (/^\s*\./m.test(text) && !/^\s*\.(?:tables|schema|indexes|databases|headers|mode)\b[^\n]*$/.test(text));

function wrapped(wrapper: Wrapper | undefined, args: readonly string[]): readonly [string, string] | null {
  if (wrapper === undefined) return null;
  if (wrapper.always === true) return ["PROGRAM", RUNS];
  const inline = args.find((text) => /^(?:-[A-Za-z]*[Sc]|--split|--comm)/.test(text));
  const left = operands(args, wrapper.values).filter((text) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(text));
  return inline !== undefined || left.length > wrapper.words ? ["PROGRAM", RUNS] : null;
}

/** Arguments that are neither options nor values of the given options. */
function operands(args: readonly string[], values: string): readonly string[] {
  const taking = new Set(values.split(" "));
  const found: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const text = args[at] ?? "";
    if (text === "--") return [...found, ...args.slice(at + 1)];
    if (taking.has(text)) at++;
    else if (!text.startsWith("-") || text === "-") found.push(text);
  }
  return found;
}
