/** Arguments that no policy opens (flags.ts of the policy): flags of programs by their patterns, and what wraps another program. */
import { flagsOf } from "@agent-run/policy";
import { ALWAYS, anyOf, type Bounds, kept, type Make, NEVER, unionOf } from "./bounds.ts";
import { complement, type Ranges } from "./letters.ts";
import { PatternBounds } from "./line-bounds.ts";
import { again, anyRest, anyWords, dashed, dashedBut, literal, without, word } from "./line-texts.ts";
import type { Loom, Node } from "./nodes.ts";

/** Arguments that no policy opens, of all names of a program. */
export function flagBounds(programs: readonly string[]): Bounds {
  const flags = programs.flatMap((program) => flagsOf(program) ?? []);
  const key = JSON.stringify(["flags", flags.map(({ command }) => command)]);
  return flags.length === 0 ? NEVER : kept(key, () => anyOf(key, flags.map(programFlags)));
}

type ProgramFlags = NonNullable<ReturnType<typeof flagsOf>>;

function programFlags({ command, patterns, wrapper, isJudged }: ProgramFlags): Bounds {
  if (wrapper?.always === true) return ALWAYS;
  const read = new PatternBounds(command);
  const lowers = patterns.map((pattern) => read.lower(pattern));
  const judged = command === "git" ? [firstOption(REWIRING)] : [];
  const wrapped = wrapper === null ? [] : [wrappedProgram(wrapper)];
  const any: Make = (loom) => [word(loom, anyRest(loom, anyWords(loom)))];
  // Of words and options together only one is asked for, so that all of them are one automaton.
  const uppers = patterns.flatMap((pattern) => read.upper(pattern).slice(0, 1));
  return {
    key: `flags ${command}`,
    lower: unionOf([...lowers, ...judged, ...wrapped]),
    upper: unionOf(isJudged ? [any] : [...uppers, ...wrapped]),
  };
}

/** Options of git before its subcommand that make it another program. */
const REWIRING = ["-c", "--config-env", "--exec-path", "--git-dir", "--work-tree"];

const firstOption =
  (options: readonly string[]): Make =>
  (loom) =>
    options.map((option) => word(loom, literal(loom, option, anyRest(loom, anyWords(loom)))));

/** More words than its own, or one that is a whole command. */
function wrappedProgram({ words, values }: NonNullable<ProgramFlags["wrapper"]>): Make {
  const taking = values.split(" ");
  return (loom) => {
    const full = anyWords(loom);
    const letters = loom.many(LETTERS, loom.one(ENDS, anyRest(loom, full), false));
    const inline = [
      dashed(loom, letters),
      ...["--split", "--comm"].map((one) => word(loom, literal(loom, one, anyRest(loom, full)))),
    ];
    let [open, over] = [full, full];
    for (let count = 0; count <= words; count++) {
      const [next, behind] = [open, over];
      over = again(loom, (rest) => [word(loom, behind), ...operand(loom, behind, true), assignment(loom, rest)]);
      const ended = over;
      open = again(loom, (rest, ends) => [
        ...taking.map((one) => word(loom, literal(loom, one, word(loom, rest)))),
        dashedBut(loom, [...taking, "-", "--"], rest, ends),
        ...(taking.includes("") ? [] : [word(loom, next)]),
        word(loom, literal(loom, "--", ended)),
        assignment(loom, rest),
        ...operand(loom, next, false),
      ]);
    }
    return [...inline.map((node) => loom.words(node)), open];
  };
}

const LETTERS: Ranges = [
  [0x41, 0x5a],
  [0x61, 0x7a],
];
const ENDS: Ranges = [
  [0x53, 0x53],
  [0x63, 0x63],
];
const NAME: Ranges = [...LETTERS, [0x5f, 0x5f]];
const IN_NAME: Ranges = [...NAME, [0x30, 0x39]];

/** `NAME=value`; where it comes to its value, to the rest of a word. */
const assignment = (loom: Loom, rest: Node): Node =>
  word(loom, loom.one(NAME, loom.many(IN_NAME, literal(loom, "=", rest)), false));

/** A word that is no assignment, and not empty. `isAny`: it may begin with a dash, as behind `--`. */
function operand(loom: Loom, next: Node, isAny: boolean): readonly Node[] {
  const first = (ranges: Ranges) => (isAny ? ranges : without(ranges, "-"));
  const rest = anyRest(loom, next);
  const others = complement([...IN_NAME, [0x3d, 0x3d], [0, 0]]);
  const inName = loom.many(IN_NAME, loom.either(next, loom.one(others, rest, false)));
  const inside = [
    loom.one(first(complement([...NAME, [0, 0]])), rest, false),
    loom.one(NAME, inName, false),
    ...(isAny ? [] : [literal(loom, "-", next)]),
  ];
  return inside.map((one) => word(loom, one));
}
