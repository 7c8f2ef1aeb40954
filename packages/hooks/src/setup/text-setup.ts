/** A file that is all ours, which a first line says. */
import { type FileSetup, SetupRefusal } from "./host.ts";

export function textSetup(path: string, holds: string, text: string): FileSetup {
  const [firstLine = ""] = text.split("\n");
  const has = (there: string) => there.startsWith(`${firstLine}\n`);
  return {
    path,
    holds,
    has,
    add(original) {
      if (original !== null && !has(original)) throw new SetupRefusal("it is there and is none of ours");
      return { text, notes: [] };
    },
    remove: (there) => (has(there) ? null : there),
  };
}
