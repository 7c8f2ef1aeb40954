/** The operations of a learning run by themselves: should its policy ever let one through, nothing is done all the same. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnyOperation, CanonicalRequest, OperationContext } from "@agent-run/gate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { operations } from "./index.ts";
import { learningOperations } from "./learning.ts";

let base: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-learning-")));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const table = (network: boolean): readonly AnyOperation[] =>
  learningOperations({ root: "/nowhere", overlay: base, network, protectedInodes: () => [] });

function firstStep(network: boolean, name: string, on: CanonicalRequest["on"]): unknown {
  const request: CanonicalRequest = {
    v: 1,
    on,
    targets: [{ on, role: "connect", kind: "url", value: "https://x.example/" }],
    attrs: {},
    labels: [],
  };
  const operation = table(network).find((one) => one.name === name);
  const args = { url: "https://x.example/", method: "GET", headers: [], timeoutMs: 1 };
  const context = { limits: {}, policy: { network: { timeoutSeconds: 1 } } } as unknown as OperationContext;
  const step = operation?.check(args, request, context).next();
  return step?.done ? step.value : step?.value;
}

test.each([
  [false, "net.request", "net.http_get"],
  [false, "net.request", "net.http_post"],
  [true, "net.request", "net.http_post"],
  [false, "subprocess.exec", "subprocess.exec"],
  [true, "subprocess.exec", "subprocess.exec"],
] as const)("with network %s, %s under %s is refused before anything is looked up", (network, name, on) => {
  expect(firstStep(network, name, on)).toMatchObject({ ok: false, failure: { code: "E_POLICY_DENIED" } });
});

test("with the network, a GET goes on to look up its name", () => {
  expect(firstStep(true, "net.request", "net.http_get")).toMatchObject({ kind: "resolve", host: "x.example" });
});

test("there are the same operations as in any run", () => {
  expect(table(false).map(({ name }) => name)).toEqual(operations.map(({ name }) => name));
});
