/**
 * What well-known commands do to the files in their words, besides reading them: a script's command is bounded by its jail,
 * a host's is not, so `rm x` is a deletion and `cp a b` writes `b`. A command that is not here is bounded by its rule alone.
 */
export interface Touched {
  readonly on: "fs.read" | "fs.write" | "fs.delete";
  /** As typed. */
  readonly path: string;
}

interface Shape {
  /** What happens to all operands, and to the last. */
  readonly all?: Touched["on"];
  readonly last?: Touched["on"];
  /** Options that take the next word. */
  readonly values: string;
  /** The first operand is a mode or an owner, and no file. */
  readonly skips?: true;
  /** `-t DIR` and `--target-directory`; its other options are flags but for `values` and some long ones. */
  readonly hasTarget?: boolean;
}

const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["rm", { all: "fs.delete", values: "" }],
  ["rmdir", { all: "fs.delete", values: "" }],
  ["unlink", { all: "fs.delete", values: "" }],
  ["shred", { all: "fs.delete", values: "-n -s" }],
  ["touch", { all: "fs.write", values: "-d -t -r" }],
  ["mkdir", { all: "fs.write", values: "-m" }],
  ["mkfifo", { all: "fs.write", values: "-m" }],
  ["mknod", { all: "fs.write", values: "-m" }],
  ["truncate", { all: "fs.write", values: "-s -r" }],
  ["tee", { all: "fs.write", values: "" }],
  ["chmod", { all: "fs.write", values: "", skips: true }],
  ["chown", { all: "fs.write", values: "", skips: true }],
  ["chgrp", { all: "fs.write", values: "", skips: true }],
  ["patch", { all: "fs.write", values: "-p -d -D -V" }],
  ["cp", { last: "fs.write", values: "-S", hasTarget: true }],
  ["mv", { all: "fs.delete", last: "fs.write", values: "-S", hasTarget: true }],
  ["ln", { last: "fs.write", values: "-S", hasTarget: true }],
  ["install", { last: "fs.write", values: "-m -o -g -S", hasTarget: true }],
  ["rsync", { last: "fs.write", values: "" }],
  ["scp", { last: "fs.write", values: "-P -i -o -l" }],
  ["split", { last: "fs.write", values: "-a -b -C -l -n -t" }],
  ["gzip", { all: "fs.write", values: "-S" }],
  ["gunzip", { all: "fs.write", values: "-S" }],
  ["bzip2", { all: "fs.write", values: "" }],
  ["xz", { all: "fs.write", values: "" }],
]);

export function touchedFiles(argv: readonly string[], isDirectory: (text: string) => boolean): readonly Touched[] {
  const [name = "", ...words] = argv;
  const program = name.replace(/^.*\//s, "").toLowerCase();
  if (program === "dd")
    return words.flatMap((word) => (word.startsWith("of=") ? [{ on: "fs.write", path: word.slice(3) }] : []));
  const shape = SHAPES.get(program);
  if (shape === undefined) return [];
  const { operands, target, doubtful } = operandsOf(words, shape);
  if (shape.last === undefined || (program === "install" && hasFlag(words, "d", "--d")))
    return operands.slice(hasFirst(shape, words) ? 1 : 0).map((path) => ({ on: shape.all ?? "fs.write", path }));
  const to = target ?? operands[operands.length - 1];
  const from = target === null ? operands.slice(0, -1) : operands;
  if (to === undefined) return [];
  const moved = shape.all === undefined ? [] : from.map((path) => ({ on: shape.all ?? "fs.delete", path }));
  // With one operand a link is made here, by the same name.
  const into =
    from.length === 0 ? [baseName(to)] : isDirectory(to) ? from.map((path) => `${to}/${baseName(path)}`) : [to];
  const isLink = program === "ln" || (program === "cp" && hasFlag(words, "ls", "--l", "--sy"));
  const linked = isLink
    ? linkedFiles(
        from.length === 0 ? [to] : from,
        isDirectory(to) ? to : dirName(into[0] ?? ""),
        isSurelySymbolic(words),
      )
    : [];
  return [...moved, ...linked, ...[...into, ...doubtful].map((path) => ({ on: shape.last ?? "fs.write", path }))];
}

/** Who writes to a link writes to what it leads to: from its own place if it is a symbolic one, from here if not. */
const linkedFiles = (from: readonly string[], directory: string, isSymbolic: boolean): readonly Touched[] =>
  from
    .flatMap((path) => (path.startsWith("/") ? [path] : [...(isSymbolic ? [] : [path]), `${directory}/${path}`]))
    .flatMap((path): Touched[] => [
      { on: "fs.read", path },
      { on: "fs.write", path },
    ]);

/** Said by the first word: a later one may be the value of another option. */
const isSurelySymbolic = (words: readonly string[]): boolean =>
  /^(?:-[fnvT]*s[fnvT]*|--symbolic)$/.test(words[0] ?? "");

const baseName = (path: string): string => path.replace(/\/+$/, "").replace(/^.*\//s, "");

const dirName = (path: string): string => /^(.*\/)[^/]*$/s.exec(path)?.[1] ?? ".";

/** One of the letters, or a beginning of a long option, in doubt. */
const hasFlag = (words: readonly string[], letters: string, ...longs: readonly string[]): boolean =>
  words.some((word) => new RegExp(`^-[A-Za-z]*[${letters}]`).test(word) || longs.some((long) => word.startsWith(long)));

/** A mode may be written as an option (`-w`), or come of another file: then all operands are files. */
const hasFirst = ({ skips }: Shape, words: readonly string[]): boolean =>
  skips === true && !words.some((word) => /^-[A-Za-z]*[rwxXstugo0-7]|^--ref/.test(word));

interface Operands {
  readonly operands: readonly string[];
  /** Of `-t DIR` and `--target-directory`. */
  readonly target: string | null;
  /** Operands that are the last one if what stands behind them are values of options. */
  readonly doubtful: readonly string[];
}

function operandsOf(words: readonly string[], { values, hasTarget = false }: Shape): Operands {
  const taking = values.split(" ");
  const operands: string[] = [];
  const isDoubtful: boolean[] = [];
  let target: string | null = null;
  let behindOption = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const glued = hasTarget ? targetIn(word, taking) : null;
    if (word === "--") {
      const rest = words.slice(at + 1);
      operands.push(...rest);
      isDoubtful.push(...rest.map(() => false));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      isDoubtful.push(behindOption);
    } else if (taking.includes(word)) at++;
    else if (glued !== null) target = glued === "" ? (words[++at] ?? null) : glued;
    else if (hasTarget && takesNext(word, taking)) at++;
    behindOption = word.startsWith("-") && !word.includes("=") && (!hasTarget || word.startsWith("--"));
    if (glued !== null || taking.includes(word)) behindOption = false;
  }
  const sure = isDoubtful.lastIndexOf(false);
  return { operands, target, doubtful: operands.slice(Math.max(sure, 0), -1) };
}

/** The directory that is glued to the option, empty if it is the next word; null: no such option. */
function targetIn(word: string, taking: readonly string[]): string | null {
  const long = /^--t[a-z-]*(?:=(.*))?$/s.exec(word);
  if (long !== null) return long[1] ?? "";
  const at = letterAt(word, [...taking, "-t"]);
  return word[at] === "t" ? word.slice(at + 1) : null;
}

/** `-fS` takes the next word, `-fSx` has its value. */
const takesNext = (word: string, taking: readonly string[]): boolean => {
  const at = letterAt(word, taking);
  return at !== -1 && at === word.length - 1;
};

/** The first letter in a word of short options that takes a value, or -1. */
const letterAt = (word: string, taking: readonly string[]): number =>
  /^-[A-Za-z]/.test(word) ? [...word].findIndex((letter, at) => at > 0 && taking.includes(`-${letter}`)) : -1;
