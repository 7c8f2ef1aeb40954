import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Policy } from "@agent-run/policy";
import { wholeDeclarations } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { selectPolicy, showOrigin } from "../select-policy.ts";
import { writeOut } from "../terminal.ts";

/** Declarations of what a policy grants to scripts, on standard output or into a file. */
export function typesCommand(options: PolicyOptions & OutputOptions & { readonly out?: string }): number {
  const selected = selectPolicy(options);
  const { data } = selected;
  if (!options.quiet) showOrigin(selected);
  const text = `// What the policy ${JSON.stringify(data.name ?? options.policy ?? "agent-run.toml")} grants to scripts. Made by \`agent-run types\`.\n${wholeDeclarations(Policy.revive(data))}`;
  if (options.out !== undefined) writeText(options.out, text);
  if (options.json) writeJson({ ok: true, exitCode: 0, ...(options.out === undefined ? { declarations: text } : {}) });
  else if (options.out === undefined) writeOut(text);
  return 0;
}

function writeText(file: string, text: string): void {
  try {
    writeFileSync(resolve(file), text);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new CommandFailure("E_CONFIG", `\`${printableLine(file)}\` cannot be written (${code})`, {
      hint: "name a file in a directory that can be written",
    });
  }
}
