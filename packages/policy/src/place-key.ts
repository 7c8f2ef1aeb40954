/**
 * What a text is sure to have that a pattern matches, read from the pattern alone, so that patterns that are never near a
 * call are never compiled. Found too often is slow; missed would be a hole: what nothing sure can be said about is
 * asked every time.
 */
import { tokenize } from "./glob.ts";
import { fold } from "./spelling.ts";

/** Of one name: it is this text, or begins or ends with it, or holds it. */
export interface Sure {
  readonly kind: "whole" | "start" | "end" | "inside";
  readonly text: string;
}

/** Of a path: it is, or lies below, `under` (`""`: anywhere), and one of the names after that has `further`. Folded. */
export interface PathKey {
  readonly under: string;
  readonly further: Sure | null;
}

/** Throws on what no loader writes: a pattern that can never match must not pass for a rule. */
export function pathKey(pattern: string): PathKey {
  const segments = pattern.replace(/\/$/, "").split("/").slice(1);
  if (!pattern.startsWith("/") || segments.some((segment) => segment === "." || segment === "..")) {
    throw new TypeError("a path pattern of a rule is not rooted");
  }
  const found = segments.findIndex(isWild);
  const wild = found === -1 ? segments.length : found;
  let under = "";
  for (let at = 0; at < wild; at++) under += `/${fold(literal(segments[at] ?? ""))}`;
  const others = segments.slice(wild).filter((segment) => segment !== "**");
  const whole = others.find((segment) => !isWild(segment));
  if (whole !== undefined) return { under, further: { kind: "whole", text: fold(literal(whole)) } };
  return { under, further: others.map(sureOfSegment).find((sure) => sure !== null) ?? null };
}

function sureOfSegment(segment: string): Sure | null {
  const sure = sureOf(segment);
  return sure === null ? null : { ...sure, text: fold(sure.text) };
}

/** Of plain ASCII only: among other letters, folding may join a letter and the mark behind it. Null: nothing. */
export function sureOf(name: string): Sure | null {
  if (!ASCII.test(name)) return null;
  const tokens = /[[\\]/.test(name) ? tokenize(name) : null;
  const isText = (at: number) => (tokens === null ? !/[*?]/.test(name[at] ?? "*") : typeof tokens[at] === "string");
  const text = (from: number, to: number) => (tokens === null ? name.slice(from, to) : tokens.slice(from, to).join(""));
  const length = tokens === null ? name.length : tokens.length;
  let head = 0;
  while (head < length && isText(head)) head++;
  if (head === length) return { kind: "whole", text: text(0, length) };
  let tail = length;
  while (isText(tail - 1)) tail--;
  if (head > 0 && head >= length - tail) return { kind: "start", text: text(0, head) };
  if (tail < length) return { kind: "end", text: text(tail, length) };
  let middle = head + 1;
  while (middle < length && isText(middle)) middle++;
  return middle > head + 1 ? { kind: "inside", text: text(head + 1, middle) } : null;
}

const ASCII = /^[\x20-\x7e]*$/;

/** As the matcher takes it: a lone `[` is none. */
function isWild(segment: string): boolean {
  if (!/[*?[]/.test(segment)) return false;
  return !/[[\\]/.test(segment) || tokenize(segment).some((token) => typeof token !== "string");
}

const literal = (segment: string): string =>
  (segment.includes("\\") ? segment.replace(/\\(.)/gsu, "$1") : segment).normalize("NFC");
