/** Commands that are given a secret: what is told of them, and that the declared kind of work is the only one. (Requests: broker.test.ts, vault.test.ts.) */
import { createErrands } from "@agent-run/effects/errands";
import type { BrokeredWork, LocalOnlyData } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Credentials } from "./credentials.ts";
import { SealedLog } from "./sealed-log.ts";
import { Secrets } from "./secrets.ts";
import { Values } from "./values.ts";
import { Place } from "./vault.fixture.ts";
import { Wall } from "./wall.ts";

const SECRET = "sk-Hj3pXw8dVg5sTz1aQe0u";
let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const use = (response: string) => `[[secret.use]]\ncommand = ["sh"]\nslot = "env:GIVEN"\nresponse = "${response}"\n`;
const POLICY = `[subprocess]\nsandbox = "none"\naccept_unsandboxed_commands = true\n[[secret]]\nname = "s"\nenv = "SECRET"\n${use("public")}`;

function credentials(text = POLICY, plaintext: Readonly<Record<string, string>> = { SECRET }) {
  const open = place.open(text, plaintext);
  const { localOnly } = open.policy as { readonly localOnly: LocalOnlyData };
  const log = new SealedLog(null, "r", "hash");
  const errands = createErrands();
  const { context } = new Wall(open, errands, log, null);
  const secrets = new Secrets({
    secrets: localOnly.secrets,
    variables: plaintext,
    command: async () => ({ ok: false, why: "none" }),
    exchange: async () => ({ ok: false, why: "none" }),
  });
  const ports = { localOnly, secrets, values: new Values(), errands, context, ca: null, log };
  return new Credentials(ports, new AbortController().signal);
}

/** A script for the shell's input. */
const work = (script: string): BrokeredWork => ({ kind: "command", args: { argv: ["sh"], stdin: script } });

const order = (given: BrokeredWork) => ({ secret: "s", use: 0, work: given });

describe("a command with a credential", () => {
  test("is given it, and told if the policy says that its answer is public", async () => {
    const answer = await credentials().tell(order(work("printf %s ${#GIVEN}; exit 3")));
    expect(answer).toMatchObject({ ok: true, value: { exitCode: 3, stdout: String(SECRET.length), stderr: "" } });
  });

  test.each(["echo $GIVEN", "echo $GIVEN >&2", "printf %s $GIVEN | base64", "printf %s $GIVEN | rev"])(
    "that repeats it is withheld: %s",
    async (script) => {
      const answer = await credentials().tell(order(work(script)));
      expect(answer).toMatchObject({ ok: false, failure: { code: "E_SINK" } });
    },
  );

  test("whose answer is sealed is not told, and kept", async () => {
    const sealed = credentials(POLICY.replace('"public"', '"sealed"'));
    const given = order(work("echo $GIVEN"));
    expect(await sealed.tell(given)).toBeNull();
    expect(await sealed.keep(given)).toMatchObject({ ok: true, value: { exitCode: 0, stdout: `${SECRET}\n` } });
  });

  test("that cannot be run is the same failure, whatever the reason", async () => {
    const without = await credentials(POLICY, {}).tell(order(work("true")));
    const wrong = await credentials(POLICY, { SECRET: "a\0b" }).tell(order(work("true")));
    expect(without).toMatchObject({ ok: false, failure: { code: "E_EXEC" } });
    expect(wrong).toEqual(without);
  });

  test("is run for work of its own kind only", async () => {
    const request = { kind: "request", request: {}, bodyBase64: null, slot: "t" } as unknown as BrokeredWork;
    expect(await credentials().tell(order(request))).toBeNull();
    expect(await credentials().keep(order(request))).toMatchObject({ ok: false });
    expect(await credentials().keep({ ...order(request), use: 5 })).toMatchObject({ ok: false });
  });
});
