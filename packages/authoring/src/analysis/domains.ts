/**
 * Which texts there are: canonical paths, names of variables, names of hosts, paths of URLs. What no canonicalizer lets
 * through needs no answer. Longest lengths are left out of account.
 */
import { Automaton } from "./automaton.ts";
import { complement, type Ranges } from "./letters.ts";
import { exactText, suffixText } from "./patterns.ts";
import { all, matches, not, type TextTest } from "./text-test.ts";

const code = (letter: string): number => letter.codePointAt(0) ?? 0;
const only = (...letters: readonly string[]): Ranges => letters.map((letter) => [code(letter), code(letter)] as const);

const CONTROLS: Ranges = [
  [0, 0x1f],
  [0x7f, 0x9f],
  [0x2028, 0x2029],
  [0xd800, 0xdfff],
];

const SLASH = only("/");
const DOT = only(".");

/** The root directory is the empty text; else `/` and a segment, again and again; none is `.` or `..`. */
export const pathDomain = (): TextTest => segmentsDomain(complement([...CONTROLS, ...SLASH, ...OTHER_LETTERS]), false);

/** Kelvin, Ångström and Ohm, which are K, Å and Ω in NFC. */
const OTHER_LETTERS = only("\u212a", "\u212b", "\u2126");

/** Decoded paths of which all readers think alike: no `;`, no backslash, no empty segment but the last. */
export const urlPathDomain = (): TextTest =>
  segmentsDomain(complement([[0, 0], [0xd800, 0xdfff], ...SLASH, ...only("\\", ";", "%")]), true);

function segmentsDomain(letters: Ranges, endsInSlash: boolean): TextTest {
  const automaton = new Automaton();
  const { loom } = automaton;
  const [root, begun, dot, dots, name] = [0, 1, 2, 3, 4].map(() => loom.blank(0, false)) as [
    Blank,
    Blank,
    Blank,
    Blank,
    Blank,
  ];
  const others = complement([...complement(letters), ...DOT]);
  root.accept();
  name.accept();
  const edge = (from: Blank, ranges: Ranges, to: Blank) => from.edges.push({ ranges, to: to.node, counts: false });
  edge(root, SLASH, begun);
  edge(begun, DOT, dot);
  edge(begun, others, name);
  edge(dot, DOT, dots);
  edge(dot, others, name);
  edge(dots, letters, name);
  edge(name, letters, name);
  edge(name, SLASH, begun);
  if (endsInSlash) {
    const ended = loom.blank(0, false);
    ended.accept();
    edge(name, SLASH, ended);
  }
  automaton.add(root.node);
  return matches(automaton);
}

type Blank = ReturnType<Automaton["loom"]["blank"]>;

/** What an environment can hold. */
export function variableDomain(): TextTest {
  const automaton = new Automaton();
  const letters = complement([...CONTROLS, ...only("=")]);
  const { loom } = automaton;
  automaton.add(loom.one(letters, loom.many(letters, loom.end(0, false)), false));
  return matches(automaton);
}

/** Any text at all, e.g. who acts. */
export function anyDomain(): TextTest {
  const automaton = new Automaton();
  const letters = complement([[0xd800, 0xdfff]]);
  automaton.add(automaton.loom.many(letters, automaton.loom.end(0, false)));
  return matches(automaton);
}

/** Names of hosts; what ends in a number is an address to the URL parser, and names of this machine are special values. */
export function hostDomain(): TextTest {
  const automaton = new Automaton();
  const { loom } = automaton;
  const letters: Ranges = [[0x30, 0x39], [0x61, 0x7a], ...only("-", "_")];
  const [begun, label] = [loom.blank(0, false), loom.blank(0, false)];
  label.accept();
  begun.edges.push({ ranges: letters, to: label.node, counts: false });
  label.edges.push({ ranges: letters, to: label.node, counts: false }, { ranges: DOT, to: begun.node, counts: false });
  automaton.add(begun.node);
  return all(matches(automaton), not(numeric()), not(ownNames()));
}

/** RFC 6761: `localhost` and everything below it. */
function ownNames(): TextTest {
  const automaton = new Automaton();
  const reading = { label: 0, folded: false };
  automaton.add(exactText(automaton.loom, "localhost", reading), suffixText(automaton.loom, ".localhost", reading));
  return matches(automaton);
}

/** The last label is a decimal or hexadecimal number. */
function numeric(): TextTest {
  const automaton = new Automaton();
  const { loom } = automaton;
  const end = loom.end(0, false);
  const digits: Ranges = [[0x30, 0x39]];
  const decimal = loom.one(digits, loom.many(digits, end), false);
  const hexadecimal = loom.one(only("0"), loom.one(only("x"), loom.many([...digits, [0x61, 0x66]], end), false), false);
  const before = loom.many(complement([]), loom.one(DOT, loom.either(decimal, hexadecimal), false));
  automaton.add(decimal, hexadecimal, before);
  return matches(automaton);
}

/** One text and no other. */
export function exactly(text: string): TextTest {
  const automaton = new Automaton();
  automaton.add(exactText(automaton.loom, text, { label: 0, folded: false }));
  return matches(automaton);
}
