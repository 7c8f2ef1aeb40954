/**
 * The one layout of a policy or a file of tests. Lines and order change, what is said does not: `same.ts` holds what comes
 * out against what went in before anybody is given it. Pure; the caller reads and writes files.
 */
import { type PolicyProblem, Problems, readToml, type TableNode } from "@agent-run/policy";
import { type Document, readDocument } from "./document.ts";
import { printDocument } from "./print.ts";
import { lossOf } from "./same.ts";

export type Formatted =
  | { readonly ok: true; readonly text: string; readonly isChanged: boolean }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/** `written`: as the file has it, a mark at its start included. `print`: nothing that it gives is trusted. */
export function formatPolicy(written: string, file: string, print = printDocument): Formatted {
  const text = written.replace(/^\uFEFF/, "");
  const before = readBoth(text, file);
  if (!before.ok) return before;
  const laidOut = print(before.document);
  const after = readBoth(laidOut, file);
  const loss = after.ok ? lossOf(before, after) : "it would not be TOML any more";
  if (loss !== null) return failure(text, file, `it can not be laid out: ${loss}`);
  return { ok: true, text: laidOut, isChanged: laidOut !== written };
}

type Read =
  | { readonly ok: true; readonly data: TableNode; readonly document: Document }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

function readBoth(text: string, file: string): Read {
  const problems = new Problems();
  const data = readToml({ file, text }, problems);
  if (data === null) return { ok: false, problems: problems.all() };
  try {
    return { ok: true, data, document: readDocument(text) };
  } catch {
    // Plain texts are read by another reader there, and one may be more than this parser has room for.
    return failure(text, file, "not readable as TOML: a value is too long or nested too deeply");
  }
}

function failure(text: string, file: string, message: string): { ok: false; problems: readonly PolicyProblem[] } {
  const problems = new Problems();
  problems.add({ file, text }, { line: 1, column: 1 }, message);
  return { ok: false, problems: problems.all() };
}
