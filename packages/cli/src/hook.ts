/** The command `hook` behind its entry, without the parser of all other commands: it reads its few words by itself. */
import { parseArgs } from "node:util";
import { HOSTS } from "@agent-run/hooks";
import { nearest } from "@agent-run/policy";
import { badUse, hookCommand } from "./hook-command.ts";

/** `argv`: what stands behind `hook`. Gives the exit code. */
export async function hookLine(argv: readonly string[]): Promise<number> {
  const read = readWords(argv);
  return typeof read === "string" ? badUse(argv[0], read) : hookCommand(read.host, read.options);
}

const OPTIONS = {
  policy: { type: "string" },
  root: { type: "string" },
  ceiling: { type: "string", multiple: true },
} as const;

function readWords(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    const [host, ...others] = positionals;
    if (host === undefined || others.length > 0) return `\`agent-run hook\` takes one host: ${HOSTS.join(", ")}`;
    return { host, options: { ...values } };
  } catch (error) {
    return `\`agent-run hook\` was not understood: ${problemOf(error)}`;
  }
}

/** Node's first sentence, without its advice for files whose name begins with `-`. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return "bad words";
  const [said = ""] = error.message.split(". ");
  const [, word] = /^Unknown option '--?([^']+)'/.exec(said) ?? [];
  const meant = word === undefined ? null : nearest(word, Object.keys(OPTIONS));
  const known = Object.keys(OPTIONS).map((name) => `--${name}`);
  return meant === null ? `${said}; it takes ${known.join(", ")}` : `${said}; did you mean \`--${meant}\`?`;
}
