/**
 * Commands and their arguments in the dialect. There an entry with `/` was one spelling in grants and any file of that
 * name in denials; arguments were looked for as texts in the arguments joined by spaces.
 */
import { readCommandName } from "../entry.ts";
import type { Place } from "../problem.ts";
import type { Node } from "../toml.ts";
import { type Carrying, quoted, textNode, textsNode, whenNode } from "./carrying.ts";
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

/** Twice: as words and flags in any order and spelling, and as the text that it was there. */
export function carryArguments(effect: "deny" | "ask") {
  return (into: Carrying, path: readonly string[], at: Place, node: Node): void => {
    const [, , name = ""] = path;
    const key = effect === "deny" ? "deny_args" : "ask_args";
    const items = node.kind === "array" ? node.items : [];
    carryList(into, ["subprocess", key, name], at, node, (text, place) => {
      if (text.trim() === "") return left("the arguments are empty", "name them, such as `push --force`");
      // A question about a command opens it, so there is one only where it is granted anyway.
      if (effect === "deny" || into.about.commands.has(name)) {
        into.addRule(place, `${effect}-${name}`, {
          effect: textNode(at, effect),
          on: textsNode(at, "subprocess.exec"),
          command: textsNode(at, name),
          when: whenNode(at, "command_line", "contains", textNode(at, text)),
        });
      }
      return kept(text);
    });
    const [first] = items;
    if (first !== undefined) into.noteOnce("arguments", first.at, IN_ANY_SPELLING);
  };
}

const IN_ANY_SPELLING = {
  message: "arguments are found in any order and spelling here, and besides as the text that was looked for there",
};
