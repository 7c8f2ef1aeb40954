/**
 * Policies of other tools as a policy of ours. The rule: never wider. What the result allows, the source allowed; what
 * the source denied, the result denies; and each line that could not be carried over is a comment with its reason. The
 * result always loads. Pure; the caller reads and writes files.
 */

import { formatPolicy } from "../format/format.ts";
import { readAgsec } from "./agsec.ts";
import { readClaudeCode } from "./claude-code.ts";
import { readCodex } from "./codex.ts";
import type { Item } from "./draft.ts";
import { settle } from "./settle.ts";
import { readSiphrix } from "./siphrix.ts";
import { child, Malformed } from "./tree.ts";
import { readYaml } from "./yaml-tree.ts";

export const IMPORT_FORMATS = ["agsec", "siphrix", "claude-code", "codex"] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export interface ImportOptions {
  /** Guessed from the text where it is not given. */
  readonly format?: ImportFormat | undefined;
  /** As the file was named, for the comment at the top. */
  readonly file: string;
  /** What a leading `/` in Claude Code's patterns stands for: empty for the project, `~/.claude` for the user's settings. */
  readonly base?: string;
}

export interface Imported {
  readonly ok: true;
  readonly format: ImportFormat;
  readonly guessed: boolean;
  /** A policy that loads. */
  readonly text: string;
  readonly rules: number;
  /** In the order of the file. */
  readonly left: readonly { readonly line: number; readonly text: string; readonly why: string }[];
  readonly changed: readonly { readonly line: number; readonly text: string; readonly why: string }[];
}

export interface NotImported {
  readonly ok: false;
  readonly problem: {
    readonly line: number;
    readonly column: number;
    readonly message: string;
    readonly hint?: string;
  };
}

/** Characters of a file; people review less. */
const MOST_TEXT = 1024 * 1024;

export function importPolicy(text: string, options: ImportOptions): Imported | NotImported {
  try {
    if (text.length > MOST_TEXT) throw new Malformed({ line: 1, column: 1 }, "the file is larger than 1 MiB");
    const format = options.format ?? guessFormat(text);
    if (format === null) {
      throw new Malformed({ line: 1, column: 1 }, "this is no policy of a tool that is known here", hintFor(text));
    }
    return imported(format, text, options);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const { at, message, hint } = error;
    return { ok: false, problem: { ...at, message, ...(hint === undefined ? {} : { hint }) } };
  }
}

function imported(format: ImportFormat, text: string, { format: given, file, base = "" }: ImportOptions): Imported {
  const head = [`From ${file} (${format}). Read it before it is trusted: what could not be carried over is a comment.`];
  const { text: draft, items } = settle(head, READERS[format](text, base));
  const formatted = formatPolicy(draft, file);
  const say = (item: Item, why: string) => ({ line: item.from.at.line, text: item.from.text, why });
  return {
    ok: true,
    format,
    guessed: given === undefined,
    text: formatted.ok ? formatted.text : draft,
    rules: items.filter(({ kind }) => kind === "rule").length,
    left: items.flatMap((item) => (item.kind === "remark" ? [say(item, item.why)] : [])),
    changed: items.flatMap((item) =>
      item.kind === "rule" && item.differs !== undefined ? [say(item, item.differs)] : [],
    ),
  };
}

const READERS: Readonly<Record<ImportFormat, (text: string, base: string) => readonly Item[]>> = {
  agsec: (text) => {
    const tree = readYaml(text);
    if (child(tree, "statements") === null && child(tree, "rules") === null) {
      throw new Malformed(tree.at, "a policy of agsec has `statements`");
    }
    return readAgsec(tree);
  },
  siphrix: (text) => readSiphrix(readYaml(text)),
  "claude-code": readClaudeCode,
  codex: readCodex,
};

function guessFormat(text: string): ImportFormat | null {
  if (/^\s*(?:prefix_rule|network_rule|host_executable)\s*\(/m.test(text)) return "codex";
  if (firstCharacter(text) === "{") return /"permissions"/.test(text) ? "claude-code" : null;
  if (/^statements\s*:/m.test(text)) return "agsec";
  if (!/^rules\s*:/m.test(text)) return null;
  return /^\s+(?:- )?match\s*:/m.test(text) ? "siphrix" : /^\s+(?:- )?status\s*:/m.test(text) ? "agsec" : null;
}

const hintFor = (text: string): string =>
  /^\s*(?:\[[a-z]|(?:version|inherits)\s*=)/m.test(text)
    ? "a policy in TOML loads as it is, those of Aegis and Denyx, too; `agent-run policy migrate` rewrites those"
    : `say with \`--from\` which it is: ${IMPORT_FORMATS.join(", ")}`;

/** Behind comments. */
function firstCharacter(text: string): string {
  const space = /(?:\s|\/\/[^\n]*\n|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)*/y;
  const plain = text.replace(/^\uFEFF/, "");
  return plain[space.exec(plain)?.[0].length ?? 0] ?? "";
}
