/**
 * Commands that only start the command in their arguments: that one is what is judged. What a wrapper does besides (another
 * directory, a variable, words from its input) is kept; an option that is not known here is refused.
 */
import type { Reading } from "./reading.ts";
import { isKnown, SOME_TEXT, type Value } from "./value.ts";

export interface Unwrapped {
  /** Empty: the wrapper had none. */
  readonly argv: readonly Value[];
  /** `env -C`. */
  readonly cwd?: Value;
  readonly set: readonly (readonly [name: string, value: Value])[];
}

interface Shape {
  /** Options without a value; letters may stand together. */
  readonly flags: RegExp;
  /** Options with a value in the next word, or glued to them. */
  readonly values: readonly string[];
  /** Words of its own before the command. */
  readonly words: number;
  readonly assigns?: true;
  /** Words from its input are put behind the command's. */
  readonly appends?: true;
}

const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["nohup", { flags: /^--$/, values: [], words: 0 }],
  ["setsid", { flags: /^-[cfw]+$/, values: [], words: 0 }],
  ["time", { flags: /^(?:-[pv]+|--portability|--verbose)$/, values: [], words: 0 }],
  [
    "timeout",
    {
      flags: /^(?:-v|--foreground|--preserve-status|--verbose)$/,
      values: ["-k", "-s", "--kill-after", "--signal"],
      words: 1,
    },
  ],
  ["nice", { flags: /^-\d+$/, values: ["-n", "--adjustment"], words: 0 }],
  ["ionice", { flags: /^-t$/, values: ["-c", "-n", "--class", "--classdata"], words: 0 }],
  ["stdbuf", { flags: /^$/, values: ["-i", "-o", "-e", "--input", "--output", "--error"], words: 0 }],
  [
    "env",
    {
      flags: /^(?:-i|-|-0|-v|--ignore-environment)$/,
      values: ["-u", "-C", "--unset", "--chdir"],
      words: 0,
      assigns: true,
    },
  ],
  [
    "xargs",
    {
      flags: /^(?:-[0rtx]+|--null|--no-run-if-empty|--verbose)$/,
      values: ["-n", "-I", "-L", "-P", "-s", "-d", "-a", "-E"],
      words: 0,
      appends: true,
    },
  ],
]);

export const isWrapper = (name: string): boolean => SHAPES.has(name);

/** `argv`: the wrapper first. Null: refused. */
export function unwrapped(argv: readonly Value[], reading: Reading): Unwrapped | null {
  const [name, ...words] = argv;
  const shape = isKnown(name ?? SOME_TEXT) ? SHAPES.get(String(name)) : undefined;
  if (shape === undefined) return null;
  const refuse = (reason: string, hint: string) => {
    reading.refuse(String(name), reason, hint);
    return null;
  };
  let cwd: Value | undefined;
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!isKnown(word)) return refuse("an option of it is not known before it runs", "write it");
    if (word === "--") {
      at++;
      break;
    }
    if (!word.startsWith("-") || word === "") break;
    if (shape.flags.test(word)) continue;
    const option = shape.values.find((one) => word === one || word.startsWith(one.startsWith("--") ? `${one}=` : one));
    if (option === undefined)
      return refuse(`its option \`${word}\` is not read here`, "leave it out, or run the command by itself");
    const value = word === option ? words[++at] : word.slice(option.length).replace(/^=/, "");
    if (value === undefined || (name === "xargs" && option === "-a"))
      return refuse(`its option \`${word}\` is not read here`, "leave it out");
    if (name === "env" && (option === "-C" || option === "--chdir")) cwd = value;
  }
  const set: [string, Value][] = [];
  for (; shape.assigns === true && at < words.length; at++) {
    const word = words[at] ?? "";
    if (!isKnown(word)) return refuse("a word of it is not known before it runs", "write it");
    const equals = word.indexOf("=");
    if (equals === -1) break;
    set.push([word.slice(0, equals), word.slice(equals + 1)]);
  }
  const inner = words.slice(at + shape.words);
  const rest = shape.appends === true ? [...(inner.length === 0 ? ["echo"] : inner), SOME_TEXT] : inner;
  return { argv: rest, set, ...(cwd === undefined ? {} : { cwd }) };
}
