/**
 * The question as it stands on the terminal. Its first and last line bear a word that was chosen for this process and shown
 * before the script began; what a script prints cannot know it, so a frame without it is not ours.
 */
import { randomInt } from "node:crypto";
import { contentText, type Scope, type Ticket } from "@agent-run/approvals";
import { SIGNATURES, type Signature } from "@agent-run/policy";
import type { Preview } from "@agent-run/runtime";
import { folded } from "../fold.ts";
import type { Style } from "../style.ts";
import { escaped, type Letters, shownValue, widthOf, wrapped } from "./shown-value.ts";
import { type Row, subjectRows } from "./subject.ts";
import { wordFor } from "./words.ts";

export interface QuestionFacts {
  readonly ticket: Ticket;
  /** Calls that wait for the same answer. */
  readonly alike: number;
  /** Of the questions of this run; `most`: how many it may ask. */
  readonly nth: number;
  readonly most: number;
  readonly scopes: readonly Scope[];
}

export interface Look {
  readonly style: Style;
  readonly letters: Letters;
  readonly columns: number;
  /** Of this process; see `frameWord`. */
  readonly word: string;
  domainOf(host: string): string | null;
}

/** Two words of four letters that can be said: 24 million of them. */
export function frameWord(): string {
  const [consonants, vowels] = ["bdfghjklmnprstvz", "aeiou"];
  const letter = (of: string) => of[randomInt(of.length)] ?? "";
  const syllables = Array.from({ length: 4 }, () => letter(consonants) + letter(vowels));
  return `${syllables[0]}${syllables[1]}-${syllables[2]}${syllables[3]}`;
}

/** A terminal that says nothing of its width, and the widest line that is read at once. */
const [UNKNOWN_COLUMNS, WIDEST] = [80, 120];

export function questionText(facts: QuestionFacts, look: Look): string {
  const columns = Math.min(look.columns > 20 ? look.columns : UNKNOWN_COLUMNS, WIDEST);
  const { style, letters, word } = look;
  const { ticket } = facts;
  const rows = [
    ...subjectRows(ticket.request, letters, look.domainOf).map((row) => marked(row, look)),
    ...contentRows(ticket),
    ...reasonRows(facts, letters),
  ];
  return [
    "",
    rule(`agent-run asks (${word})`, columns, look),
    `  ${style.bold(shownValue(ticket.capability, letters))}  ${undoing(ticket, style)}`,
    ...rows.flatMap((row) => lines(row, columns, style)),
    ...previewLines(ticket.preview, columns, look),
    "",
    ...offers(facts, look).flatMap((row) => lines(row, columns, style, betweenWords)),
    rule(word, columns, look),
    "> ",
  ].join("\n");
}

function contentRows(ticket: Ticket): Row[] {
  const text = contentText(ticket);
  return text === null ? [] : [["content", text]];
}

const DOES: Readonly<Record<Signature["class"], string>> = {
  read: "changes nothing",
  write: "changes files; no copy of what was there is kept",
  network: "leaves this machine, and cannot be taken back",
  irreversible: "cannot be undone",
};

function undoing({ capability, irreversible }: Ticket, style: Style): string {
  const known: Signature | undefined = Object.hasOwn(SIGNATURES, capability)
    ? SIGNATURES[capability as keyof typeof SIGNATURES]
    : undefined;
  if (irreversible || known === undefined) return style.red(DOES.irreversible);
  return style.dim(DOES[known.class]);
}

function rule(text: string, columns: number, { style, letters }: Look): string {
  const dash = letters.ascii ? "-" : "\u2500";
  return style.yellow(`${dash.repeat(2)} ${text} ${dash.repeat(Math.max(2, columns - widthOf(text) - 4))}`);
}

/** Room for the names of rows. */
const NAMES = 14;

/** Colours come after the line is broken, so that they are not counted. */
function lines(
  [name, value, paint]: readonly [string, string, ((text: string) => string)?],
  columns: number,
  style: Style,
  broken: typeof wrapped = wrapped,
): string[] {
  const [first = "", ...more] = broken(value, columns - NAMES, 2);
  const painted = paint ?? ((text: string) => text);
  return [
    `  ${style.dim(name.padEnd(NAMES - 2))}${painted(first)}`,
    ...more.map((line) => " ".repeat(NAMES) + painted(line)),
  ];
}

/** For our own sentences; a word that is longer than a line is broken all the same. */
const betweenWords: typeof wrapped = (line, columns, indent) =>
  folded(line, columns)
    .split("\n")
    .flatMap((part) => wrapped(part, columns, indent));

const marked = ([name, value]: Row, { style }: Look) =>
  name === "PUNYCODE"
    ? ([name, value, style.red] as const)
    : name === "domain"
      ? ([name, value, style.bold] as const)
      : ([name, value] as const);

function reasonRows({ ticket, alike, nth, most }: QuestionFacts, letters: Letters): Row[] {
  const { rule: id, place, layer, reason } = ticket;
  const of = layer === "policy" ? "" : ` of the ${escaped(layer.replace(":", " "), letters)}`;
  const at = place === null ? "" : `, ${shownValue(place, letters)}`;
  return [
    ["asked by", `${escaped(id, letters)}${of}${at}`],
    ...(reason === undefined ? [] : [["because", shownValue(reason, letters)] as const]),
    ...(alike > 1 ? [["waiting", `${alike} calls that are the same; one answer is for all of them`] as const] : []),
    ["question", `number ${nth} of at most ${most} in this run`],
  ];
}

const WHY = {
  binary: "none: it is no text",
  large: "none: it is too large",
  different: "none: hardly a line is the same",
} as const;

/** Every line of it is cut to the terminal, with its length where it is. */
function previewLines(preview: Preview | null, columns: number, { style, letters }: Look): string[] {
  if (preview === null) return [];
  if (preview.kind === "sizes") {
    const { why, before, after } = preview;
    const told = ({ bytes, sha256 }: typeof after) =>
      `${bytes.toLocaleString("en-US")} bytes${sha256 === null ? "" : `, sha256 ${sha256}`}`;
    const rows: Row[] = [
      ["now", before === null ? "there is no such file" : told(before)],
      ["then", told(after)],
      ["diff", WHY[why]],
    ];
    return rows.flatMap((row) => lines(row, columns, style));
  }
  const { added, removed } = preview;
  if (added + removed === 0) return lines(["change", "none: the file has this content already"], columns, style);
  const paint = (line: string) => {
    if (line.startsWith("+")) return style.green;
    return line.startsWith("-") ? style.red : style.dim;
  };
  const shown = preview.lines.flatMap((line) =>
    wrapped(shownValue(line, letters), columns - 4, 1).map((part) => `    ${paint(line)(part)}`),
  );
  return [
    ...lines(["change", `${counted(added, "line")} more, ${counted(removed, "line")} less`], columns, style),
    ...shown,
  ];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** What may be typed. */
function offers(
  { ticket, scopes }: QuestionFacts,
  { style }: Look,
): (readonly [string, string, (text: string) => string])[] {
  const word = wordFor(ticket);
  const kept: Readonly<Record<Scope, readonly [string, string]>> = {
    once: [word, "to allow this call, once"],
    run: [`${word} run`, "to allow the same call for the rest of this run"],
    until: [`${word} 10m`, "to allow the same call for 10 minutes; also 90s, 2h"],
    save: [`${word} save`, "to allow the same call from now on, as a rule that `agent-run approvals list` shows"],
  };
  const plain = (text: string) => text;
  const rows = scopes.map((scope) => [...kept[scope], plain] as const);
  return [
    ["type", `${rows.map(([typed, says]) => `${typed}  ${says}`)[0]}`, style.bold],
    ...rows.slice(1).map(([typed, says]) => ["or", `${typed}  ${says}`, plain] as const),
    ["", "anything else refuses it", plain],
  ];
}
