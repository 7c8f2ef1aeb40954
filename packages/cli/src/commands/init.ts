/** Writes a policy to start from, for the toolchain that is named or found; never over a file that is there, unless told to. */
import { join, resolve } from "node:path";
import { detectLanguages, GENERIC, LANGUAGES, type Language, languagesNamed } from "../init/language.ts";
import { policyText } from "../init/policy-text.ts";
import { sourceDirectories } from "../init/project.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import type { Style } from "../style.ts";
import { createFile, namesIn, replaceFile, writeError, writeOut } from "../terminal.ts";

export interface InitOptions extends Pick<OutputOptions, "json"> {
  readonly lang?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly list?: boolean;
}

export async function initCommand(directory: string, options: InitOptions, style: Style): Promise<number> {
  if (options.list) return listLanguages(options);
  const { languages, found } = chooseLanguages(directory, options.lang);
  const draft = policyText(languages, sourceDirectories(directory, namesIn(directory), languages));
  const { formatPolicy } = await import("@agent-run/authoring");
  const formatted = formatPolicy(draft, "agent-run.toml");
  const text = formatted.ok ? formatted.text : draft;
  const names = languages.map(({ name }) => name);
  const why = found.length === 0 ? "" : ` (found ${found.map(printableLine).join(", ")})`;
  if (options.output === "-") {
    if (options.json) writeJson({ ok: true, exitCode: 0, languages: names, found, policy: text });
    else {
      writeError(`agent-run: a policy for ${names.join(" and ")}${why}\n`);
      writeOut(text);
    }
    return 0;
  }
  const path = options.output ?? join(directory, "agent-run.toml");
  if (options.force) replaceFile(path, text);
  else createFile(path, text, "`--force` writes over it");
  if (options.json) writeJson({ ok: true, exitCode: 0, path: resolve(path), languages: names, found });
  else writeOut(told(path, `${names.join(" and ")}${why}`, style));
  return 0;
}

interface Choice {
  readonly languages: readonly Language[];
  /** Files that spoke for them. */
  readonly found: readonly string[];
}

function chooseLanguages(directory: string, named: string | undefined): Choice {
  if (named !== undefined) return { languages: languagesNamed(named), found: [] };
  const detected = detectLanguages(namesIn(directory));
  if (detected.length === 0) return { languages: languagesNamed(GENERIC), found: [] };
  return { languages: detected.map(({ language }) => language), found: detected.map(({ file }) => file) };
}

function told(path: string, languages: string, style: Style): string {
  const file = printableLine(path);
  return `${style.green("wrote")} ${file} for ${languages}
what it allows:               agent-run policy show ${file}
run a script under it:        agent-run --policy ${file} script.js
or trust it for this place:   agent-run policy trust ${file}
`;
}

function listLanguages({ json }: InitOptions): number {
  if (json) {
    const languages = LANGUAGES.map(({ name, aliases, files }) => ({ name, aliases, files }));
    writeJson({ ok: true, exitCode: 0, languages });
    return 0;
  }
  const width = Math.max(...LANGUAGES.map(({ name }) => name.length));
  for (const { name, aliases, files } of LANGUAGES) {
    const also = aliases.length === 0 ? "" : `also ${aliases.join(", ")}; `;
    writeOut(
      `${name.padEnd(width)}  ${also}${files.length === 0 ? "where nothing else is found" : `found by ${files.join(", ")}`}\n`,
    );
  }
  return 0;
}
