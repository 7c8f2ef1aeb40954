/**
 * The tour: real files in a temporary directory, real runs, a real record; then the directory is removed. At a terminal the
 * question is asked there; anywhere else nobody is waited for.
 */
import { Buffer } from "node:buffer";
import type { Channel } from "@agent-run/approvals";
import { type SegmentVerdict, verifySegment } from "@agent-run/audit";
import { openPolicy, type RunReport, Runtime } from "@agent-run/runtime";
import { TerminalChannel } from "../ask.ts";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions } from "../options.ts";
import { printable } from "../printable.ts";
import { ScriptOutput } from "../script-output.ts";
import { showRunError } from "../show-error.ts";
import type { Style } from "../style.ts";
import { isTerminal, makePlayground, type Playground, readBytes, realPathOf, writeOut } from "../terminal.ts";

const POLICY = `version  = 1
inherits = ["secure-defaults"]
requires_approval = ["fs.delete"]

[filesystem]
read_allow       = ["notes/**"]
write_allow      = ["out/**"]
delete_allow     = ["out/**"]
local_only_read  = ["private/**"]
local_only_write = ["private/**"]

[approvals]
timeout = "2m"
`;

/** In two files, and never to be seen but where the tour shows what sealed work wrote. */
const SECRET = "do-not-show";

const FILES = {
  "agent-run.toml": POLICY,
  "notes/monday.md": "- buy milk\n- call Ada\n",
  "notes/.env": `TOKEN=${SECRET}\n`,
  "private/key.txt": SECRET,
};

interface Stop {
  readonly title: string;
  readonly script: string;
  /** What the tour shows; a different outcome means that this installation does not work. */
  readonly codes: readonly (string | null)[];
  /** What a file must hold afterwards. */
  readonly written?: { readonly path: string; readonly text: string };
}

const STOPS: readonly Stop[] = [
  {
    title: "allowed: read a note, write a summary",
    script:
      'const todo = fs.read("notes/monday.md").trim().split("\\n");\nconst text = `${todo.length} things to do`;\nfs.write("out/summary.txt", text, { createParents: true });\nprint(text);',
    codes: [null],
  },
  { title: "denied: a secret next to the notes", script: 'print(fs.read("notes/.env"));', codes: ["E_POLICY_DENIED"] },
  {
    title: "refused before it runs: this policy grants no network",
    script: 'const page = await fetch("https://example.com/");\nprint(await page.text());',
    codes: ["E_CAPABILITY"],
  },
  {
    title: "sealed: a key that the script uses and never sees",
    script:
      'const key = fs.read("private/key.txt");\nfs.write("private/header.txt", `Authorization: Bearer ${key}`);\nprint("the script has", key);',
    codes: [null],
    written: { path: "private/header.txt", text: `Authorization: Bearer ${SECRET}` },
  },
  {
    title: "asked: deleting needs a person",
    script: 'fs.delete("out/summary.txt");\nprint("deleted");',
    // Whatever a person says is as it should be, and so is that nobody is there.
    codes: ["E_APPROVAL_UNAVAILABLE", "E_APPROVAL_DENIED", "E_APPROVAL_TIMEOUT", null],
  },
  { title: "stopped: a script that never ends", script: 'print("on and on");\nfor (;;) {}', codes: ["E_LIMIT_TIME"] },
];

/** A stop that was made: what happened, and whether that is what the tour shows. */
interface Step {
  readonly stop: Stop;
  readonly report: RunReport;
  readonly record: SegmentVerdict | null;
  readonly asExpected: boolean;
}

/** All records together, and what is found where one word of one of them is another. */
interface Records {
  readonly ok: boolean;
  readonly files: number;
  readonly lines: number;
  readonly changedCopy: SegmentVerdict["state"];
}

export async function demoCommand({ json = false }: OutputOptions, style: Style): Promise<number> {
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.once(signal, stop);
  const playground = makePlayground(FILES);
  const show = json ? () => undefined : writeOut;
  try {
    const asks = !json && ([0, 1, 2] as const).every(isTerminal);
    const steps = await tour({ playground, show, style, asks, signal: interrupt.signal });
    if (interrupt.signal.aborted) return 130;
    const record = recordsOf(steps);
    show(`${style.bold(`${STOPS.length + 1}. the record: every call, written down before it happens`)}\n`);
    show(`${indent(shownRecords(record))}\n`);
    const ok = record.ok && steps.every(({ asExpected }) => asExpected);
    const exitCode = ok ? 0 : 5;
    if (json) writeJson({ ok, exitCode, steps: steps.map(dataOf), record });
    show(ok ? `${style.green("all as it should be")}; the directory is removed again\n` : broken(style));
    return exitCode;
  } finally {
    playground.remove();
    for (const signal of signals) process.removeListener(signal, stop);
  }
}

interface Tour {
  readonly playground: Playground;
  readonly show: (text: string) => void;
  readonly style: Style;
  /** Whether a person sits there. */
  readonly asks: boolean;
  readonly signal: AbortSignal;
}

async function tour({ playground: { directory }, show, style, asks, signal }: Tour): Promise<Step[]> {
  show(`${style.bold("agent-run demo")}: real files in ${directory}, under this policy:\n\n${indent(POLICY)}\n`);
  const opened = openPolicy({ path: `${directory}/agent-run.toml`, cwd: directory });
  if (!opened.ok)
    throw new CommandFailure("E_POLICY_INVALID", opened.problems[0]?.message ?? "the demo's policy does not load");
  const { maxPrompts, remember } = opened.data.approvals;
  const output = new ScriptOutput(() => undefined);
  const channels: Channel[] = asks ? [new TerminalChannel({ style, output, remember, maxPrompts })] : [];
  await using runtime = new Runtime({ policy: opened.data, audit: `${directory}/record`, channels });
  const steps: Step[] = [];
  for (const [index, stop] of STOPS.entries()) {
    show(`${style.bold(`${index + 1}. ${stop.title}`)}\n${indent(stop.script)}`);
    const step = await make(stop, runtime, { directory, signal });
    if (signal.aborted) break;
    show(`${indent(shown(step, style))}\n`);
    steps.push(step);
  }
  return steps;
}

async function make(
  stop: Stop,
  runtime: Runtime,
  { directory, signal }: { directory: string; signal: AbortSignal },
): Promise<Step> {
  const report = await runtime.run(stop.script, { name: "demo.js", maxSeconds: 1, signal });
  const record = report.record === null ? null : verifySegment(readBytes(report.record, "the record"));
  const { written } = stop;
  const asExpected =
    stop.codes.includes(report.error?.code ?? null) &&
    record?.state === "complete" &&
    !report.stdout.includes(SECRET) &&
    (written === undefined || textOf(`${directory}/${written.path}`) === written.text);
  return { stop, report, record, asExpected };
}

const textOf = (path: string): string | null =>
  realPathOf(path) === null ? null : Buffer.from(readBytes(path, "what was written")).toString("utf8");

function shown({ stop: { written }, report: { stdout, error }, record, asExpected }: Step, style: Style): string {
  const end = error === null ? "" : showRunError(error, "demo.js", style);
  const file = written === undefined || !asExpected ? "" : `${written.path} holds: ${written.text}\n`;
  const chain = record === null ? "no record" : `record: ${record.records} lines, chain ${record.state}`;
  return `${style.green(printable(stdout))}${end}${file}${style.dim(chain)}`;
}

/** Verifies a copy of the record of the denied call, too, in which the denial is made a yes: that must be found. */
function recordsOf(steps: readonly Step[]): Records {
  const lines = steps.reduce((sum, { record }) => sum + (record?.records ?? 0), 0);
  const denied = steps.find(({ report }) => report.error?.code === "E_POLICY_DENIED")?.report.record ?? null;
  const text = denied === null ? "" : (textOf(denied) ?? "");
  const changedCopy = verifySegment(Buffer.from(text.replace('"deny"', '"allow"'))).state;
  const complete = steps.every(({ record }) => record?.state === "complete");
  return {
    ok: complete && text.includes('"deny"') && changedCopy === "broken",
    files: steps.length,
    lines,
    changedCopy,
  };
}

const shownRecords = ({ ok, files, lines, changedCopy }: Records): string =>
  `${files} files, ${lines} lines: ${ok ? "every chain is complete" : "something does not hold"}\na copy in which the denial of 2 was made an "allow": ${changedCopy}\nof your own runs: agent-run audit verify FILE`;

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
    .map((line) => (line === "" ? "\n" : `   ${line}\n`))
    .join("");
