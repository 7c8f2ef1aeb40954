/**
 * The attributes of one call, as conditions see them: of the target itself, of what the request says besides (only where
 * it says it about this target's capability), and of what is around it. Everything that another program on the way could
 * take for the same thing is a reading: a path in another case of letters, the path of a URL with its escapes resolved, a
 * command by its path.
 */
import { allNames, type CommandText } from "./command.ts";
import type { Circumstances } from "./condition.ts";
import { LAST_TIME } from "./condition-text.ts";
import { isJsonArray, isJsonObject, type Json } from "./json.ts";
import type { CanonicalRequest } from "./request.ts";
import type { Capability } from "./signatures.ts";
import { fold } from "./spelling.ts";
import type { Subject } from "./subject.ts";

export type UrlSubject = Extract<Subject, { kind: "url" }>;

/** What a rule may look at besides the target. */
export interface CallFacts {
  /** The capability of the request, whose attributes `attrs` are. */
  readonly on: Capability;
  readonly attrs: CanonicalRequest["attrs"];
  readonly circumstances: Circumstances;
  /** Of a URL: the address for whose sake it is asked about once more. */
  readonly address: string | null;
  /** Of an address: the URLs that it belongs to. */
  readonly urls: readonly UrlSubject[];
}

export interface Reading {
  readonly value: string | number | readonly string[];
  /** To be compared with folded operands. */
  readonly folded: boolean;
  /** Of paths, for patterns. */
  readonly segments: readonly string[];
}

/**
 * missing: it is not there, or of another type. unreadable: it is there, and nothing can be said about it. later: it is
 * left out of account, as it is decided by itself.
 */
export type Readings =
  | { readonly kind: "known"; readonly readings: readonly Reading[] }
  | { readonly kind: "missing" | "unreadable" | "later" };

const MISSING: Readings = { kind: "missing" };
const LATER: Readings = { kind: "later" };

export interface Asked {
  /** For a grant. */
  readonly narrow: boolean;
  /** The condition holds of everything but what it names. */
  readonly negative: boolean;
  /** What the condition compares with; null: it only asks whether there is something. */
  readonly operand: "string" | "number" | null;
}

export function readingsOf(attribute: string, subject: Subject, facts: CallFacts, asked: Asked): Readings {
  const { narrow } = asked;
  if (attribute === "actor") return texts([knownActor(facts.circumstances)]);
  if (attribute === "now") return numbers([knownTime(facts.circumstances)]);
  if (subject.kind === "path" && attribute === "path") return pathReadings(subject, narrow);
  if (subject.kind === "variable" && attribute === "name") return texts([subject.name]);
  const ofCommand = subject.kind === "command" ? commandReadings(attribute, subject.command, asked) : null;
  if (ofCommand !== null) return ofCommand;
  const ofUrl = urlReadings(attribute, subject, facts, asked);
  if (ofUrl !== null) return ofUrl;
  // What another capability says about itself says nothing about this target.
  if (facts.on !== subject.target.on) return MISSING;
  if (subject.kind === "tool") return argumentReadings(attribute, facts.attrs.args, asked.operand);
  if (!Object.hasOwn(facts.attrs, attribute)) return MISSING;
  return stated(attribute, facts.attrs[attribute]);
}

/**
 * A member of what a tool is given. Texts and whole numbers can be known, each to conditions on such; of anything else
 * (numbers with a fraction, lists, true and false) it is known only that it is there.
 */
function argumentReadings(path: string, args: Json | undefined, operand: Asked["operand"]): Readings {
  let value = args;
  for (const name of path.split(".").slice(1)) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return MISSING;
    value = value[name];
  }
  if (value === undefined) return MISSING;
  if (typeof value === "string" && operand === "string") return texts([value]);
  return Number.isSafeInteger(value) && operand === "number" ? numbers([Number(value)]) : { kind: "unreadable" };
}

/** Null where it is unknown, or no time at all. */
export const knownTime = ({ now }: Circumstances): number | null =>
  typeof now === "number" && Math.abs(now) <= LAST_TIME ? now : null;

const knownActor = ({ actor }: Circumstances): string | null => (typeof actor === "string" ? actor : null);

/** A search shows nothing: what it finds is decided by its own path. */
function pathReadings({ path, target }: Extract<Subject, { kind: "path" }>, narrow: boolean): Readings {
  if (narrow && target.role === "search") return LATER;
  const { value, segments, folded } = path;
  const readings = [
    { value, folded: false, segments },
    { value: `/${folded.join("/")}`, folded: true, segments: folded },
  ];
  return { kind: "known", readings };
}

/**
 * Who is granted `git` may type `/usr/bin/git push`, too: a denial of `git push` speaks of it, and a grant of anything but
 * `git push` does not. Others take it as it was typed. Null: the attribute is none of a command's.
 */
function commandReadings(attribute: string, command: CommandText, { narrow, negative }: Asked): Readings | null {
  const { typed, argv } = command;
  const names = narrow === negative ? allNames(command) : [typed];
  if (attribute === "command") return texts(names);
  const lines = names.map((name) => [name, ...argv.slice(1)]);
  if (attribute === "argv") return known(lines);
  return attribute === "command_line" ? texts(lines.map((words) => words.join(" "))) : null;
}

/** Null: the attribute is none of a URL. */
function urlReadings(attribute: string, subject: Subject, facts: CallFacts, asked: Asked): Readings | null {
  if (attribute === "address") return addressReadings(subject, facts);
  const urls = subject.kind === "url" ? [subject] : subject.kind === "address" ? facts.urls : [];
  if (attribute === "host") return texts(urls.map(({ url }) => url.host));
  if (attribute === "scheme") return texts(urls.map(({ url }) => url.scheme));
  if (attribute === "port") return numbers(urls.map(({ url }) => url.port));
  if (attribute !== "url_path") return null;
  const readings = urls.map(({ url }) => url.readings);
  if (readings.length === 0) return MISSING;
  if (!readings.every((one) => one !== null)) return { kind: "unreadable" };
  const plain = readings.flat().map((segments) => urlReading(segments, false));
  const folded = readings.flat().map((segments) => urlReading(segments.map(fold), true));
  // Servers may take `/ADMIN` for `/admin`; a grant of the one is none of the other, nor is one of all but the one.
  return { kind: "known", readings: asked.narrow && !asked.negative ? plain : [...plain, ...folded] };
}

const urlReading = (segments: readonly string[], folded: boolean): Reading => ({
  value: `/${segments.join("/")}`,
  folded,
  segments,
});

function addressReadings(subject: Subject, { address }: CallFacts): Readings {
  if (subject.kind === "address") return texts([subject.address]);
  if (subject.kind !== "url") return MISSING;
  if (address !== null) return texts([address]);
  return subject.addresses.length === 0 ? LATER : texts(subject.addresses);
}

function stated(attribute: string, value: Json | undefined): Readings {
  if (attribute === "method") return texts([typeof value === "string" ? value : null]);
  if (attribute === "env") {
    const names = isJsonArray(value) ? value.flatMap((one) => (typeof one === "string" ? [one] : [])) : null;
    return isJsonArray(value) && names?.length === value.length ? known([names]) : MISSING;
  }
  if (attribute !== "bytes" && attribute !== "stdin_bytes") return MISSING;
  return numbers([typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null]);
}

const texts = (values: readonly (string | null)[]): Readings => known(values);
const numbers = (values: readonly (number | null)[]): Readings => known(values);

function known(values: readonly (Reading["value"] | null)[]): Readings {
  const there = values.filter((value) => value !== null);
  if (there.length === 0 || there.length < values.length) return MISSING;
  return { kind: "known", readings: there.map((value) => ({ value, folded: false, segments: [] })) };
}
