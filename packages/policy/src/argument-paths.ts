/**
 * The words of a command line that may name files, for the argument path gate: `cat /etc/passwd` must not read what
 * `fs.read` may not. Lexical: here is decided which texts are candidates; whether an uncertain one names something
 * that exists is asked later, on the disk. Too many candidates cost a look, a missing one is a hole.
 */
export interface ArgumentPath {
  readonly text: string;
  /** Looks like a path (`/x`, `~`, `a/b`): judged as one whether it exists or not. Else only if it exists. */
  readonly certain: boolean;
}

/** Candidates in `argv` (its name first, which is not one), each text once. */
export function argumentPaths(argv: readonly string[]): readonly ArgumentPath[] {
  const found = new Map<string, boolean>();
  let optionsEnded = false;
  for (const text of argv.slice(1)) {
    const candidates = optionsEnded ? wordPaths(text) : argumentTexts(text);
    if (text === "--") optionsEnded = true;
    else for (const one of candidates) found.set(one, isPathLike(one));
  }
  return [...found].map(([text, certain]) => ({ text, certain }));
}

const isPathLike = (text: string): boolean => text.includes("/") || text.startsWith("~") || text === "..";

function argumentTexts(text: string): readonly string[] {
  if (!text.startsWith("-") || text === "-") return wordPaths(text);
  const value = text.indexOf("=");
  const valuePaths = value === -1 ? [] : wordPaths(text.slice(value + 1));
  if (text.startsWith("--")) return valuePaths;
  // `-fX`, `-xfX`: which letter takes the rest is not known, so each may; a path mark ends the letters in any case.
  const marked = /^-[A-Za-z0-9]*?([/~.@].*)$/s.exec(text)?.[1] ?? "";
  const glued = [2, 3, 4].map((length) => text.slice(length));
  return [...valuePaths, ...[marked, ...glued].flatMap(wordPaths)];
}

/**
 * A word and the parts of it in which programs look for files: `if=X`, `@X`, `name@X`, `name=@"X"`, `host:/X`, `a,b/X`,
 * `HEAD:b/X`, `file:///X`.
 */
function wordPaths(word: string): readonly string[] {
  if (word === "" || word === "-") return [];
  if (/^file:\/\//i.test(word)) return [word, filePath(word)];
  if (REMOTE.test(word)) return [word];
  const parts = [word];
  const equals = word.indexOf("=");
  if (equals !== -1) parts.push(word.slice(equals + 1));
  for (const part of [...parts]) if (/^[@<+:]./.test(part)) parts.push(part.slice(1));
  for (const part of word.split(/[,:;=]/)) if (/^~|\//.test(part)) parts.push(part.replace(/^@/, ""));
  // `HEAD:X` and `:X` of git, which have no mark of a path.
  const behindColon = /^[^:/]*:(?:\d:)?([^:/]+)$/s.exec(word)?.[1];
  if (behindColon !== undefined) parts.push(behindColon);
  // `name@X` and `name=@"X"` of curl.
  for (const [, part = ""] of word.matchAll(/[@<]["']?([^,;"'@<]+)/g)) parts.push(part);
  return parts.filter((part) => part !== "" && part !== "-");
}

/** URLs in which `:` and `/` are not about files of this machine. */
const REMOTE = /^(?:https?|wss?|ftps?|sftp|ssh|git|git\+(?:https?|ssh)):\/\//i;

/** `file://host/X` names `/X`; a percent-encoded name is a name, too. */
function filePath(url: string): string {
  const path = url.replace(/^file:\/\/[^/]*/i, "").replace(/[?#].*$/s, "") || "/";
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
