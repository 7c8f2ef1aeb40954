/**
 * The examples of `--help` are typed, each in a project with the files that they name. None may end with 5: that would be
 * an example of something that does not work. What needs a terminal, or serves until it is told to stop, is tried elsewhere.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workplace } from "./command.ts";
import { ROOT } from "./sources.ts";

interface HelpOf {
  readonly commands: readonly HelpOf[];
  configureOutput(to: { writeOut(text: string): void }): unknown;
  outputHelp(): void;
}

const ELSEWHERE =
  /policy trust|agent-run resume|approvals (approve|deny|revoke)|keys show|agent-run mcp|agent-run doctor|agent-run demo|agent-run audit|^echo /;

const POLICY = `version = 1
[filesystem]
read_allow = ["**"]
[[rule]]
id = "small-reports"
effect = "allow"
on = "fs.write"
path = "out/**"
when = { bytes = { le = "1MB" } }
[[test]]
given = "fs.write out/a.md bytes=10"
expect = "allow"
`;

let place: Workplace;
let examples: readonly string[];
beforeAll(async () => {
  const wide = 'version = 1\n[filesystem]\nread_allow = ["/**"]\nwrite_allow = ["/**"]\n';
  place = new Workplace({
    "agent-run.toml": POLICY,
    "next.toml": POLICY,
    "bounds.toml": wide,
    "calls.txt": "fs.read a\n",
    "denyx.toml": 'version = "1.0.0"\n[filesystem]\nread_allow = ["src/**"]\n',
    "default.rules": 'prefix_rule(pattern=["git", "status"], decision="allow")\n',
    ".claude/settings.json": '{"permissions":{"allow":["Read(./src/**)"]}}',
    "report.js": "print(1)",
    "script.js": "print(1)",
  });
  examples = await everyExample();
});
afterAll(() => place.remove());

test("each does something", async () => {
  expect(examples.length).toBeGreaterThan(20);
  const writes = examples.filter((line) => WRITES.test(line));
  await Promise.all(examples.filter((line) => !WRITES.test(line)).map(typed));
  // Some need what one before them wrote.
  for (const line of writes) await typed(line);
});

const WRITES = /--learn|learned\.toml|tighten|--write|agent-run init|import/;

async function typed(line: string): Promise<void> {
  const { code, stderr } = await place.run(wordsOf(line));
  expect(code, `${line}\n${stderr}`).not.toBe(5);
}

async function everyExample(): Promise<readonly string[]> {
  const { programFor } = (await import(pathToFileURL(join(ROOT, "packages/cli/src/program.ts")).href)) as {
    programFor(takeSpare: () => never, done: () => void): HelpOf;
  };
  const program = programFor(
    () => {
      throw new Error("nothing is run here");
    },
    () => undefined,
  );
  const lines = below(program).flatMap((command) => [...helpOf(command).matchAll(/^ {2}\$ (.*)$/gm)]);
  return [...new Set(lines.map(([, line = ""]) => line))].filter((line) => !ELSEWHERE.test(line));
}

const below = (command: HelpOf): readonly HelpOf[] => [command, ...command.commands.flatMap(below)];

function helpOf(command: HelpOf): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

/** Words as a shell takes them, with single quotes; output goes nowhere, new files go beside, and `/srv` is here. */
const wordsOf = (line: string): string[] =>
  [
    ...line
      .replace(/^agent-run | > .*$/g, "")
      .replace("--output agent-run.toml", "--output imported.toml")
      .matchAll(/'([^']*)'|(\S+)/g),
  ]
    .map(([, quoted, plain]) => quoted ?? plain ?? "")
    .map((word) => word.replace("/srv/", ""))
    .concat(line === "agent-run init" ? ["--force"] : []);
