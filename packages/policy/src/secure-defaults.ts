/**
 * The preset `secure-defaults` without parsing: its text is generated from the built-in denials, so a preset with that
 * very text needs no reading. That saves a third of a cold load. A preset of this name with another text (of an
 * embedder) is read like any other.
 */
import { type DenyGroup, OPENABLE_PATHS, OPENABLE_VARIABLES } from "./builtin-denies.ts";
import { NO_TABLES } from "./declarations.ts";
import type { KeyPath } from "./keys.ts";
import type { Layer, LayerEntry } from "./merge.ts";
import type { Source } from "./problem.ts";

export const SECURE_DEFAULTS = "preset:secure-defaults";

const HEAD = `# What no policy should grant: credentials, secrets, the system's own files, variables that hold keys.
# Denies only; it grants nothing and asks for nothing. The same denials are built in and hold even where this preset is
# not inherited; inheriting it says so in the policy. One file or variable of it is opened by naming it exactly, without
# wildcards, in an allow list of the main policy (\`read_allow = [".env"]\`); a banner then says so at every run.
# \`**/x\` is an \`x\` anywhere on the machine, and everything below it.
version = 1
name = "secure-defaults"`;

/** The content of presets/secure-defaults.toml. */
export function secureDefaultsText(): string {
  return `${lines().join("\n")}\n`;
}

/** What reading the preset would give; its denials hold as built-in rules, so its entries match nothing themselves. */
export function secureDefaultsLayer(source: Source): Layer | null {
  if (source.file !== SECURE_DEFAULTS || source.text !== secureDefaultsText()) return null;
  const written = lines();
  const next = new Map<KeyPath, number>();
  const entries = listed().map(({ key, text }): LayerEntry => {
    const index = next.get(key) ?? 0;
    next.set(key, index + 1);
    const at = { line: written.indexOf(quoted(text)) + 1, column: 3 };
    return { key, name: null, index, text, at, source, meaning: NO_RULE };
  });
  const name = { key: "name", name: null, value: "secure-defaults", at: { line: 7, column: 8 }, source } as const;
  return { entries, scalars: new Map([["name", name]]), banners: [], tables: NO_TABLES };
}

const NO_RULE = { ok: true, match: null, on: [], values: [], exact: [] } as const;

const listed = (): readonly { key: KeyPath; text: string }[] => [
  ...OPENABLE_PATHS.flatMap((group) => group.entries.map((text) => ({ key: "filesystem.deny", text }) as const)),
  ...OPENABLE_VARIABLES.entries.map((text) => ({ key: "environment.deny_vars", text }) as const),
];

const quoted = (text: string): string => `  "${text}",`;

function lines(): readonly string[] {
  const groupLines = (group: DenyGroup) => [`  # ${group.says}`, ...group.entries.map(quoted)];
  const paths = OPENABLE_PATHS.flatMap((group, at) => [...(at === 0 ? [] : [""]), ...groupLines(group)]);
  const { says, entries } = OPENABLE_VARIABLES;
  return [
    ...HEAD.split("\n"),
    ...["", "[filesystem]", "deny = [", ...paths, "]"],
    ...["", "[environment]", `# ${says}`, "deny_vars = [", ...entries.map(quoted), "]"],
  ];
}
