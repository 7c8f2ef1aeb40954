/**
 * A call in one line of text, as people and models write it: `fs.write out/a.md bytes=10`, `net.http_get https://x/`,
 * `subprocess.exec git push -f`, `env.read HOME`. Strict, since a guess would answer another question than the one that
 * was asked: words are parted by spaces, a word with a space is quoted as a whole ("…" with \" and \\, or '…' as it is),
 * and there is nothing of a shell.
 */
import { isJsonObject, type JsonObject } from "./json.ts";
import { fail, ok, type Result } from "./result.ts";
import { CAPABILITIES, type Capability } from "./signatures.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import { readTool, type ToolCapability } from "./tool-name.ts";

/** The call as an object, for `requestOf`. */
export function readCall(text: string): Result<JsonObject> {
  const tool = readTool(text.trimStart().split(/[ \t]/, 1)[0] ?? "");
  if (tool !== undefined) return callOnTool(tool, text.trimStart().slice(tool.length));
  const read = wordsOf(text);
  if (!read.ok) return read;
  const [first, ...rest] = read.value;
  if (first === undefined) return bad("a call is a line such as `fs.read src/a.ts`");
  const on = CAPABILITIES.find((name) => name === first.text);
  if (on === undefined) {
    const meant = didYouMean(first.text, CAPABILITIES) ?? `there are: ${CAPABILITIES.join(", ")}`;
    return bad(`a call begins with its capability, and \`${shown(first.text)}\` is none; ${meant}`);
  }
  if (on !== "subprocess.exec") return callOnOne(on, rest);
  return rest.length === 0
    ? bad("`subprocess.exec` needs a command, as in `subprocess.exec git status`")
    : ok({ on, argv: rest.map((word) => word.text) });
}

/** `tool.payments.refund {"amount": 5}`: what a tool is given is one JSON object, which is no words. */
function callOnTool(on: ToolCapability, rest: string): Result<JsonObject> {
  if (rest.trim() === "") return ok({ on });
  try {
    const args: unknown = JSON.parse(rest);
    if (isJsonObject(args)) return ok({ on, args });
  } catch {
    // Told below.
  }
  return bad(`after \`${on}\` comes one JSON object, as in \`${on} {"amount": 5}\``);
}

interface Word {
  readonly text: string;
  /** A quoted word is never an option. */
  readonly isQuoted: boolean;
}

/** All but commands are about one thing, and maybe its size. */
function callOnOne(on: Capability, [subject, size, extra]: readonly Word[]): Result<JsonObject> {
  const member = on === "env.read" ? "name" : on.startsWith("fs.") ? "path" : "url";
  if (subject === undefined) return bad(`\`${on}\` needs a ${member}`);
  const named = { on, [member]: subject.text };
  if (size === undefined) return ok(named);
  const bytes = on === "env.read" || size.isQuoted ? null : /^bytes=(.*)$/s.exec(size.text);
  if (bytes === null || extra !== undefined) {
    const odd = bytes === null ? size.text : (extra?.text ?? "");
    const slip = on === "env.read" ? undefined : /^([a-z_]+)=/.exec(odd)?.[1];
    if (slip !== undefined && didYouMean(slip, ["bytes"]) !== null && slip !== "bytes")
      return bad(`\`${slip}\` is nothing that a line can say; did you mean \`bytes\`?`);
    return bad(`\`${on}\` takes one ${member}, and \`${shown(odd)}\` is more; a ${member} with spaces is quoted`);
  }
  const [, count = ""] = bytes;
  if (!/^\d{1,15}$/.test(count))
    return bad(`\`bytes\` must be a whole number, as in \`bytes=10\`, not \`${shown(count)}\``);
  return ok({ ...named, bytes: Number(count) });
}

/** One word and the spaces before it; quotes close before a space or the end. */
const WORD = /[ \t]*(?:"((?:[^"\\]|\\["\\])*)"|'([^']*)'|([^ \t"'\\]+))(?=[ \t]|$)/y;

function wordsOf(text: string): Result<readonly Word[]> {
  if (/[^\P{Cc}\t]/u.test(text)) return bad("a call is one line, without control characters");
  const words: Word[] = [];
  const line = withoutEnd(text);
  for (let at = 0; at < line.length; at = WORD.lastIndex) {
    WORD.lastIndex = at;
    const found = WORD.exec(line);
    if (found === null) return bad(unreadable(line.slice(at).trimStart()));
    const [, double, single, plain = ""] = found;
    const quoted = double?.replace(/\\(["\\])/g, "$1") ?? single;
    words.push({ text: quoted ?? plain, isQuoted: quoted !== undefined });
  }
  return ok(words);
}

/** Not by a pattern: one that looks for spaces at the end takes long where many are in the middle. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === " " || text[end - 1] === "\t") end -= 1;
  return text.slice(0, end);
}

function unreadable(rest: string): string {
  const [word = ""] = rest.split(/[ \t]/, 1);
  if (/^["']/.test(rest)) return `the quote that begins at \`${shown(word)}\` does not end as one word`;
  return `\`${shown(word)}\` has a quote or a backslash in it: put the whole word in quotes`;
}

const bad = (message: string): Result<never> => fail({ code: "E_ARGUMENT", message });
