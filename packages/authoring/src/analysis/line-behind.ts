/** Denials and questions of a command, of lines of another one that runs it (`npx git push`): as `linesBehind` finds them. */
import { type CommandText, isRunner } from "@agent-run/policy";
import { type Bounds, exact, kept, type Make, NEVER, unionOf } from "./bounds.ts";
import type { Ranges } from "./letters.ts";
import { type Begin, meaningOf, PatternBounds } from "./line-bounds.ts";
import { anyRest, anyWords, caseless, foreign, literal, orNode, test, undashed, word } from "./line-texts.ts";
import { type Loom, NOT_NUL, type Node } from "./nodes.ts";

/** A denial or question that names a command, of one program: by its name, or behind what runs others. */
export function behindBounds(name: string, args: readonly string[] | undefined, command: CommandText): Bounds {
  if (!isRunner(command)) return NEVER;
  const program = name.replace(/\/+$/, "").replace(/^.*\//s, "").toLowerCase();
  if (program === "" || program.startsWith("-")) return NEVER;
  const key = JSON.stringify(["behind", program, args?.map((one) => meaningOf(one, program)) ?? null]);
  return kept(key, () => {
    const begin: Begin = (loom, node) => word(loom, literal(loom, program, node));
    const anywhere: Begin = (loom, node) => loom.words(begin(loom, node));
    const ways = [begin, anywhere].map((one) => new PatternBounds(program, one));
    // What could be a part of a version is cut off with it, and letters may come from others.
    const isPlain = /^[!-~]*[^-.\d]$/.test(program) && /^[!-~]+$/.test(program);
    const there: Make = (loom) => {
      const rest = anyWords(loom);
      if (isPlain) return [loom.words(programNamed(loom, program, rest))];
      const contained = anyRest(loom, caseless(loom, program, anyRest(loom, rest)));
      return [contained, foreign(loom, rest)].map((inside) => loom.words(word(loom, inside)));
    };
    if (args === undefined && isPlain) return exact(key, test(there));
    const lower =
      args === undefined
        ? [(loom: Loom) => [anywhere(loom, anyWords(loom))]]
        : args.flatMap((pattern) => ways.map((one) => one.lower(pattern)));
    return { key, lower: unionOf(lower), upper: test(there) };
  });
}

/** A word that a program of this name can be meant by: behind a path, in any case, with a version, as `programNames` has it. */
function programNamed(loom: Loom, program: string, next: Node): Node {
  const slashed = loom.many(SLASH, next);
  const digits: Ranges = [[0x30, 0x39]];
  // Names that no file can have are read without versions.
  const numbers: Node[] = [slashed];
  for (let length = program.length + 1; length <= LONGEST_NAME; length++) {
    const shorter = numbers.at(-1) as Node;
    numbers.push(loom.either(slashed, loom.one([...digits, [0x2e, 0x2e]], shorter, false)));
  }
  const version = (before: number) => {
    const rest = numbers.at(-2 - before);
    return rest === undefined ? orNode(loom, []) : loom.one(digits, rest, false);
  };
  const marked = version(1);
  const behind = orNode(loom, [slashed, version(0), literal(loom, "-", marked), literal(loom, ".", marked)]);
  const name = [...program].reduceRight((node, letter) => lowered(loom, letter, node), behind);
  const path = loom.many(NOT_NUL, loom.one(SLASH, name, false));
  return word(loom, undashed(loom, loom.either(name, path)));
}

const LONGEST_NAME = 255;
const SLASH: Ranges = [[0x2f, 0x2f]];

/** What has this letter in lower case: of one, a letter that is not ASCII, too. */
const lowered = (loom: Loom, letter: string, next: Node): Node =>
  letter === "k"
    ? loom.either(caseless(loom, letter, next), literal(loom, "\u212a", next))
    : caseless(loom, letter, next);
