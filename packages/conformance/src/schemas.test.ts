/** Own capabilities with the schema libraries that people use: each through the real wall. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, defineCapability, loadPolicy, PolicyError } from "@agent-run/runtime/library";
import { type } from "arktype";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-schemas-")));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const policyOf = async (text: string) => {
  const file = join(folder, `${Math.random()}.toml`);
  writeFileSync(file, `version = 1\n${text}`);
  return loadPolicy(file);
};
const UP_TO_100 = '[[rule]]\nid = "r"\neffect = "allow"\non = ["tool.a.b"]\nwhen = { "args.amount" = { le = 100 } }\n';

interface Args {
  readonly amount: number;
  readonly currency: string;
}

const given: unknown[] = [];
const effect = (args: Args) => {
  expectTypeOf(args.amount).toEqualTypeOf<number>();
  given.push(args);
  return args.amount;
};

/** A text of digits becomes a number, and the currency has a default. */
const CAPABILITIES = {
  zod: defineCapability("a.b", {
    class: "irreversible",
    input: z.object({ amount: z.coerce.number().int(), currency: z.enum(["EUR", "USD"]).default("EUR") }),
    effect,
  }),
  valibot: defineCapability("a.b", {
    class: "irreversible",
    input: v.object({
      amount: v.pipe(v.union([v.string(), v.number()]), v.transform(Number), v.integer()),
      currency: v.optional(v.picklist(["EUR", "USD"]), "EUR"),
    }),
    effect,
  }),
  arktype: defineCapability("a.b", {
    class: "irreversible",
    input: type({ amount: "string.integer.parse | number.integer", currency: "'EUR' | 'USD' = 'EUR'" }),
    effect,
  }),
};

describe.each(Object.entries(CAPABILITIES))("%s", (_, capability) => {
  test("coerces and fills in before the policy decides, and the effect is given just that", async () => {
    given.length = 0;
    await using runtime = await createRuntime({
      policy: await policyOf(UP_TO_100),
      audit: folder,
      capabilities: [capability],
    });
    expect(await runtime.run('return tools.a.b({ amount: "7" })')).toMatchObject({ ok: true, value: 7 });
    expect((await runtime.run('return tools.a.b({ amount: "700" })')).error?.code).toBe("E_POLICY_DENIED");
    expect(given).toEqual([{ amount: 7, currency: "EUR" }]);
  });

  test("tells what is wrong, with its place", async () => {
    given.length = 0;
    await using runtime = await createRuntime({
      policy: await policyOf(UP_TO_100),
      audit: folder,
      capabilities: [capability],
    });
    for (const args of ['{ amount: "x" }', "{ amount: 1.5 }", "{}", '{ amount: 1, currency: "GBP" }']) {
      const { error } = await runtime.run(`return tools.a.b(${args})`);
      expect(error?.code, args).toBe("E_ARGUMENT");
      expect(error?.message, args).toMatch(/amount|currency/);
    }
    expect(given).toEqual([]);
  });
});

test("a schema that makes a Date is refused, and says so", async () => {
  const capability = defineCapability("a.b", {
    class: "read",
    input: z.object({ at: z.coerce.date() }),
    effect: () => null,
  });
  const policy = await policyOf('[[rule]]\nid = "r"\neffect = "allow"\non = ["tool.a.b"]\n');
  await using runtime = await createRuntime({ policy, audit: folder, capabilities: [capability] });
  const { error } = await runtime.run('tools.a.b({ at: "2027-01-01" })');
  expect(error).toMatchObject({ code: "E_ARGUMENT", message: expect.stringContaining("an instance of Date") });
});

describe("a rule about a capability", () => {
  const made = async (on: string, effectOf = "deny") => {
    const policy = await policyOf(`${UP_TO_100}[[rule]]\nid = "other"\neffect = "${effectOf}"\non = ["${on}"]\n`);
    const runtime = await createRuntime({ policy, audit: folder, capabilities: [CAPABILITIES.zod] });
    await runtime.close();
  };

  test("that is misspelled does not pass unnoticed", async () => {
    const error = await made("tool.a.bb").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PolicyError);
    const [problem] = (error as PolicyError).problems;
    expect(problem).toMatchObject({
      line: 7,
      message: expect.stringContaining("`tool.a.bb`"),
      hint: "did you mean `tool.a.b`?",
    });
    await expect(made("tool.a.nothing", "allow")).rejects.toThrow(PolicyError);
  });

  test("of a namespace that is not this program's, or of all of one, is left alone", async () => {
    await made("tool.github.search");
    await made("tool.a.*");
    await made("tool.*");
  });
});
