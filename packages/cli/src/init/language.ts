/**
 * The languages of `init --lang`: what people call them, the preset that each stands for, and by which files of a directory
 * they are found.
 */
import { nearest } from "@agent-run/policy";
import { CommandFailure } from "../exit.ts";

export interface Language {
  /** Also the name of its preset, but for `generic`, which has none. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** File names, or endings such as `*.csproj`. */
  readonly files: readonly string[];
  /** By which files a directory of the root is one with sources, and what of it is written. */
  readonly sources: { readonly files: readonly string[]; readonly below: string } | null;
  /** Where the toolchain keeps libraries in the home: examples for the policy, and the variables that name the places. */
  readonly homes: readonly string[];
}

export const GENERIC = "generic";

export const LANGUAGES: readonly Language[] = [
  {
    name: "python",
    aliases: ["py"],
    files: ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "tox.ini"],
    sources: { files: ["__init__.py"], below: "**" },
    homes: ["~/.pyenv/**", "~/.local/share/uv/**"],
  },
  {
    name: "node",
    aliases: ["js", "ts", "javascript", "typescript"],
    files: ["package.json", "tsconfig.json"],
    sources: null,
    homes: ["~/.nvm/versions/**", "~/.bun/bin/**"],
  },
  {
    name: "ruby",
    aliases: ["rb"],
    files: ["Gemfile", "gems.rb", "*.gemspec"],
    sources: null,
    homes: ["~/.rbenv/versions/**", "~/.local/share/gem/**"],
  },
  {
    name: "rust",
    aliases: ["rs", "cargo"],
    files: ["Cargo.toml"],
    sources: { files: ["Cargo.toml"], below: "**" },
    homes: ["~/.rustup/**", "~/.cargo/registry/**", "~/.cargo/git/**"],
  },
  {
    name: "go",
    aliases: ["golang"],
    files: ["go.mod", "go.work"],
    sources: { files: ["*.go"], below: "**" },
    homes: ["~/go/pkg/mod/**"],
  },
  {
    name: "java",
    aliases: ["kotlin", "kt", "jvm"],
    files: ["pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"],
    sources: { files: ["pom.xml", "build.gradle", "build.gradle.kts"], below: "src/**" },
    homes: ["~/.m2/repository/**", "~/.gradle/caches/**"],
  },
  {
    name: "dotnet",
    aliases: ["csharp", "c#", "cs", "fsharp", "f#"],
    files: ["*.csproj", "*.fsproj", "*.vbproj", "*.sln", "*.slnx", "global.json"],
    sources: { files: ["*.csproj", "*.fsproj", "*.vbproj"], below: "**" },
    homes: ["~/.nuget/packages/**"],
  },
  { name: GENERIC, aliases: [], files: [], sources: null, homes: [] },
];

/** The languages that `--lang` names, one or several with commas; E_CONFIG for a name that is none. */
export function languagesNamed(text: string): readonly Language[] {
  const found = text.split(",").map((part) => languageNamed(part.trim().toLowerCase()));
  const [first, ...others] = [...new Set(found)];
  if (first !== undefined && others.length === 0) return [first];
  // With a toolchain the generic policy has nothing to add.
  return [...new Set(found)].filter(({ name }) => name !== GENERIC);
}

function languageNamed(name: string): Language {
  const found = LANGUAGES.find((one) => one.name === name || one.aliases.includes(name));
  if (found !== undefined) return found;
  const meant = nearest(
    name,
    LANGUAGES.flatMap((one) => [one.name, ...one.aliases]),
  );
  const known = `there are: ${LANGUAGES.map((one) => one.name).join(", ")}`;
  const hint = meant === null ? known : `did you mean \`${meant}\`? ${known}`;
  throw new CommandFailure("E_CONFIG", `there is no language \`${name}\``, { hint });
}

export interface Detected {
  readonly language: Language;
  /** The file that says so. */
  readonly file: string;
}

/** Languages of which a file lies in the directory, by the names of its entries. */
export function detectLanguages(names: readonly string[]): readonly Detected[] {
  return LANGUAGES.flatMap((language) => {
    const file = language.files.map((pattern) => names.find((name) => isNamed(pattern, name))).find(Boolean);
    return file === undefined ? [] : [{ language, file }];
  });
}

export const isNamed = (pattern: string, name: string): boolean =>
  pattern.startsWith("*") ? name.endsWith(pattern.slice(1)) && name.length >= pattern.length : name === pattern;
