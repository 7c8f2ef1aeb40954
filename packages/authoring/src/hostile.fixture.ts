/** For tests only: every tool on one policy, and texts that claim to be policies of other tools. */
import { CAPABILITIES, type LoadResult, loadPolicyText, type PolicyWorld } from "@agent-run/policy";
import fc from "fast-check";
import {
  coverageOf,
  formatPolicy,
  IMPORT_FORMATS,
  type ImportFormat,
  importPolicy,
  lintPolicy,
  neverProblems,
  possible,
  proveNevers,
  readyTests,
  runTests,
  sarifOf,
} from "./index.ts";

/** Null, or what is wrong; what a tool throws goes through. */
export function flawOfTools({ data, checks }: Extract<LoadResult, { ok: true }>): string | null {
  const findings = lintPolicy({ data, checks, homes: ["/home/me"], now: 1_800_000_000_000 });
  if (findings.some(({ message }) => message === "")) return "a finding that says nothing";
  if (JSON.stringify(sarifOf(findings, "0")) === undefined) return "no report of the findings";
  proveNevers(data, checks.nevers).flatMap(neverProblems);
  const { ready } = readyTests(checks.tests, data, { home: "/home/me" });
  runTests(data, ready);
  coverageOf(
    data,
    ready.map(({ call }) => call),
  );
  const { found, unknown } = possible(data, { on: CAPABILITIES });
  return found.some(({ answer }) => answer === "deny") || unknown.some(({ reason }) => reason === "")
    ? "an answer to another question"
    : null;
}

/** What is laid out is laid out, means the same, and is refused where it does not load. */
export function flawOfLayout(text: string): string | null {
  // What is hashed is what decides.
  const plain = { ...world, sha256: (hashed: string) => hashed };
  const once = formatPolicy(text, "p.toml");
  const before = loadPolicyText(text, { path: "p.toml" }, plain, { root: "/w" });
  if (!once.ok) return before.ok ? `it loads, but: ${once.problems[0]?.message}` : null;
  const again = formatPolicy(once.text, "p.toml");
  if (!again.ok || again.text !== once.text) return "it is laid out in two ways";
  const after = loadPolicyText(once.text, { path: "p.toml" }, plain, { root: "/w" });
  if (before.ok !== after.ok) return "only one of the layouts loads";
  const same = before.ok && after.ok && inNoOrder(before.data.hash) === inNoOrder(after.data.hash);
  return before.ok && !same ? "the layouts say different things" : null;
}

/** What is hashed, with its rules in an order of their own: keys of a section may change places, which decides nothing. */
function inNoOrder(hashed: string): string {
  const { rules, ...rest } = JSON.parse(hashed) as { readonly rules: readonly unknown[] };
  return JSON.stringify([rules.map((rule) => JSON.stringify(rule)).sort(), rest]);
}

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map(),
  sha256: () => "",
};

/** What is imported loads; what is not has one place and one line. */
export function flawOfImport(format: ImportFormat, text: string): string | null {
  const read = importPolicy(text, { file: "x", format });
  if (read.ok) {
    const loaded = loadPolicyText(read.text, { path: "p.toml", realPath: "/w/p.toml" }, world);
    return loaded.ok ? null : `what was imported does not load: ${loaded.problems[0]?.message}`;
  }
  const { line, column, message } = read.problem;
  if (!Number.isInteger(line) || line < 1 || line > text.split(/\r\n?|\n/).length + 1 || column < 1)
    return "a place outside the text";
  return /^[a-z`]/.test(message) && !/[.\s]$/.test(message) ? null : `a message that is none: ${message}`;
}

const SEEDS: Readonly<Record<ImportFormat, readonly string[]>> = {
  agsec: ["version: 1\nstatements:\n  - effect: deny\n    actions: ['file.read']\n    resources: ['src/**']\n"],
  siphrix: [
    "version: 1\nrules:\n  - &a\n    tool: bash\n    action: deny\n    match: 'rm *'\n  - <<: *a\n    action: ask\n",
  ],
  "claude-code": [
    '{ "permissions": { "allow": ["Read(src/**)", "Bash(git log:*)"], // why\n "deny": ["WebFetch(domain:a.example)",] } }',
  ],
  codex: [
    '# rules\nprefix_rule(\n  pattern = ["git", ["push", "pull"]],\n  decision = "prompt",\n  match = ["git push"],\n)\n',
  ],
};

const PIECES = [
  "&a ",
  "*a",
  "<<: *a\n",
  "!!js ",
  "!!binary ",
  "---\n",
  "? ",
  "- ",
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  "//",
  "/*",
  "#",
  "\\",
  ",",
  ":",
  "\n",
  "\t",
  "\u0000",
  "\ufeff",
  "\u2028",
  "(",
  ")",
  "**",
  "~",
  "|\n",
  ">\n",
  "__proto__",
  "null",
  "1e999",
  "%",
] as const;

/** A text of each format with something done to it, or to the text of another. */
export const hostileSources: fc.Arbitrary<readonly [ImportFormat, string]> = fc.tuple(
  fc.constantFrom(...IMPORT_FORMATS),
  fc
    .tuple(
      fc.constantFrom(...Object.values(SEEDS).flat()),
      fc.array(
        fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.nat(4),
          fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })),
        ),
        { maxLength: 5 },
      ),
    )
    .map(([seed, changes]) =>
      changes.reduce((text, [share, length, piece]) => {
        const at = Math.floor(share * text.length);
        return text.slice(0, at) + piece + text.slice(at + length);
      }, seed),
    ),
);
