/** Secrets as a variable and as input: real commands, in real jails and open. */

import type { CommandUse, Json } from "@agent-run/gate";
import { afterAll, describe, expect, test } from "vitest";
import { contextOf, MODES, makeBase, removeBases, type SceneOptions, useOf } from "./fixtures/scene.ts";
import { runCredentialCommand } from "./run.ts";

afterAll(removeBases);

const SECRET = "s3cret é\n\"'";

async function run(
  slot: CommandUse["slot"],
  args: Json,
  { secret = SECRET, ...scene }: SceneOptions & { readonly secret?: string } = {},
) {
  const call = { context: contextOf(makeBase(), scene), use: useOf(["sh", "**"], slot), secret, args, ca: null };
  const answer = await runCredentialCommand(call, new AbortController().signal);
  return answer.ok ? Buffer.from(answer.value.stdout).toString("utf8") : answer.failure.code;
}

const variable = { kind: "env", name: "API_KEY" } as const;
const input = { kind: "stdin" } as const;
const script = (text: string): Json => ({ argv: ["sh"], stdin: text });

describe.each(MODES)("sandbox %s", (sandbox) => {
  test("`env:NAME` is a variable of the command, and not a word of any process", async () => {
    const seen = await run(variable, script('printf %s "$API_KEY"; tr \\\\0 x < /proc/$$/cmdline | grep -c s3cret'), {
      sandbox,
    });
    expect(seen).toBe(`${SECRET}0\n`);
  });

  test("`stdin` is the input of the command, and no variable of it", async () => {
    expect(await run(input, { argv: ["sh"] }, { sandbox, secret: "echo $((6*7)); env | grep -c 42" })).toBe("42\n0\n");
  });
});

test("in its jail such a command has no network and writes nothing that stays", async () => {
  const probe = "cat /proc/net/dev | grep -c : ; touch made 2>/dev/null || echo closed";
  expect(await run(variable, script(probe))).toBe("1\nclosed\n");
});

test.each<[string, CommandUse["slot"], Json, string?]>([
  ["the script sets the secret's variable itself", { kind: "env", name: "MODE" }, { argv: ["sh"], env: { MODE: "x" } }],
  ["the script brings an input where the secret is one", input, { argv: ["sh"], stdin: "x" }],
  ["the variable would make programs run code", { kind: "env", name: "LD_PRELOAD" }, { argv: ["sh"] }],
  ["the secret ends early as a variable", variable, { argv: ["sh"] }, "a\0b"],
  ["it is another command", variable, { argv: ["git"] }],
])("the command is not run where %s", async (_, slot, args, secret) => {
  expect(await run(slot, args, secret === undefined ? {} : { secret })).toBe("E_SLOT");
});
