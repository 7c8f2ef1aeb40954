/** What a ceiling must have agreed to in its own text; else the policy does not load, and the line is told. */
import { describe, expect, test } from "vitest";
import { boundBy } from "./load.ts";
import { ceilingOf, dataOf, load, problemsUnder } from "./testing/under-ceilings.ts";

const C = "the ceiling `/etc/bounds/0.toml`";

describe("words that open what a jail or a seal closes", () => {
  const seals = '[filesystem]\nlocal_only_read = ["p/**"]\n';
  test.each([
    ['subprocess.sandbox = "none"', `2 \`sandbox = "none"\` needs the same line in ${C}`],
    [
      "subprocess.accept_unsandboxed_commands = true",
      `2 \`accept_unsandboxed_commands = true\` needs the same line in ${C}`,
    ],
    ['local_only.mode = "redact"', `2 \`mode = "redact"\` needs the same line in ${C}`],
    ['local_only.profile = "relaxed"', `2 \`profile = "relaxed"\` needs the same line in ${C}`],
  ])("%s", (line, problem) => {
    const main = `${line}\n${seals}`;
    expect(problemsUnder(main, "")).toEqual([problem]);
    expect(problemsUnder(main, line)).toEqual([]);
    expect(problemsUnder("", line)).toEqual([]);
    // Each of several has to agree.
    expect(problemsUnder(main, line, "")).toEqual([problem.replace("0.toml", "1.toml")]);
  });
});

test("a stricter word of the ceiling is no consent, and neither is its silence", () => {
  const main = 'subprocess.sandbox = "none"\n';
  for (const sandbox of ["auto", "bwrap"])
    expect(problemsUnder(main, `subprocess.sandbox = "${sandbox}"`)).toHaveLength(1);
});

const SECRET = `[[secret]]
name = "stripe"
env = "STRIPE_KEY"
[[secret.use]]
host = ["api.stripe.com", "files.stripe.com"]
methods = ["GET", "POST"]
paths = ["/v1/**", "/v2/**"]
slot = "header:authorization"
format = "Bearer {}"
response = "sealed"
outcome = "ok"
per_run = 3
`;

describe("a secret", () => {
  test("is one of the ceiling, by name and source, with uses that are no wider", () => {
    expect(problemsUnder(SECRET, SECRET)).toEqual([]);
    expect(problemsUnder(SECRET, "")).toEqual([`2 there is no secret \`stripe\` in ${C}`]);
  });

  test.each([
    ["files.stripe.com", "other.stripe.com"],
    ['["GET", "POST"]', '["GET", "DELETE"]'],
    ["/v2/**", "/v3/**"],
    ["header:authorization", "header:x-key"],
    ["Bearer {}", "Token {}"],
    ['response = "sealed"\noutcome = "ok"\nper_run = 3', 'response = "public"'],
    ["per_run = 3", "per_run = 4"],
  ])("is not used otherwise: %j", (ours, wider) => {
    const use = `5 no use of the secret \`stripe\` in ${C} is as wide as this one`;
    expect(problemsUnder(SECRET.replace(ours, wider), SECRET)).toEqual([use]);
  });

  test.each([
    ['["api.stripe.com", "files.stripe.com"]', '"api.stripe.com"'],
    ['["GET", "POST"]', '["GET"]'],
    ['["/v1/**", "/v2/**"]', '["/v1/**"]'],
    ["per_run = 3", "per_run = 2"],
    ['outcome = "ok"\nper_run = 3', ""],
  ])("may be used more narrowly: %j", (theirs, narrower) => {
    expect(problemsUnder(SECRET.replace(theirs, narrower), SECRET)).toEqual([]);
  });

  test("does not tell outcomes that the ceiling keeps", () => {
    expect(problemsUnder(SECRET, SECRET.replace('outcome = "ok"\nper_run = 3', ""))).toHaveLength(1);
  });

  test.each([
    ['env = "STRIPE_KEY"', 'env = "OTHER_KEY"'],
    ['env = "STRIPE_KEY"', 'env = "STRIPE_KEY"\nfield = "a"'],
    ['env = "STRIPE_KEY"', 'file = "/keys/stripe"'],
    ['env = "STRIPE_KEY"', 'command = ["pass", "stripe"]'],
  ])("comes from the same source: not %j but %j", (ours, other) => {
    const problem = [`2 the secret \`stripe\` comes from elsewhere in ${C}`];
    expect(problemsUnder(SECRET.replace(ours, other), SECRET)).toEqual(problem);
  });

  test("is data only where it is data for the ceiling, too", () => {
    const data = SECRET.replace('env = "STRIPE_KEY"', 'env = "STRIPE_KEY"\ndata = true');
    expect(problemsUnder(data, SECRET)).toEqual([`2 the secret \`stripe\` has no \`data = true\` in ${C}`]);
    expect([problemsUnder(data, data), problemsUnder(SECRET, data)]).toEqual([[], []]);
  });

  test("is given to the commands of the ceiling, word for word", () => {
    const use = (words: string, slot = "stdin") =>
      `[[secret]]\nname = "t"\nenv = "T"\n[[secret.use]]\ncommand = ${words}\nslot = "${slot}"\nresponse = "sealed"\n`;
    const agreed = use('["git", "push", "*"]');
    expect(problemsUnder(agreed, agreed)).toEqual([]);
    expect(problemsUnder(use('["git", "push", "**"]'), agreed)).toHaveLength(1);
    expect(problemsUnder(use('["git", "push", "*"]', "env:TOKEN"), agreed)).toHaveLength(1);
  });
});

const RELEASE = `[filesystem]
local_only_read = ["/work/proj/state.json"]
[[release]]
name = "state"
from = "file:/work/proj/state.json"
select = "$.state"
type = { enum = ["green", "red"] }
per_run = 3
per_day = 10
`;

describe("a release", () => {
  test("is one of the ceiling that says as much", () => {
    expect(problemsUnder(RELEASE, RELEASE)).toEqual([]);
    expect(problemsUnder(RELEASE, "[filesystem]\nread_allow = ['/**']\n")).toEqual([
      `4 there is no release \`state\` in ${C}`,
    ]);
  });

  const TYPE = '{ enum = ["green", "red"] }';
  test.each([
    ['from = "file:/work/proj/state.json"', 'from = "file:/work/proj/other.json"'],
    ["$.state", "$.key"],
    [TYPE, '{ enum = ["green", "blue"] }'],
    [TYPE, '"bool"'],
    [TYPE, "{ text = 5 }"],
    ["per_run = 3", "per_run = 4"],
    ["per_day = 10", "per_day = 11"],
    ["per_day = 10", ""],
  ])("says no more than the ceiling's: not %j but %j", (ours, wider) => {
    expect(problemsUnder(RELEASE.replace(ours, wider), RELEASE)).toEqual([
      `4 the release \`state\` says more than the one in ${C}`,
    ]);
  });

  test.each([
    ["{ int = [0, 9] }", "{ int = [1, 9] }", true],
    ["{ int = [0, 9] }", "{ int = [0, 10] }", false],
    ["{ int = [0, 9] }", "{ int = [-1, 3] }", false],
    ["{ text = 9 }", "{ text = 8 }", true],
    ["{ text = 9 }", "{ text = 10 }", false],
    ['{ pattern = "[a-f]+", max = 9 }', '{ pattern = "[a-f]+", max = 8 }', true],
    ['{ pattern = "[a-f]+", max = 9 }', '{ pattern = "[a-e]+", max = 9 }', false],
    ['{ pattern = "[a-f]+", max = 9 }', '{ pattern = "[a-f]+", max = 10 }', false],
    ['{ enum = ["green", "red"] }', '{ enum = ["red"] }', true],
    ['"bool"', '"bool"', true],
  ])("of %s may be %s: %s", (wide, type, isFine) => {
    expect(problemsUnder(RELEASE.replace(TYPE, type), RELEASE.replace(TYPE, wide))).toHaveLength(isFine ? 0 : 1);
  });

  test("says no more in a day than a ceiling lets out", () => {
    const cap = (bits: number) => `${RELEASE}[local_only]\nmax_release_bits_per_day = ${bits}\n`;
    expect(ceilingOf(cap(15)).ok).toBe(false);
    expect(problemsUnder(RELEASE, cap(16))).toEqual([]);
    expect(dataOf(load(RELEASE, [cap(16)])).localOnly?.maxReleaseBitsPerDay).toBe(16);
    expect(problemsUnder(RELEASE.replace('"red"]', '"red", "blue"]'), cap(16))).toHaveLength(1);
  });
});

test("all that is missing is told at once, file and line", () => {
  const loaded = load(`subprocess.sandbox = "none"\n${SECRET}`, [""]);
  expect(loaded.ok ? [] : loaded.problems.map(({ file, line, text }) => [file, line, text])).toEqual([
    ["/work/proj/agent-run.toml", 2, 'subprocess.sandbox = "none"'],
    ["/work/proj/agent-run.toml", 3, "[[secret]]"],
  ]);
});

test("a policy that was loaded before is held to the same, at the lines that it knows", () => {
  const data = dataOf(load(`subprocess.sandbox = "none"\n${SECRET}${RELEASE}`));
  const bound = boundBy(data, [dataOf(ceilingOf(""))], { sha256: (text) => text });
  expect(bound.ok ? [] : bound.problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
    `2 \`sandbox = "none"\` needs the same line in ${C}`,
    `3 there is no secret \`stripe\` in ${C}`,
    `17 there is no release \`state\` in ${C}`,
  ]);
  const fine = boundBy(data, [dataOf(ceilingOf(`subprocess.sandbox = "none"\n${SECRET}${RELEASE}`))], {
    sha256: (text) => text,
  });
  expect(fine.ok && fine.data.ceilings.length).toBe(1);
});

test("commands without a jail are refused under the strict profile of a ceiling, however it comes to bound the policy", () => {
  const open = '[subprocess]\nsandbox = "none"\naccept_unsandboxed_commands = true\nallow_commands = ["git"]\n';
  const main = `filesystem.local_only_read = ["p/**"]\n${open}`;
  const ceiling = `${open}[local_only]\nprofile = "strict"\nsettle = ["30s"]\n`;
  const says = 'commands without a jail can read what is local-only, and `profile = "strict"` takes no exception';
  expect(problemsUnder(main, ceiling)).toEqual([`4 ${says}`]);
  const bound = boundBy(dataOf(load(main)), [dataOf(ceilingOf(ceiling))], { sha256: (text) => text });
  expect(bound).toMatchObject({ ok: false, problems: [{ line: 4, message: says }] });
});
