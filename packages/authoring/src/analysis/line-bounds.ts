/**
 * How denials and questions read arguments, between two regular languages: every line in `lower` is matched by
 * `matchesLines`, and every line that it matches is in `upper`. Both are held against the engine by a test; a line between
 * them is one about which the automata say nothing, and the engine has the word. Long, as both are about the same parts.
 */
import {
  allDetours,
  BUNDLES,
  detours,
  fold,
  globalValues,
  hasOwnOptions,
  interpreterOf,
  isCluster,
  isSingleDash,
  readPattern,
  readsResponseFiles,
  sameSubcommands,
  spellings,
  spellingWays,
  takesCamelTasks,
  takesShortSubcommands,
} from "@agent-run/policy";
import { type Bounds, kept, type Make, unionOf, wideUnion } from "./bounds.ts";
import {
  again,
  anyRest,
  anyWords,
  dashed,
  foreign,
  literal,
  named,
  orNode,
  undashed,
  without,
  word,
  wordLike,
} from "./line-texts.ts";
import { type Loom, NOT_NUL, type Node } from "./nodes.ts";

/** Patterns of `deny_args`, of the arguments of a program under its names. */
export function deniedBounds(patterns: readonly string[], programs: readonly string[]): Bounds {
  const meant = programs.map((program) => [program, ...new Set(patterns.map((one) => meaningOf(one, program)))]);
  const key = JSON.stringify(["denied", meant]);
  return kept(key, () => {
    const each = programs.flatMap((program) => {
      const read = new PatternBounds(program);
      return patterns.map((pattern) => ({ lower: read.lower(pattern), upper: read.upper(pattern) }));
    });
    const lower = unionOf(each.map((one) => one.lower));
    return { key, lower, upper: wideUnion(each.map((one) => one.upper)) };
  });
}

/** The same for two patterns that say the same, as `push -f` and `push --force` do. */
export function meaningOf(pattern: string, program: string): string {
  const { words, options } = readPattern(pattern);
  const [first] = words;
  // A pattern without wildcards says which subcommand the line has, or one that no table of options knows.
  const isNamed = first !== undefined && globalValues(program) !== null && /^[a-z-]+$/.test(first);
  const subcommands = isNamed
    ? [first, ...sameSubcommands(program, first).map((phrase) => phrase.split(" ")[0] ?? "")]
    : null;
  const ways = options.map((option) =>
    isCluster(option, program) ? option : spellingWays(option, program, subcommands),
  );
  return JSON.stringify([words, ...ways.map((one) => JSON.stringify(one)).sort()]);
}

const allSpellings = (option: string, program: string): readonly string[] => [
  ...new Set(spellingWays(option, program).flat()),
];

/** The program's arguments begin at the beginning, or behind a word (of a command that runs others). */
export type Begin = (loom: Loom, node: Node) => Node;
const HERE: Begin = (_loom, node) => node;

/** A word of a pattern, or an option in its spellings. */
type Part = { readonly wanted: string } | { readonly pieces: readonly string[] };

const MOST_ORDERS = 60;

export class PatternBounds {
  readonly #program: string;
  readonly #begin: Begin;

  constructor(program: string, begin: Begin = HERE) {
    this.#program = program;
    this.#begin = begin;
  }

  /** Words in their order and options anywhere between them, each a word of its own. */
  lower(pattern: string): Make {
    const { words, options } = readPattern(pattern);
    const [first, ...rest] = words;
    const takesValue = globalValues(this.#program);
    // The subcommand in these very letters is one of which it is known how its options are spelled.
    const isSpelled = !hasOwnOptions(this.#program) || (first !== undefined && /^[a-z-]+$/.test(first));
    const subcommand = hasOwnOptions(this.#program) ? (first ?? null) : null;
    const spelledAs = (one: string) => (isSpelled ? this.#spelled(one, subcommand, first ?? null) : [one]);
    const parts = options.flatMap((option) => this.#parts(option, spelledAs));
    const isOwn = parts.some(({ pieces }) => pieces.some((piece) => this.#isOwn(piece)));
    const head = takesValue !== null && first !== undefined ? first : null;
    const wanted = (head === null ? words : rest).map((one): Part => ({ wanted: one }));
    // Which of several options are the interpreter's own depends on where its script begins.
    if (isOwn && parts.length > 1) return () => [];
    const orders = isOwn ? [[...parts, ...wanted]] : ordersOf(wanted, parts).slice(0, MOST_ORDERS);
    return (loom) => {
      const isLiteral = isSpelled && options.length > 0;
      const chains = orders.map((order) => {
        const tail = order.reduceRight(
          (next, part, at) => this.#part(loom, part, next, isOwn && at === 0),
          anyWords(loom),
        );
        if (head === null || takesValue === null) return tail;
        const sub = isLiteral ? word(loom, literal(loom, head, tail)) : this.#certain(loom, head, tail);
        return this.#behindValues(loom, [...takesValue], sub);
      });
      return [...chains, ...this.#unread(loom)].map((node) => this.#begin(loom, node));
    };
  }

  #isOwn(piece: string): boolean {
    return interpreterOf(this.#program)?.own.has(piece.replace(/=.*$/s, "")) === true;
  }

  #parts(
    option: string,
    spelledAs: (option: string) => readonly string[],
  ): readonly { readonly pieces: readonly string[] }[] {
    if (!isCluster(option, this.#program)) return [{ pieces: spelledAs(option) }];
    return [...option.slice(1)].map((letter) => ({ pieces: spelledAs(`-${letter}`) }));
  }

  #spelled(option: string, subcommand: string | null, meant: string | null): readonly string[] {
    const same = spellings(option, this.#program, subcommand);
    const others = detours(same, this.#program, subcommand, meant).flatMap((pieces) =>
      pieces.length === 1 ? pieces : [],
    );
    return [...same, ...others.filter((piece) => piece.startsWith("-"))];
  }

  /** A word that begins with `@`: the rest of the line comes from a file. */
  #unread(loom: Loom): readonly Node[] {
    if (!readsResponseFiles(this.#program)) return [];
    const begun = without(NOT_NUL, "\n", "\r", "\u2028", "\u2029");
    const file = literal(loom, "@", loom.one(begun, anyRest(loom, anyWords(loom)), false));
    return [file, literal(loom, "-Wl,", file)].map((inside) => loom.words(word(loom, inside)));
  }

  /** `isFirst`: only as the first word, where an interpreter's options are certainly its own. */
  #part(loom: Loom, part: Part, next: Node, isFirst: boolean): Node {
    if ("wanted" in part) return loom.words(this.#certain(loom, part.wanted, next));
    const found = orNode(
      loom,
      part.pieces.map((piece) => word(loom, this.#piece(loom, piece, next))),
    );
    return isFirst ? found : loom.words(found);
  }

  /** Options with their values, then `next`: other options before a subcommand are left to the upper bound. */
  #behindValues(loom: Loom, options: readonly string[], next: Node): Node {
    return again(loom, (rest) => [...options.map((one) => word(loom, literal(loom, one, word(loom, rest)))), next]);
  }

  /** A word that is no option and is taken for `wanted`. */
  #certain(loom: Loom, wanted: string, next: Node): Node {
    if (wanted === "--") return orNode(loom, []);
    const whole = orNode(loom, wordLike(loom, wanted, next, false));
    return wanted === "-" ? word(loom, whole) : word(loom, undashed(loom, whole));
  }

  #piece(loom: Loom, piece: string, next: Node): Node {
    const isShort = /^-[A-Za-z0-9]$/.test(piece);
    if (isShort && !isSingleDash(this.#program)) return literal(loom, piece, anyRest(loom, next));
    const name = piece.replace(/^--?/, "");
    if (isShort || !/^[a-z][a-z0-9-]*$/.test(name)) return literal(loom, piece, next);
    return loom.either(literal(loom, "--", named(loom, name, next)), literal(loom, "-", named(loom, name, next)));
  }

  upper(pattern: string): readonly Make[] {
    const { words, options } = readPattern(pattern);
    const unread =
      (make: Make): Make =>
      (loom) => [...make(loom), ...this.#unread(loom)];
    return [...this.#widely(words), ...options.flatMap((option) => this.#anyhow(option))].map(unread);
  }

  #widely(words: readonly string[]): readonly Make[] {
    const [first, ...rest] = words;
    if (first === undefined) return [];
    const isShort = takesCamelTasks(this.#program) || takesShortSubcommands(this.#program);
    const takesValue = globalValues(this.#program);
    const heads = [first, ...sameSubcommands(this.#program, first)].map((phrase) => phrase.split(" "));
    return [
      (loom) =>
        heads.map((head) => {
          const all = [...head, ...rest];
          let [next, later] = [anyWords(loom), anyWords(loom)];
          for (const [at, one] of [...all.entries()].reverse()) {
            const isFree = at === 0 && isShort;
            const isBegin = at === 0 && takesValue !== null;
            const begun = isBegin
              ? this.#behindOptions(loom, [...takesValue], orNode(loom, this.#plain(loom, one, next)))
              : loom.words(
                  isFree ? word(loom, anyRest(loom, next)) : orNode(loom, this.#anywhere(loom, one, next, later)),
                );
            [next, later] = [begun, next];
          }
          return next;
        }),
    ];
  }

  #plain(loom: Loom, wanted: string, next: Node): readonly Node[] {
    return wordLike(loom, wanted, next, true).map((inside) => word(loom, inside));
  }

  /** As a word, or glued to an option, of which one may be several. */
  #anywhere(loom: Loom, wanted: string, next: Node, later: Node): readonly Node[] {
    const both = loom.either(next, later);
    const glued = wordLike(loom, wanted, both, true).map((inside) => dashed(loom, loom.many(NOT_NUL, inside)));
    return [...this.#plain(loom, wanted, next), ...glued];
  }

  /** Options, each perhaps with a value, then `next`; behind `--` anything. */
  #behindOptions(loom: Loom, options: readonly string[], next: Node): Node {
    return again(loom, (rest) => {
      const values = options.map((one) => word(loom, literal(loom, one, word(loom, rest))));
      return [dashed(loom, rest), ...values, word(loom, literal(loom, "--", anyWords(loom))), next];
    });
  }

  /** What must be there; each of the letters, or the word as a name. */
  #anyhow(option: string): readonly Make[] {
    if (!isCluster(option, this.#program)) return [this.#spelledAnyhow(option)];
    return [...option.slice(1)].map((letter): Make => {
      const spelled = this.#spelledAnyhow(`-${letter}`);
      return (loom) => [...spelled(loom), ...this.#wide(loom, option)];
    });
  }

  #spelledAnyhow(option: string): Make {
    const same = allSpellings(option, this.#program);
    const others = allDetours(same, this.#program).flatMap(([first]) => (first === undefined ? [] : [first]));
    const pieces = new Set([...same, ...others.flatMap((one) => allSpellings(one, this.#program))]);
    return (loom) => [...pieces].flatMap((piece) => this.#wide(loom, piece));
  }

  /** Words that may be it. */
  #wide(loom: Loom, piece: string): readonly Node[] {
    const rest = anyWords(loom);
    const there = (inside: Node) => loom.words(word(loom, inside));
    if (!piece.startsWith("-")) return wordLike(loom, piece, rest, true).map(there);
    const letter = /^-([A-Za-z0-9])$/.exec(piece)?.[1];
    if (letter !== undefined) {
      const inside = anyRest(loom, literal(loom, letter, anyRest(loom, rest)));
      return [loom.words(BUNDLES.has(this.#program) ? word(loom, inside) : dashed(loom, inside))];
    }
    const name = fold(piece.replace(/^--?/, "").replace(/=.*$/s, "").replaceAll("_", "-"));
    const unclear = loom.words(dashed(loom, foreign(loom, rest)));
    if (!/^[a-z0-9-]+$/.test(name)) return [unclear, loom.words(dashed(loom, anyRest(loom, rest)))];
    const beginnings = Array.from({ length: name.length - 1 }, (_, at) => name.slice(0, at + 1));
    const long = [name, ...beginnings].map((one) => there(literal(loom, "--", named(loom, one, rest))));
    return [unclear, ...long, there(literal(loom, "-", named(loom, name, rest)))];
  }
}

/** The words in their order, with the options anywhere between them. */
function ordersOf(words: readonly Part[], options: readonly Part[]): readonly (readonly Part[])[] {
  return options.reduce<readonly (readonly Part[])[]>(
    (orders, option) =>
      orders.length > MOST_ORDERS
        ? orders.map((order) => [option, ...order])
        : orders.flatMap((order) =>
            Array.from({ length: order.length + 1 }, (_, at) => [...order.slice(0, at), option, ...order.slice(at)]),
          ),
    [words],
  );
}
