/** The tour: real files in a temporary directory, real runs, a real record; then the directory is removed. */
import { type SegmentVerdict, verifySegment } from "@agent-run/audit";
import { openPolicy, type RunReport, Runtime } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions } from "../options.ts";
import { printable } from "../printable.ts";
import { showRunError } from "../show-error.ts";
import type { Style } from "../style.ts";
import { makePlayground, type Playground, readBytes, writeOut } from "../terminal.ts";

const POLICY = `version  = 1
inherits = ["secure-defaults"]
requires_approval = ["fs.delete"]

[filesystem]
read_allow   = ["notes/**"]
write_allow  = ["out/**"]
delete_allow = ["out/**"]
`;

const FILES = {
  "agent-run.toml": POLICY,
  "notes/monday.md": "- buy milk\n- call Ada\n",
  "notes/.env": "TOKEN=do-not-show\n",
};

interface Stop {
  readonly title: string;
  readonly script: string;
  /** What the tour shows; a different outcome means that this installation does not work. */
  readonly code: string | null;
}

const STOPS: readonly Stop[] = [
  {
    title: "allowed: read a note, write a summary",
    script:
      'const todo = fs.read("notes/monday.md").trim().split("\\n");\nfs.write("out/summary.txt", todo.length + " things to do", { createParents: true });\nprint(todo.length + " things to do");',
    code: null,
  },
  { title: "denied: a secret next to the notes", script: 'print(fs.read("notes/.env"));', code: "E_POLICY_DENIED" },
  {
    title: "refused before it runs: this policy grants no network",
    script: 'const page = await fetch("https://example.com/");\nprint(await page.text());',
    code: "E_CAPABILITY",
  },
  {
    title: "asked: deleting needs a person, and nobody is there",
    script: 'fs.delete("out/summary.txt");',
    code: "E_APPROVAL_UNAVAILABLE",
  },
  { title: "stopped: a script that never ends", script: 'print("on and on");\nfor (;;) {}', code: "E_LIMIT_TIME" },
];

/** A stop that was made: what happened, and whether that is what the tour shows. */
interface Step {
  readonly stop: Stop;
  readonly report: RunReport;
  readonly record: SegmentVerdict | null;
  readonly asExpected: boolean;
}

export async function demoCommand({ json = false }: OutputOptions, style: Style): Promise<number> {
  const playground = makePlayground(FILES);
  try {
    const steps = await tour(playground, json ? () => undefined : writeOut, style);
    const ok = steps.every(({ asExpected }) => asExpected);
    const exitCode = ok ? 0 : 5;
    if (json) writeJson({ ok, exitCode, steps: steps.map(dataOf) });
    else writeOut(ok ? `${style.green("all as it should be")}; the directory is removed again\n` : broken(style));
    return exitCode;
  } finally {
    playground.remove();
  }
}

async function tour({ directory }: Playground, show: (text: string) => void, style: Style): Promise<Step[]> {
  show(`${style.bold("agent-run demo")}: real files in ${directory}, under this policy:\n\n${indent(POLICY)}\n`);
  const opened = openPolicy({ path: `${directory}/agent-run.toml`, cwd: directory });
  if (!opened.ok)
    throw new CommandFailure("E_POLICY_INVALID", opened.problems[0]?.message ?? "the demo's policy does not load");
  await using runtime = new Runtime({ policy: opened.data, audit: `${directory}/record` });
  const steps: Step[] = [];
  for (const [index, stop] of STOPS.entries()) {
    show(`${style.bold(`${index + 1}. ${stop.title}`)}\n${indent(stop.script)}`);
    const step = await make(stop, runtime);
    show(`${indent(shown(step, style))}\n`);
    steps.push(step);
  }
  return steps;
}

async function make(stop: Stop, runtime: Runtime): Promise<Step> {
  const report = await runtime.run(stop.script, { name: "demo.js", maxSeconds: 1 });
  const record = report.record === null ? null : verifySegment(readBytes(report.record, "the record"));
  const asExpected = (report.error?.code ?? null) === stop.code && record?.state === "complete";
  return { stop, report, record, asExpected };
}

function shown({ report: { stdout, error }, record }: Step, style: Style): string {
  const end = error === null ? "" : showRunError(error, "demo.js", style);
  const chain = record === null ? "no record" : `record: ${record.records} lines, chain ${record.state}`;
  return `${style.green(printable(stdout))}${end}${style.dim(chain)}`;
}

/** What stays true once the directory is gone. */
function dataOf({ stop: { title, script }, report, record, asExpected }: Step): object {
  const { exitCode, stdout, error, calls } = report;
  const chain = record === null ? null : { records: record.records, state: record.state };
  return { title, script, asExpected, exitCode, stdout, error, calls, record: chain };
}

const broken = (style: Style): string => `${style.red("something is wrong here")}: run \`agent-run doctor\`\n`;

const indent = (text: string): string =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => `   ${line}\n`)
    .join("");
