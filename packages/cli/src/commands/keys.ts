/** `agent-run keys`: Ed25519 keys of approvers, in the user's configuration. The private half is never printed. */
import { type ApproverKey, isKeyName, keysIn, newKey, UnsafePlace } from "@agent-run/approvals";
import { keysDirectory } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { writeError, writeOut } from "../terminal.ts";

export function newKeyCommand(name: string, { json }: OutputOptions): number {
  if (!isKeyName(name))
    throw new CommandFailure("E_CONFIG", "a name has up to 64 letters, digits, `_` and `-`", {
      hint: "write it as it shall stand in policies: `agent-run keys new alice`",
    });
  const key = made(name);
  if (key === null)
    throw new CommandFailure("E_CONFIG", `there is a key \`${name}\` already, and it was left as it is`, {
      hint: `\`agent-run keys show ${name}\` prints it; a new one needs another name`,
    });
  if (json) writeJson(key);
  else {
    writeOut(`${lineOf(key)}\n`);
    writeError(`the private half is in ${printableLine(key.path)}; whoever has it answers as ${name}\n`);
  }
  return 0;
}

function made(name: string): ApproverKey | null {
  try {
    return newKey(keysDirectory(), name);
  } catch (error) {
    if (!(error instanceof Error) || (!(error instanceof UnsafePlace) && !("code" in error))) throw error;
    throw new CommandFailure("E_CONFIG", `the key can not be written: ${error.message}`);
  }
}

export function showKeyCommand(name: string, { json }: OutputOptions): number {
  const key = keysIn(keysDirectory()).find((one) => one.name === name);
  if (key === undefined)
    throw new CommandFailure("E_CONFIG", `there is no key \`${printableLine(name)}\``, {
      hint: "`agent-run keys list` lists them, `agent-run keys new NAME` makes one",
    });
  if (key.publicKey === null)
    throw new CommandFailure("E_CONFIG", `\`${key.path}\` can not be read as a key of yours alone`, {
      hint: "it must be an Ed25519 key in PEM, and nobody else may write it or its directory",
    });
  if (json) writeJson(key);
  else writeOut(`${lineOf(key)}\n`);
  return 0;
}

export function listKeysCommand({ json }: OutputOptions): number {
  const keys = keysIn(keysDirectory());
  if (json) writeJson({ keys });
  else if (keys.length === 0) writeOut("no keys; `agent-run keys new NAME` makes one\n");
  else for (const key of keys) writeOut(`${lineOf(key)}\n`);
  return 0;
}

/** As it stands in `[approvals.approvers]`. */
const lineOf = ({ name, publicKey, path }: ApproverKey): string =>
  publicKey === null ? `# ${name}: ${printableLine(path)} can not be read` : `${name} = "${publicKey}"`;
