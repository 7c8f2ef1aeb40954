/** For tests only: whole policies in the dialect of Aegis and Denyx, built as their templates and examples are. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PLACE = fileURLToPath(new URL("dialect", import.meta.url));

export const DIALECT_POLICIES: ReadonlyMap<string, string> = new Map(
  readdirSync(PLACE).map((name) => [name.replace(/\.toml$/, ""), readFileSync(join(PLACE, name), "utf8")]),
);
