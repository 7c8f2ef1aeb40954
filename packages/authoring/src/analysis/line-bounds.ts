/**
 * How denials and questions read arguments, between two regular languages: every line in `lower` is matched by
 * `matchesLines`, and every line that it matches is in `upper`. Both are held against the engine by a test; a line between
 * them is one about which the automata say nothing, and the engine has the word.
 */
import {
  allDetours,
  BUNDLES,
  type CommandText,
  detours,
  flagsOf,
  fold,
  globalValues,
  hasOwnOptions,
  interpreterOf,
  isCluster,
  isRunner,
  isSingleDash,
  readPattern,
  readsResponseFiles,
  sameSubcommands,
  spellings,
  spellingWays,
  takesCamelTasks,
  takesShortSubcommands,
} from "@agent-run/policy";
import { complement } from "./letters.ts";
import { anyRest, anyWords, caseless, dashed, foreign, literal, test, without, word, wordLike } from "./line-texts.ts";
import { type Loom, NOT_NUL, type Node } from "./nodes.ts";
import { all, some, type TextTest } from "./text-test.ts";

/** `key`: two bounds of one key are about the same truth. Where both tests are one object, nothing is open. */
export interface Bounds {
  readonly key: string;
  readonly lower: TextTest;
  readonly upper: TextTest;
}

export const exact = (key: string, both: TextTest): Bounds => ({ key, lower: both, upper: both });
export const ALWAYS: Bounds = exact("always", all());
export const NEVER: Bounds = exact("never", some());

export const anyOf = (key: string, of: readonly Bounds[]): Bounds => joined(key, of, some, NEVER);
export const allOf = (key: string, of: readonly Bounds[]): Bounds => joined(key, of, all, ALWAYS);

function joined(key: string, of: readonly Bounds[], join: typeof all, none: Bounds): Bounds {
  const decisive = none === NEVER ? ALWAYS : NEVER;
  if (of.includes(decisive)) return decisive;
  const asked = of.filter((one) => one !== none);
  if (asked.length < 2) return asked[0] ?? none;
  const lower = join(...asked.map((one) => one.lower));
  return asked.every((one) => one.lower === one.upper)
    ? exact(key, lower)
    : { key, lower, upper: join(...asked.map((one) => one.upper)) };
}

/** Bounds are the same in every policy, and kept. */
const KEPT = new Map<string, Bounds>();
const MOST_KEPT = 500;

export function kept(key: string, make: () => Bounds): Bounds {
  const known = KEPT.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (KEPT.size >= MOST_KEPT) KEPT.clear();
  KEPT.set(key, made);
  return made;
}

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
function meaningOf(pattern: string, program: string): string {
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

/** Nodes for an automaton, made where it is known. */
type Make = (loom: Loom) => readonly Node[];

const unionOf = (makes: readonly Make[]): TextTest => test((loom) => makes.flatMap((make) => make(loom)));

/** Of each list all must hold. */
function wideUnion(of: readonly (readonly Make[])[]): TextTest {
  if (of.some((makes) => makes.length === 0)) return all();
  const single = of.flatMap((makes) => (makes.length === 1 ? makes : []));
  const others = of.filter((makes) => makes.length > 1).map((makes) => all(...makes.map((make) => test(make))));
  return some(unionOf(single), ...others);
}

/** The program's arguments begin at the beginning, or behind a word (of a command that runs others). */
type Begin = (loom: Loom, node: Node) => Node;
const HERE: Begin = (_loom, node) => node;

/** A word of a pattern, or an option in its spellings. */
type Part = { readonly wanted: string } | { readonly pieces: readonly string[] };

const MOST_ORDERS = 60;

class PatternBounds {
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

  /** Options with their values, then `next`. */
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

/** One of these nodes; where they come to `rest`, the rest of a word is read, and then one of them once more. */
function again(loom: Loom, ways: (rest: Node) => readonly Node[]): Node {
  const [start, rest] = [loom.blank(0, false), loom.blank(0, false)];
  for (const node of ways(rest.node)) {
    start.edges.push(...node.edges);
    if (node.accepts) start.accept();
  }
  rest.edges.push({ ranges: NOT_NUL, to: rest.node, counts: false }, ...start.edges);
  if (start.node.accepts) rest.accept();
  return start.node;
}

/** A name as options have it, `_` for `-` too, and perhaps a value. */
function named(loom: Loom, name: string, next: Node): Node {
  const behind = loom.either(next, literal(loom, "=", anyRest(loom, next)));
  return [...name].reduceRight(
    (node, letter) =>
      letter === "-" ? loom.either(literal(loom, "-", node), literal(loom, "_", node)) : caseless(loom, letter, node),
    behind,
  );
}

/** What begins a word of these, but with a dash. */
function undashed(loom: Loom, node: Node): Node {
  const made = loom.blank(0, false);
  for (const { ranges, to } of node.edges) made.edges.push({ ranges: without(ranges, "-"), to, counts: false });
  if (node.accepts) made.accept();
  return made.node;
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

function orNode(loom: Loom, nodes: readonly Node[]): Node {
  const [first, ...others] = nodes;
  return first === undefined ? loom.blank(0, false).node : others.reduce((a, b) => loom.either(a, b), first);
}

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
    const lower = unionOf((args ?? []).flatMap((pattern) => ways.map((one) => one.lower(pattern))));
    const whole = test((loom) => [anywhere(loom, anyWords(loom))]);
    const upper = test((loom) => {
      const named = anyRest(loom, caseless(loom, program, anyRest(loom, anyWords(loom))));
      return [named, foreign(loom, anyWords(loom))].map((inside) => loom.words(word(loom, inside)));
    });
    return { key, lower: args === undefined ? whole : lower, upper };
  });
}

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
  const wrapped = wrapper === null ? [] : [plainWords(wrapper.words + 1)];
  const any: Make = (loom) => [word(loom, anyRest(loom, anyWords(loom)))];
  // Of words and options together only one is asked for, so that all of them are one automaton.
  const uppers = patterns.flatMap((pattern) => read.upper(pattern).slice(0, 1));
  const isOpen = isJudged || wrapper !== null;
  return {
    key: `flags ${command}`,
    lower: unionOf([...lowers, ...judged, ...wrapped]),
    upper: unionOf(isOpen ? [any] : uppers),
  };
}

/** Options of git before its subcommand that make it another program. */
const REWIRING = ["-c", "--config-env", "--exec-path", "--git-dir", "--work-tree"];

const firstOption =
  (options: readonly string[]): Make =>
  (loom) =>
    options.map((option) => word(loom, literal(loom, option, anyRest(loom, anyWords(loom)))));

/** So many words at the beginning that are neither options nor assignments. */
function plainWords(count: number): Make {
  const letters = complement([[0, 0], ...[0x3d].map((one) => [one, one] as const)]);
  return (loom) => {
    const one = (next: Node) => word(loom, loom.one(without(letters, "-"), loom.many(letters, next), false));
    return [Array.from({ length: count }).reduce<Node>((next) => one(next), anyWords(loom))];
  };
}
