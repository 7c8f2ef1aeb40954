/** What `init` looks at in a directory: names of files, nothing in them. */
import { join } from "node:path";
import { namesIn } from "../terminal.ts";
import { isNamed, type Language } from "./language.ts";

/** Directories beyond these are left to the operator. */
const MAX_DIRECTORIES = 20;

/** Directories that presets name, or that hold no sources of the project. */
const NAMED: ReadonlySet<string> = new Set(
  "src test tests docs doc examples scripts build dist target out bin obj node_modules vendor venv env".split(" "),
);

/** Patterns for directories that lie at the root and hold sources, such as a Python package. */
export function sourceDirectories(
  directory: string,
  names: readonly string[],
  languages: readonly Language[],
): string[] {
  const patterns = names.filter(isPlain).flatMap((name) => {
    const inside = namesIn(join(directory, name));
    const holding = languages.flatMap(({ sources }) =>
      sources !== null && inside.some((file) => sources.files.some((pattern) => isNamed(pattern, file)))
        ? [sources]
        : [],
    );
    return holding.map(({ below }) => `${name}/${below}`);
  });
  return [...new Set(patterns)].slice(0, MAX_DIRECTORIES);
}

/** No hidden ones, and no name that would mean something else in a pattern. */
const isPlain = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) && !NAMED.has(name);
