/** `*.ts` as a word: the names it stands for now. The directories that are looked through are looked at by rule, too. */
import type { Reading } from "./reading.ts";
import type { State } from "./state.ts";

/** `text` as it is, or a wildcard that is active. */
export interface GlobPiece {
  readonly text: string;
  readonly isActive: boolean;
}

const MAX_MATCHES = 1000;

/** The words, in the order of the names; the pattern itself where nothing matches, as bash has it. Null: refused. */
export function filesFor(pieces: readonly GlobPiece[], state: State, reading: Reading): readonly string[] | null {
  const typed = pieces.map(({ text }) => text).join("");
  const no = (reason: string, hint: string) => {
    reading.refuse(typed, reason, hint);
    return null;
  };
  const segments = segmentsOf(pieces);
  if (segments === null) return no("such a pattern is not read here", "write the names, or a pattern of `*` and `?`");
  if (segments.some(({ test }) => test !== null && (test.test("..") || test.test("."))))
    return no("some shells find `..` by it", "write a letter behind the dot");
  // It is a letter of the set to some.
  if (state.isPosix && pieces.some(({ text, isActive }) => isActive && text.startsWith("[^")))
    return no("`sh` reads it differently", "write `[!...]`");
  const [cwd] = state.cwds;
  if (cwd === undefined || state.cwds.length > 1) return no("it is not known where it is matched", "`cd DIR && ...`");
  if (pieces[0]?.isActive === true && state.mayHaveWritten)
    return no("a command before it may have made files whose names are options", `write \`./${typed}\``);
  const found = matches(segments, cwd, reading);
  if (found === null) return no(`it stands for more than ${MAX_MATCHES} files`, "narrow it");
  if (found.some((name) => name.startsWith("-"))) return no("a file's name is an option", `write \`./${typed}\``);
  return found.length === 0 ? [typed] : found;
}

interface Segment {
  readonly text: string;
  /** Null: no wildcard in it. */
  readonly test: RegExp | null;
}

function segmentsOf(pieces: readonly GlobPiece[]): readonly Segment[] | null {
  const segments: { text: string; source: string; isActive: boolean }[] = [{ text: "", source: "", isActive: false }];
  for (const { text, isActive } of pieces) {
    const source = isActive ? wildcard(text) : null;
    if (isActive && source === null) return null;
    for (const [at, part] of (isActive ? [text] : text.split("/")).entries()) {
      if (at > 0) segments.push({ text: "", source: "", isActive: false });
      const last = segments[segments.length - 1];
      if (last === undefined) return null;
      last.text += part;
      last.source += source ?? part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
      last.isActive ||= isActive;
    }
  }
  return segments.map(({ text, source, isActive }) => {
    const hidden = text.startsWith(".") ? "" : "(?!\\.)";
    return { text, test: isActive ? new RegExp(`^${hidden}${source}$`, "su") : null };
  });
}

/** Ranges of brackets depend on the locale, so they are not read. */
function wildcard(text: string): string | null {
  if (text === "*") return "[^/]*";
  if (text === "?") return "[^/]";
  const set = /^\[([!^]?)([A-Za-z0-9_.]+)\]$/.exec(text);
  return set === null ? null : `[${set[1] === "" ? "" : "^"}${set[2]}]`;
}

function matches(segments: readonly Segment[], cwd: string, reading: Reading): readonly string[] | null {
  let found: readonly string[] = [""];
  for (const [at, { text, test }] of segments.entries()) {
    const isLast = at === segments.length - 1;
    const next: string[] = [];
    for (const before of found) {
      const names = test === null ? [text] : namesIn(placeOf(before, cwd), test, !isLast, reading);
      for (const name of names) next.push(isLast ? `${before}${name}` : `${before}${name}/`);
      if (next.length > MAX_MATCHES) return null;
    }
    found = next;
  }
  const there = found.filter((path) => reading.world.isThere(placeOf(path, cwd)));
  for (const path of there) reading.add({ kind: "read", path: placeOf(path, cwd) });
  return there.sort();
}

const placeOf = (path: string, cwd: string): string => (path.startsWith("/") ? path : `${cwd}/${path}`);

function namesIn(directory: string, test: RegExp, wantsDirectory: boolean, reading: Reading): readonly string[] {
  reading.add({ kind: "list", path: directory });
  const entries = reading.world.entriesIn(directory) ?? [];
  const isFit = ({ kind }: { readonly kind: string }) => !wantsDirectory || kind === "directory" || kind === "link";
  return entries.filter((entry) => isFit(entry) && test.test(entry.name)).map(({ name }) => name);
}
