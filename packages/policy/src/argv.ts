/**
 * Does a list of arguments do what a pattern of `deny_args` or `ask_args` names? What this guards: `push --force` is
 * one operation however it is written (`git -C x push origin -uf`, `--forc`, `push +main`, flags before or after
 * words). Matching errs towards yes, since a denial that is too wide is an error message and one that is too narrow is
 * a hole; but a subcommand must be the subcommand, so that `git log --grep push` is no push.
 */
import { programNames } from "./command.ts";
import { compileName } from "./glob.ts";
import {
  detours,
  globalValues,
  hasOtherMeaning,
  interpreterOf,
  isOwnSubcommand,
  isSingleDash,
  readsResponseFiles,
  sameSubcommands,
  shortValues,
  spellings,
  takesCamelTasks,
  takesShortSubcommands,
} from "./options.ts";
import { fold } from "./spelling.ts";

/**
 * Words of the pattern in their order, the first as subcommand; options of the pattern anywhere, in every spelling.
 * `argv` is the whole command, its name first. A `*` in a word of the pattern stands for any characters.
 */
export const matchArgs = (pattern: string, argv: readonly string[]): boolean =>
  matchesLines(pattern, readLines(programNames(argv[0] ?? ""), argv));

/** As `matchArgs`, for a command line that was read before. */
export function matchesLines(pattern: string, lines: readonly Line[]): boolean {
  const { words, options } = readPattern(pattern);
  return lines.some(
    (line) =>
      line.unread || (hasWords(words, line) && options.every((option) => hasOption(option, line, words[0] ?? null))),
  );
}

export interface Pattern {
  readonly words: readonly string[];
  readonly options: readonly string[];
}

/** Patterns come from policies and tables, so there are few and they come back at every call. */
const PATTERNS = new Map<string, Pattern>();

export function readPattern(pattern: string): Pattern {
  const known = PATTERNS.get(pattern);
  if (known !== undefined) return known;
  const wanted = pattern.split(/\s+/).filter((word) => word !== "");
  const read = { words: wanted.filter((word) => !isOption(word)), options: wanted.filter(isOption) };
  if (PATTERNS.size < MAX_PATTERNS) PATTERNS.set(pattern, read);
  return read;
}

const MAX_PATTERNS = 4096;

/** One command line under each name of its program. */
export const readLines = (programs: readonly string[], argv: readonly string[]): readonly Line[] =>
  programs.map((program) => readLine(program, argv.slice(1)));

/** The arguments as the program will probably read them. */
export interface Line {
  readonly program: string;
  readonly subcommand: string | null;
  readonly args: readonly Arg[];
  /** Everything that is no option, the subcommand included; values of options too, as nobody knows which are. */
  readonly words: readonly string[];
  /** The words, and among them the values that are glued to options. */
  readonly texts: readonly string[];
  /** Options that stand before the subcommand, with their values, where the program has such. */
  readonly globals: readonly string[];
  /** How many of `args` come before the script of an interpreter; all where the program is none. */
  readonly own: number;
  /** Part of the arguments comes from a file, so they could be anything. */
  readonly unread: boolean;
}

interface Arg {
  readonly text: string;
  /** Name of a long option without dashes, and whether it may be a beginning of one; null for none. */
  readonly name: string | null;
  readonly shortenable: boolean;
  readonly value: string | null;
  /** Letters of a word of short options. */
  readonly letters: string;
  readonly next: string | null;
}

export function readLine(program: string, args: readonly string[]): Line {
  const start = subcommandAt(program, args);
  const subcommand = args[start] ?? null;
  const own = ownArgs(program, args);
  const swallows = shortValues(program, subcommand);
  const ownSwallows = interpreterOf(program)?.values ?? swallows;
  const bundle = BUNDLES.has(program) && args[0] !== undefined && !args[0].startsWith("-");
  // After `--` nothing is an option to the program itself, but it may be to what the program calls.
  const read = args.map((text, at) =>
    bundle && at === 0
      ? { ...readArg(text, null), letters: text }
      : readArg(text, args[at + 1] ?? null, program, at < own ? ownSwallows : swallows),
  );
  const from = globalValues(program) === null ? 0 : start;
  return {
    program,
    subcommand,
    args: read,
    words: args.slice(from).filter(isWordText),
    texts: read.slice(from).flatMap(textsOf).filter(isWordText),
    globals: args.slice(0, from),
    own,
    unread: readsResponseFiles(program) && args.some((text) => /^(?:-Wl,)?@./.test(text)),
  };
}

const isWordText = (text: string): boolean => text !== "--" && !isOption(text);

/** `-XDELETE` and `--request=DELETE` hold the word DELETE; which letter takes the rest is known only for some programs. */
function textsOf({ text, value, name, letters }: Arg): readonly string[] {
  if (name === null) return [text];
  if (value !== null) return [value];
  return letters === "" ? [] : [text.slice(1 + letters.length), text.slice(2)];
}

/** Programs that take their first word as short options without a dash. */
export const BUNDLES: ReadonlySet<string> = new Set(["tar", "gtar", "bsdtar", "ar"]);

const isOption = (word: string): boolean => word.startsWith("-") && word !== "-" && word !== "--";

/** Place of the first word that is no option and no value of a global option. */
function subcommandAt(program: string, args: readonly string[]): number {
  const takesValue = globalValues(program);
  let at = 0;
  while (at < args.length && isOption(args[at] ?? "")) at += takesValue?.has(args[at] ?? "") ? 2 : 1;
  return at;
}

/**
 * An interpreter's own options end at its script: a word that does not come right behind an option, since that may be a
 * value. In doubt a word of the script counts as the interpreter's, and a denial matches it.
 */
function ownArgs(program: string, args: readonly string[]): number {
  const interpreter = interpreterOf(program);
  if (interpreter === null || args[0] === "inspect") return args.length;
  const { values, ends } = interpreter;
  const takesNext = (text: string) => isOption(text) && (text.startsWith("--") || values.includes(text.slice(-1)));
  const last = (text: string) => (isOption(text) ? lettersOf(text.slice(1), values).slice(-1) : "");
  const module = args.findIndex((text, at) => !takesNext(args[at - 1] ?? "") && isAmong(ends, last(text)));
  const script = args.findIndex((text, at) => !isOption(text) && !isOption(args[at - 1] ?? ""));
  return Math.min(module === -1 ? args.length : module + 1, script === -1 ? args.length : script);
}

const isAmong = (letters: string, letter: string): boolean => letter !== "" && letters.includes(letter);

function readArg(text: string, next: string | null, program = "", swallows = ""): Arg {
  const equals = text.indexOf("=");
  const value = equals === -1 ? null : text.slice(equals + 1);
  const head = equals === -1 ? text : text.slice(0, equals);
  if (!isOption(text)) return { text, name: null, shortenable: false, value: null, letters: "", next };
  const name = head.replace(/^--?/, "").replaceAll("_", "-");
  if (text.startsWith("--")) return { text, name, shortenable: !hasOtherMeaning(head), value, letters: "", next };
  const letters = isSingleDash(program) ? "" : lettersOf(text.slice(1), swallows);
  return { text, name, shortenable: false, value, letters, next };
}

/** The options in `-xfVALUE`: letters and digits up to one that takes the rest as its value. */
function lettersOf(cluster: string, swallows: string): string {
  const letters = /^[A-Za-z0-9]*/.exec(cluster)?.[0] ?? "";
  const end = [...letters].findIndex((letter) => swallows.includes(letter));
  return end === -1 ? letters : letters.slice(0, end + 1);
}

function hasWords(wanted: readonly string[], line: Line): boolean {
  const [first, ...rest] = wanted;
  if (first === undefined) return true;
  const starts = [first, ...sameSubcommands(line.program, first)].map((phrase) => phrase.split(" "));
  return starts.some((start) => {
    const whole = [...start, ...rest];
    if (globalValues(line.program) === null) return isSubsequence(whole, line.texts, shortFirst(line.program));
    const head = start.every((word, at) => isWord(word, line.texts[at] ?? ""));
    return head && isSubsequence(rest, line.texts.slice(start.length), NEVER_SHORT);
  });
}

type IsShort = (wanted: string, word: string) => boolean;

const NEVER_SHORT: IsShort = () => false;

/** How the program takes a shorter word for the first word of a pattern. */
function shortFirst(program: string): IsShort {
  if (takesCamelTasks(program)) return isCamelTask;
  if (!takesShortSubcommands(program)) return NEVER_SHORT;
  return (wanted, word) => word !== "" && wanted.startsWith(fold(word)) && !isOwnSubcommand(program, word);
}

/** `:app:pubToM` for `publish*`: the first hump of the task is a beginning of what is wanted. */
function isCamelTask(wanted: string, word: string): boolean {
  const task = word.slice(word.lastIndexOf(":") + 1);
  const [hump = ""] = /^[a-z]+/.exec(task) ?? [];
  const stem = wanted.replace(/\*$/, "");
  return isWord(wanted, task) || (hump !== "" && stem.startsWith(hump) && (wanted !== stem || hump === task));
}

/** In order, others between them allowed. */
function isSubsequence(wanted: readonly string[], words: readonly string[], isShort: IsShort): boolean {
  let at = 0;
  for (const word of words) {
    const next = wanted[at];
    if (next === undefined) return true;
    if (isWord(next, word) || (at === 0 && isShort(next, word))) at++;
  }
  return at >= wanted.length;
}

/** In any case: some programs (`gem`, `gradle`, `dotnet nuget`) take `PUSH` for `push`. */
const isWord = (wanted: string, word: string): boolean => {
  if (wanted === word) return true;
  const test = /[*?]/.test(wanted) ? compileName(wanted.replace(/[[\\]/g, "\\$&"), true) : null;
  return test === null ? fold(wanted) === fold(word) : test(word);
};

/** `meant`: the subcommand of the pattern. */
function hasOption(option: string, line: Line, meant: string | null): boolean {
  const wanted = isCluster(option, line.program) ? [...option.slice(1)].map((letter) => `-${letter}`) : [option];
  return wanted.every((one) => hasAnyhow(one, line, meant)) || hasPiece(option, line);
}

/** In one of its spellings, or by another way to the same effect. */
function hasAnyhow(option: string, line: Line, meant: string | null): boolean {
  const same = (one: string) => spellings(one, line.program, line.subcommand);
  const spelled = (one: string) => same(one).some((piece) => hasPiece(piece, line));
  const others = detours(same(option), line.program, line.subcommand, meant);
  return spelled(option) || others.some((all) => all.every(spelled));
}

/** `-rf` in a pattern means `-r` and `-f`; longer words behind one dash are names, as `-delete`, and so is `-TT`. */
export const isCluster = (option: string, program: string): boolean =>
  /^-[A-Za-z0-9]{2,3}$/.test(option) && !/(.)\1/.test(option) && !isSingleDash(program);

function hasPiece(piece: string, line: Line): boolean {
  if (!isOption(piece)) return line.words.slice(1).some((word) => isWord(piece, word));
  const isOwn = interpreterOf(line.program)?.own.has(piece.replace(/=.*$/s, "")) === true;
  const args = isOwn ? line.args.slice(0, line.own) : line.args;
  const letter = /^-([A-Za-z0-9])$/.exec(piece)?.[1];
  if (letter !== undefined) return args.some((arg) => arg.letters.includes(letter) || arg.text === piece);
  const wanted = readArg(piece, null);
  return args.some((arg) => arg.text === piece || isLong(wanted, arg));
}

/** Same name, or a beginning of it (`--forc`); same value if the pattern has one, behind `=` or in the next argument. */
function isLong(wanted: Arg, arg: Arg): boolean {
  if (wanted.name === null || arg.name === null || arg.name === "") return false;
  const sameName = isWord(wanted.name, arg.name) || (arg.shortenable && wanted.name.startsWith(arg.name));
  if (!sameName || wanted.value === null) return sameName;
  return isWord(wanted.value, arg.value ?? arg.next ?? "");
}
