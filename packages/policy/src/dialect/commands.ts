/**
 * Commands and their arguments in the dialect. There an entry with `/` was one spelling in grants and any file of that
 * name in denials; arguments were looked for as texts in the arguments joined by spaces.
 */
import { readCommandName } from "../entry.ts";
import type { Place } from "../problem.ts";
import type { Node } from "../toml.ts";
import { type Carrying, quoted } from "./carrying.ts";
import { type Carried, carryList, changed, kept, left } from "./list.ts";

export function grantedCommand(text: string): Carried {
  const name = readCommandName(text);
  return name.ok ? kept(text) : left(`${quoted(text)} named no command there: ${name.message}`, name.hint);
}

export function deniedCommand(text: string): Carried {
  const name = readCommandName(text);
  if (!name.ok) return left(`${quoted(text)} named no command there: ${name.message}`, name.hint);
  const base = text.slice(text.lastIndexOf("/") + 1);
  return base === text ? kept(text) : changed([text, base], `${quoted(base)} is denied by its name, too`);
}

export function carryArguments(effect: "deny" | "ask") {
  return (into: Carrying, path: readonly string[], at: Place, node: Node): void => {
    const [, , name = ""] = path;
    const key = effect === "deny" ? "deny_args" : "ask_args";
    carryList(into, ["subprocess", key, name], at, node, (text) =>
      text.trim() === "" ? left("the arguments are empty", "name them, such as `push --force`") : kept(text),
    );
  };
}
