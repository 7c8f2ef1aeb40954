import { describe, expect, test } from "vitest";
import { answerOf, commandRequest, policyOf } from "./testing/policy-of.ts";

const policy = policyOf(`
[subprocess]
allow_commands = ["npx", "bundle", "uv", "python", "rg"]
deny_commands = ["bfg"]
[subprocess.deny_args]
git = ["push --force"]
"tools/deploy.sh" = ["--now"]
[subprocess.ask_args]
make = ["install"]
`);

const answer = (line: string): string => answerOf(policy, commandRequest(line.split(" ")));

describe("what is denied or asked about stays so behind a runner", () => {
  test.each([
    ["npx git push --force", "subprocess.deny_args.git[0]"],
    ["npx git push -uf", "subprocess.deny_args.git[0]"],
    ["npx -y -- git -C x push origin +main", "subprocess.deny_args.git[0]"],
    ["npx --package x /usr/bin/GIT push -f", "subprocess.deny_args.git[0]"],
    ["bundle exec git push -f", "subprocess.deny_args.git[0]"],
    ["uv run --with x git push -f", "subprocess.deny_args.git[0]"],
    ["npx npx git push -f", "subprocess.deny_args.git[0]"],
    ["python -m git push -f", "subprocess.deny_args.git[0]"],
    ["npx tools/deploy.sh --now", "subprocess.deny_args.tools/deploy.sh[0]"],
    ["npx bfg", "subprocess.deny_commands[0]"],
    ["npx make install", "ask"],
  ])("%s", (line, wanted) => expect(answer(line).replaceAll('"', "")).toBe(wanted));

  test("a name that stands there too often to say which is the command counts as any of its uses", () => {
    expect(answer(`npx ${"git ".repeat(17)}status`)).toBe("subprocess.deny_args.git[0]");
    expect(answer(`npx ${"git ".repeat(16)}status`)).toBe("allow");
  });
});

describe("what is no command of a runner is left alone", () => {
  test.each([
    "npx git push",
    "npx git log",
    "npx eslint git",
    "npx push --force",
    "rg git push --force",
    "uv run x --force",
  ])("%s", (line) => expect(answer(line)).toBe("allow"));
});

test("a long command line takes no long time", () => {
  const argv = ["npx", ...Array.from({ length: 20_000 }, (_, at) => `git${at}.0`)];
  expect(answerOf(policy, commandRequest(argv))).toBe("subprocess.deny_args.git[0]");
});
