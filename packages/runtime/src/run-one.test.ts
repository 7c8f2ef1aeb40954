import { expect, test } from "vitest";
import { type Host, runOne } from "./run-one.ts";

test("without a record nothing is parsed, judged or run, and the run has failed", async () => {
  const untouched = new Proxy({}, { get: () => expect.unreachable("the run went on") });
  const facts = { version: "0" };
  const policy = { data: { hash: "", files: [] } };
  const engine = { hashes: {} };
  const channel = { begin: () => undefined };
  const host = { boot: { facts }, policy, engine, channel, machine: untouched } as unknown as Host;
  const script = { text: "return 1", name: "s.js", typescript: false };
  const start = {
    kind: "run",
    run: "r",
    script,
    args: [],
    input: null,
    seed: 0,
    tokenSeed: null,
    startMs: 0,
    maxSeconds: 1,
    actor: null,
    task: null,
    budget: null,
  } as const;
  const ended = await runOne(host, { ...start, recordPath: "/nowhere/runs/r.jsonl" });
  expect(ended).toMatchObject({ exitCode: 5, error: { code: "E_AUDIT" }, value: null });
});
