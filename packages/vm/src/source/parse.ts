import type { Program as Tree } from "acorn";
import { admit } from "./admit.ts";
import { parseJavaScript } from "./grammar.ts";
import { branchGuard, guardViolation } from "./guard.ts";
import { Lines } from "./position.ts";
import type { RawProblem, SourceProblem } from "./problem.ts";
import { type Edit, rewriter } from "./rewrite.ts";
import { findScopes, walk } from "./scope.ts";
import { violationFinder } from "./subset.ts";
import { type Use, useFinder } from "./uses.ts";

/**
 * A script's text to what the engine runs and what the verifier judges. Pure: no policy, no effects, no engine. It runs
 * on untrusted text in the run's worker, which is killed at the time limit; by itself it ends in time linear in the text
 * (nesting and backtracking are bounded), with a tree that takes some 60 times the text in memory.
 */
export interface ScriptProgram {
  readonly name: string;
  /** The user's text that positions refer to: as given, byte order mark gone, fence lines empty. */
  readonly source: string;
  /** Global code whose value is an async function; its result is the run's `value`. */
  readonly code: string;
  /** Length of what stands before the user's text on the first line of `code`. */
  readonly firstLineOffset: number;
  /** Changes inside the user's text; `originalPosition` takes positions back through them. */
  readonly edits: readonly Edit[];
  /** In order of place. */
  readonly uses: readonly Use[];
  /** In order of place. A program with any must not run: its `code` throws. */
  readonly violations: readonly SourceProblem[];
  /** Imported built-in modules, by bare name, sorted. */
  readonly imports: readonly string[];
}

export type ScriptParse =
  | { readonly ok: true; readonly program: ScriptProgram }
  | { readonly ok: false; readonly error: SourceProblem; readonly source: string };

export interface ScriptOptions {
  /** What errors call the script; decides nothing. */
  readonly name: string;
  /** Needs `loadTypescript()` before. */
  readonly typescript: boolean;
  /** Makes branching on a sealed value an error: for policies that declare something local-only. */
  readonly guard?: boolean;
}

let eraser: typeof import("./erase-types.ts") | null = null;

/** Loads the TypeScript grammar; await it once before parsing with `typescript: true`. */
export async function loadTypescript(): Promise<void> {
  eraser ??= await import("./erase-types.ts");
}

/** `source` in a failure is the text that the error's position refers to, for a code frame. */
export function parseScript(text: string, options: ScriptOptions): ScriptParse {
  const admission = admit(text);
  if (!admission.ok) return refused(admission.source, admission.problem);
  const { source, text: admitted } = admission.admitted;
  const erased = options.typescript ? erase(admitted) : { ok: true as const, text: admitted, violations: [] };
  if (!erased.ok) return refused(source, erased.problem);
  const parsed = parseJavaScript(erased.text);
  if (parsed.ok) return accepted(source, erased.text, parsed.tree, erased.violations, options);
  // What is refused may leave a text that does not parse: then the refusal is the better answer.
  return erased.violations.length > 0
    ? condemned(source, erased.violations, options.name)
    : refused(source, parsed.problem);
}

function erase(text: string) {
  if (eraser === null) throw new Error("`loadTypescript` must be awaited before parsing TypeScript");
  return eraser.eraseTypes(text);
}

function accepted(
  source: string,
  text: string,
  tree: Tree,
  erasure: readonly RawProblem[],
  { name, guard = false }: ScriptOptions,
): ScriptParse {
  const scopes = findScopes(tree);
  const lines = new Lines(source);
  const branches = guard ? branchGuard(lines) : null;
  const finders = {
    violations: violationFinder(scopes),
    uses: useFinder(text, scopes),
    rewritten: rewriter(tree, text, branches === null ? null : branches.found),
  };
  const reserved: RawProblem[] = [];
  walk(tree, scopes, (place) => {
    finders.violations.visit(place);
    finders.uses.visit(place);
    finders.rewritten.visit(place);
    if (branches === null) return;
    branches.visit(place);
    const violation = guardViolation(place);
    if (violation !== null) reserved.push(violation);
  });
  const violations = [...erasure, ...reserved, ...finders.violations.found()].sort((a, b) => a.offset - b.offset);
  const uses = finders.uses.found().map(({ offset, ...use }) => ({ ...use, ...lines.at(offset) }));
  const program = {
    name,
    source,
    ...finders.rewritten.found(),
    uses,
    violations: violations.map((one) => lines.locate(one)),
  };
  return { ok: true, program: violations.length === 0 ? program : { ...program, ...UNRUNNABLE } };
}

/** DEFAULT-NO: whoever runs a program in spite of its violations gets an error. */
const UNRUNNABLE = { code: '(async () => { throw new SyntaxError("refused"); })', firstLineOffset: 0, edits: [] };

function condemned(source: string, violations: readonly RawProblem[], name: string): ScriptParse {
  const lines = new Lines(source);
  const sorted = [...violations].sort((a, b) => a.offset - b.offset).map((problem) => lines.locate(problem));
  return { ok: true, program: { name, source, ...UNRUNNABLE, uses: [], violations: sorted, imports: [] } };
}

const refused = (source: string, problem: RawProblem): ScriptParse => ({
  ok: false,
  error: new Lines(source).locate(problem),
  source,
});
