/** What the commands say of themselves, held together with the docs: names, options, examples, exit codes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { programFor } from "./program.ts";

const ROOT = join(import.meta.dirname, "../../..");

const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map((name) => join(ROOT, name)),
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(ROOT, "docs", name)),
];

test("options in the docs exist, and every option is in the docs or the command's help only", () => {
  const known = new Set(everyCommand().flatMap(({ command }) => command.options.map(({ long }) => long)));
  const own = /agent-run[^`\n|]*/g;
  const used = pages
    .filter((path) => !path.includes("/errors/"))
    .flatMap((path) => readFileSync(path, "utf8").match(own) ?? [])
    .flatMap((line) => line.match(/ --[a-z][a-z-]+/g) ?? [])
    .map((option) => option.trim());
  expect(used.length).toBeGreaterThan(40);
  expect(used.filter((option) => !known.has(option) && !OF_OTHERS.includes(option))).toEqual([]);
});

/** Of git and commander, in lines that speak of agent-run, too. */
const OF_OTHERS = ["--force-with-lease", "--help"];

test("every command is in the docs", () => {
  const text = pages.map((path) => readFileSync(path, "utf8")).join("\n");
  const names = everyCommand().map(({ name }) => name);
  expect(names).toContain("policy lint");
  expect(names.filter((name) => !text.includes(`agent-run ${name}`) && !text.includes(`\`${name}`))).toEqual([]);
});

test("every command's help has an example, and every command that does something says what it exits with", () => {
  for (const { name, command } of everyCommand()) {
    const help = helpOf(command);
    expect(help, name).toMatch(/Example:\n {2}\$ /);
    if (command.commands.length === 0) expect(help, name).toMatch(/Exit codes:\n {2}0 /);
  }
});

test("an option that several commands have is told in the same words", () => {
  const says = new Map<string, Set<string>>();
  for (const { command } of everyCommand()) {
    for (const { long, description } of command.options) {
      // What the options of `learn` and `diff` are about is another policy, or another directory.
      const words = description.replace(/ \(default: .*\)$/, "");
      if (long != null) says.set(long, new Set([...(says.get(long) ?? []), words]));
    }
  }
  const several = [...says].filter(([, words]) => words.size > 1).map(([long]) => long);
  expect(several.sort()).toEqual(SAID_OTHERWISE);
});

/** Where one word means what another command needs to say by itself. */
const SAID_OTHERWISE = ["--actor", "--ask", "--ceiling", "--fail-on", "--from", "--output", "--policy"];

interface Named {
  readonly name: string;
  readonly command: Command;
}

/** Each command by its whole name; `agent-run` alone is not among them. */
function everyCommand(): readonly Named[] {
  const program = programFor(noRun, () => undefined);
  const below = (command: Command, name: string): Named[] =>
    command.commands.flatMap((child) => {
      const whole = `${name}${child.name()}`;
      return [{ name: whole, command: child }, ...below(child, `${whole} `)];
    });
  return below(program, "");
}

const noRun = (): never => {
  throw new Error("nothing is run here");
};

/** What `--help` prints, examples and exit codes included. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}
