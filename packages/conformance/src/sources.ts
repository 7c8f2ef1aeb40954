/** The product's own sources as text, for the laws. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export interface SourceFile {
  /** From the top of the checkout: `packages/gate/src/gate.ts`. */
  readonly path: string;
  readonly package: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly isTest: boolean;
}

export interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

/** Every TypeScript file of the packages. */
export function sourceFiles(): SourceFile[] {
  const folders = readdirSync(join(ROOT, "packages"));
  return folders.flatMap((name) =>
    filesBelow(join(ROOT, "packages", name, "src"), ".ts").map((path) => read(name, path)),
  );
}

export function filesBelow(directory: string, ending: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The file of a relative import, from the top of the checkout. */
export const targetOf = (file: SourceFile, from: string): string =>
  relative(ROOT, resolve(ROOT, dirname(file.path), from));

function read(name: string, path: string): SourceFile {
  const text = readFileSync(path, "utf8");
  const isTest = /\.(test|fixture)\.ts$|\/(fixtures|testing)\/|\/(trial|child-program)\.ts$/.test(path);
  return { path: relative(ROOT, path), package: name, text, imports: importsOf(text), isTest };
}

/** Static imports and exports-from, and dynamic imports of literals. */
function importsOf(text: string): Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const [, keyword, clause = "", from = ""] of code.matchAll(
    /^(import|export)\s+([^;"']*?)\s*from\s+"([^"]+)"/gm,
  )) {
    found.push({ from, typeOnly: isTypeOnly(keyword, clause) });
  }
  for (const [, from = ""] of code.matchAll(/^import\s+"([^"]+)"/gm)) found.push({ from, typeOnly: false });
  for (const [, from = ""] of code.matchAll(/(?<![`"])\bimport\("([^"]+)"\)/g)) found.push({ from, typeOnly: false });
  return found;
}

/** Whole-line comments out; strings stay. */
export const withoutComments = (text: string): string => text.replace(/^\s*(\/\/.*|\/?\*.*)$/gm, "");

function isTypeOnly(keyword: string | undefined, clause: string): boolean {
  if (clause.startsWith("type ")) return true;
  const names = /^\{([^}]*)\}$/s.exec(clause.trim())?.[1];
  if (names === undefined || keyword === "export") return false;
  const list = names.split(",").map((name) => name.trim());
  return list.every((name) => name === "" || name.startsWith("type "));
}
