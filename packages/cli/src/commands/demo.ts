/** The tour: real files in a temporary directory, real runs, a real record; then the directory is removed. */
import { verifySegment } from "@agent-run/audit";
import { openPolicy, type RunReport, Runtime } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
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

export async function demoCommand(style: Style): Promise<number> {
  const playground = makePlayground(FILES);
  try {
    return await tour(playground, style);
  } finally {
    playground.remove();
  }
}

async function tour({ directory }: Playground, style: Style): Promise<number> {
  writeOut(`${style.bold("agent-run demo")}: real files in ${directory}, under this policy:\n\n${indent(POLICY)}\n`);
  const audit = `${directory}/record`;
  const opened = openPolicy({ path: `${directory}/agent-run.toml`, cwd: directory });
  if (!opened.ok)
    throw new CommandFailure("E_POLICY_INVALID", opened.problems[0]?.message ?? "the demo's policy does not load");
  await using runtime = new Runtime({ policy: opened.data, audit });
  let ok = true;
  for (const [index, stop] of STOPS.entries()) {
    writeOut(`${style.bold(`${index + 1}. ${stop.title}`)}\n${indent(stop.script)}`);
    const report = await runtime.run(stop.script, { name: "demo.js", maxSeconds: 1 });
    writeOut(indent(shown(report, style)));
    ok &&= (report.error?.code ?? null) === stop.code && recorded(report, style);
    writeOut("\n");
  }
  writeOut(
    ok
      ? `${style.green("all as it should be")}; the directory is removed again\n`
      : `${style.red("something is wrong here")}: run \`agent-run doctor\`\n`,
  );
  return ok ? 0 : 5;
}

function shown(report: RunReport, style: Style): string {
  const { stdout, error } = report;
  return `${style.green(printable(stdout))}${error === null ? "" : showRunError(error, "demo.js", style)}`;
}

function recorded({ record }: RunReport, style: Style): boolean {
  if (record === null) return false;
  const { state, records } = verifySegment(readBytes(record, "the record"));
  writeOut(indent(style.dim(`record: ${records} lines, chain ${state}`)));
  return state === "complete";
}

const indent = (text: string): string =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => `   ${line}\n`)
    .join("");
