/** `$(...)`: its commands are read like all others; what they print is known only for the plainest. */
import type { CommandExpansionPart, ParsedScript } from "unbash";
import type { Reading } from "./reading.ts";
import type { State } from "./state.ts";
import { SOME_TEXT, type Value } from "./value.ts";

export function substituted(part: CommandExpansionPart, state: State, reading: Reading): Value {
  const { script } = part;
  if (script === undefined) {
    reading.refuse(part.text, "the shell grammar cannot read it", "write the command by itself");
    return SOME_TEXT;
  }
  const message = heredocOf(script);
  if (message !== null) {
    reading.add({ kind: "builtin", argv: ["cat"] });
    return message.replace(/\n+$/, "");
  }
  reading.inside(script, state);
  return isPwd(script) && state.cwds.length === 1 ? (state.cwds[0] ?? SOME_TEXT) : SOME_TEXT;
}

const only = ({ commands }: ParsedScript) => {
  const [statement] = commands;
  const isPlain = commands.length === 1 && statement?.background === undefined;
  return isPlain && statement?.command.type === "Command" ? statement.command : null;
};

/** `cat <<'EOF' ...`, as commit messages are written: its output is the text, if nothing in it is expanded. */
function heredocOf(script: ParsedScript): string | null {
  const command = only(script);
  const [redirect, ...others] = command?.redirects ?? [];
  if (command?.name?.text !== "cat" || command.args.length > 0 || command.prefix.length > 0) return null;
  if (others.length > 0 || redirect?.type !== "HereDoc" || redirect.operator !== "<<") return null;
  if (redirect.descriptor !== undefined || redirect.delimiter?.quoted !== true || redirect.closing === undefined)
    return null;
  return redirect.body.text;
}

function isPwd(script: ParsedScript): boolean {
  const command = only(script);
  const words = [...(command?.suffix ?? []), ...(command?.prefix ?? [])];
  return command?.name?.text === "pwd" && words.length === 0;
}
