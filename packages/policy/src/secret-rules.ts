/**
 * What `[[secret]]` and `[[secret.use]]` grant, as rules: reading the secret's name (a handle), and exactly its requests
 * and commands; no other section needs to name them. And what they close: the file that a secret comes from.
 */
import { basename, dirname, join } from "node:path/posix";
import type { Opening } from "./builtin.ts";
import type { Tables } from "./declarations.ts";
import type { SecretData, SecretUse } from "./local-only-data.ts";
import type { ProtectedPath, RuleData, RuleMatch } from "./policy-data.ts";
import { type Capability, METHOD_CAPABILITY } from "./signatures.ts";
import { fold } from "./spelling.ts";
import type { PolicyWorld } from "./world.ts";

export const secretRules = ({ secrets }: Tables): readonly RuleData[] =>
  secrets.flatMap(({ data }) => [...readRules(data), ...data.uses.map((use, index) => useRule(data, use, index))]);

/** By its name, and by its variable where that holds the secret and nothing else. */
export const namesOf = ({ name, source }: Pick<SecretData, "name" | "source">): readonly string[] =>
  source.kind === "env" && source.field === null && source.name !== name ? [source.name, name] : [name];

/** A variable that holds the secret among other things is not read at all: as a whole it is no handle of this secret. */
function readRules({ name, source, ref }: SecretData): readonly RuleData[] {
  const match = (patterns: readonly string[]) => ({ kind: "variable", patterns }) as const;
  const read = {
    ref,
    effect: "allow",
    on: ["env.read"],
    match: match(namesOf({ name, source })),
    sealed: true,
  } as const;
  if (source.kind !== "env" || source.field === null || fold(source.name) === fold(name)) return [read];
  return [read, { ref, effect: "deny", on: ["env.read"], match: match([source.name]) }];
}

function useRule({ name }: SecretData, use: SecretUse, index: number): RuleData {
  const [on, match] = placeOf(use);
  return { ref: use.ref, effect: "allow", on, match, use: { secret: name, index } };
}

function placeOf(use: SecretUse): readonly [readonly Capability[], RuleMatch] {
  if (use.kind === "command") return [["subprocess.exec"], { kind: "command", name: use.argv[0] ?? "" }];
  const on = use.methods.flatMap((method) => METHOD_CAPABILITY[method] ?? []);
  return [[...new Set(on)], { kind: "host", patterns: use.hosts }];
}

/** Built-in denials of variables that look like secrets do not stand in the way of a declared one, which stays sealed. */
export const secretOpenings = ({ secrets }: Tables): readonly Opening[] =>
  secrets.map(({ data, table }) => ({
    on: "env.read",
    values: namesOf(data),
    text: data.name,
    place: `${data.ref.id} in ${table.source.file}:${table.at.line}`,
    sealed: "untold",
  }));

/** Every name of the files that secrets come from: as written, and in the real directory. */
export function secretFiles({ secrets }: Tables, world: PolicyWorld): readonly ProtectedPath[] {
  const paths = secrets
    .flatMap(({ files }) => files)
    .flatMap((path) => {
      const directory = world.realPath(dirname(path));
      return directory === null ? [path] : [path, join(directory, basename(path))];
    });
  return [...new Set(paths)].map((path) => ({ path, access: "all", what: "secret" }));
}

/** Commands that secrets name, which are looked up as the allowed ones are. */
export const secretCommands = ({ secrets }: Tables): readonly string[] =>
  secrets.flatMap(({ data }) => {
    const source = data.source.kind === "command" ? data.source.argv.slice(0, 1) : [];
    return [...source, ...data.uses.flatMap((use) => (use.kind === "command" ? use.argv.slice(0, 1) : []))];
  });
