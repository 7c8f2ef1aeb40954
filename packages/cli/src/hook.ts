/** The command `hook` behind its entry, without the parser of all other commands: it reads its few words by itself. */
import { parseArgs } from "node:util";
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
    if (host === undefined || others.length > 0) return "`agent-run hook` takes one host";
    return { host, options: { ...values } };
  } catch (error) {
    return `\`agent-run hook\` was not understood: ${error instanceof Error ? error.message : "bad words"}`;
  }
}
