/**
 * Paths as they are decided: absolute, NFC, without `.`, `..`, `//` and trailing `/`. Purely lexical: what the disk
 * makes of such a path (symbolic links) is found later by descriptor, and is decided as a second request.
 * Refused here, because a name that a person cannot read or a kernel cannot take must not reach a decision:
 * control characters (C0, DEL, C1, U+2028, U+2029), lone surrogates, overlong names. Direction marks are letters of
 * some languages' file names and are let through; prompts show them escaped.
 */

import { fail, ok, type Result } from "./result.ts";
import { CONTROL, fold, hasLoneSurrogate, shown } from "./spelling.ts";
import { CAPITAL_A, CAPITAL_Z, hashed, SMALL } from "./text-hash.ts";

/** Bytes; PATH_MAX and NAME_MAX of Linux. */
const MAX_PATH = 4096;
const MAX_SEGMENT = 255;

/** Both absolute. `home` is what a script's `~` stands for. */
export interface PathBase {
  readonly root: string;
  readonly home: string;
}

/** The absolute path that a script's text names, or `E_ARGUMENT`. Canonical paths come back unchanged. */
export function canonicalPath(typed: string, at: PathBase): Result<string> {
  const problem = textProblem(typed);
  if (problem !== null) return refuse(typed, problem);
  if (typed.startsWith("~") && typed !== "~" && !typed.startsWith("~/")) {
    return refuse(typed, "names the home of a user; only `~` and `~/...` are known, write `./~name` for a file");
  }
  const absolute = typed.startsWith("/")
    ? typed
    : typed.startsWith("~")
      ? `${at.home}/${typed.slice(1)}`
      : `${at.root}/${typed}`;
  const segments = walk(absolute.normalize("NFC"));
  if (segments.some((segment) => utf8Length(segment) > MAX_SEGMENT)) {
    return refuse(typed, `has a name of more than ${MAX_SEGMENT} bytes`);
  }
  // Joined into one piece: a text put together by `+` stays in pieces, and each look at a letter of it takes longer.
  const path = segments.length === 0 ? "/" : ["", ...segments].join("/");
  return utf8Length(path) > MAX_PATH ? refuse(typed, `is longer than ${MAX_PATH} bytes`) : ok(path);
}

/** A path that is about to be matched, read once; cut up where a pattern asks for that. */
export interface PathText {
  readonly value: string;
  readonly segments: readonly string[];
  /** The segments under `fold`, for denials. */
  readonly folded: readonly string[];
  /** The folded segments, a `/` before each: `""` for the root directory. */
  readonly joined: string;
  /** Where the names of `joined` end, and `hashed` of all letters up to there: a number each in turn. */
  readonly ends: readonly number[];
  readonly isAscii: boolean;
}

/**
 * Reads a canonical path for matching; null if it is not one. Real paths of a disk may hold anything but NUL, so
 * only the form is asked for here.
 */
export function pathText(value: string): PathText | null {
  const plain = plainPath(value);
  if (plain !== "other") return plain;
  if (value.includes("\0")) return null;
  const normal = value.normalize("NFC");
  const segments = normal.slice(1).split("/");
  if (segments.some(isNoName)) return null;
  const folded = segments.map(fold);
  const joined = `/${folded.join("/")}`;
  return { value: normal, segments, folded, joined, ends: endsOf(joined), isAscii: false };
}

function endsOf(joined: string): readonly number[] {
  const ends: number[] = [];
  let hash = 0;
  for (let at = 0; at < joined.length; at++) {
    const code = joined.charCodeAt(at);
    if (code === SLASH && at > 0) ends.push(at, hash);
    hash = hashed(hash, code);
  }
  ends.push(joined.length, hash);
  return ends;
}

const isNoName = (segment: string): boolean => segment === "" || isDotted(segment);

/** The usual path, of printable ASCII: most answers need none of its names. */
class PlainPath implements PathText {
  readonly value: string;
  readonly joined: string;
  readonly ends: readonly number[];
  readonly isAscii = true;
  #segments: readonly string[] | null = null;
  #folded: readonly string[] | null = null;

  constructor(value: string, hasCapitals: boolean, ends: readonly number[]) {
    this.value = value;
    this.joined = value === "/" ? "" : hasCapitals ? value.toLowerCase() : value;
    this.ends = ends;
  }

  get segments(): readonly string[] {
    this.#segments ??= this.value === "/" ? [] : this.value.slice(1).split("/");
    return this.#segments;
  }

  get folded(): readonly string[] {
    this.#folded ??= this.joined === this.value ? this.segments : this.segments.map(fold);
    return this.#folded;
  }
}

/** A text of printable ASCII, read once, letter by letter: null if it is no canonical path; `other`: it is another text. */
function plainPath(value: string): PathText | null | "other" {
  if (value.charCodeAt(0) !== SLASH) return null;
  const end = value.length;
  const ends: number[] = [];
  let hasCapitals = false;
  let mayBeDotted = false;
  let hash = hashed(0, SLASH);
  let before = SLASH;
  for (let at = 1; at < end; at++) {
    const code = value.charCodeAt(at);
    let small = code;
    if (SPECIAL[code] !== 0) {
      if (code === SLASH) {
        if (before === SLASH) return null;
        ends.push(at, hash);
      } else if (code === DOT) mayBeDotted ||= before === SLASH;
      else if (code >= CAPITAL_A && code <= CAPITAL_Z) {
        hasCapitals = true;
        small = code | SMALL;
      } else return "other";
    }
    hash = hashed(hash, small);
    before = code;
  }
  if (end === 1) return new PlainPath(value, false, ends);
  if (before === SLASH || (mayBeDotted && value.split("/").some(isDotted))) return null;
  ends.push(end, hash);
  return new PlainPath(value, hasCapitals, ends);
}

const [DOT, SLASH] = [0x2e, 0x2f];
/** By code: all but the letters of printable ASCII that mean nothing but themselves. */
const SPECIAL = Uint8Array.from({ length: 128 }, (_, code) =>
  /[ -~]/.test(String.fromCharCode(code)) && !/[A-Z./]/.test(String.fromCharCode(code)) ? 0 : 1,
);

const isDotted = (segment: string): boolean => segment === "." || segment === "..";

function textProblem(typed: string): string | null {
  if (typed === "") return "is empty";
  // Three bytes a unit at most; longer than this is overlong whatever it holds, and is not worth reading.
  if (typed.length > MAX_PATH) return `is longer than ${MAX_PATH} bytes`;
  if (CONTROL.test(typed)) return "holds a control character";
  return hasLoneSurrogate(typed) ? "is not valid Unicode" : null;
}

/** Segments with `.`, `..` and empty ones worked in; `..` of `/` is `/`, as for the kernel. */
function walk(absolute: string): readonly string[] {
  const segments: string[] = [];
  for (const segment of absolute.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments;
}

const encoder = new TextEncoder();
const utf8Length = (text: string): number => encoder.encode(text).length;

function refuse(typed: string, problem: string): Result<never> {
  return fail({ code: "E_ARGUMENT", message: `the path \`${shown(typed)}\` ${problem}`, target: typed });
}
