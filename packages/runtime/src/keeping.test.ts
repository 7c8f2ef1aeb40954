/** The three ways of keeping local-only values: none, sealed, redacted; what a run prints and shows in each. */
import type { Json, PolicyData, Recorder } from "@agent-run/gate";
import { parseScript } from "@agent-run/vm";
import { describe, expect, test } from "vitest";
import type { Calls } from "./calls.ts";
import { type KeepingPorts, keepingOf } from "./keeping.ts";
import type { Output } from "./output.ts";
import type { StartRun, WorkerEnd } from "./protocol.ts";

const parsed = parseScript("print(1)", { name: "s.js", typescript: false, guard: true });

function keeping(mode: "sealed" | "redact" | null) {
  if (!parsed.ok) throw new Error("no program");
  const localOnly = mode === null ? null : { mode, maxWaits: 1, secrets: [], releases: [] };
  const ports: KeepingPorts = {
    policy: { localOnly } as unknown as PolicyData,
    start: { run: "r", tokenSeed: 1 } as unknown as StartRun,
    program: parsed.program,
    tell: () => undefined,
    recordRelease: () => true,
  };
  const printed: Json[] = [];
  const output = { print: (args: Json) => ({ ok: printed.push(args) }) } as unknown as Output;
  const made = keepingOf(ports);
  return { made, printed, printer: made.printer(output) };
}

const end = (value: Json): WorkerEnd => ({
  value,
  error: null,
  exitCode: 0,
  truncated: false,
  calls: [],
  problems: [],
  reusable: true,
});

const stopped = (code: string | null, driven: string[]) =>
  ({ stop: () => code, drive: () => driven.push("driven") }) as unknown as Calls;

describe("a run", () => {
  test("without local-only values is as it is: no ticks, no order of answers, nothing rewritten", () => {
    const { made, printed, printer } = keeping(null);
    printer.print(["sealed0"]);
    expect(printed).toEqual([["sealed0"]]);
    expect(made.seals).toBe(false);
    expect(made.callOptions(new Map())).toEqual({ pure: new Map() });
    const shown = end("x");
    expect(made.shown(shown)).toBe(shown);
  });

  test("with sealed ones has their operations, answers in order, and waits at its end, unless it was stopped", () => {
    const { made } = keeping("sealed");
    const options = made.callOptions(new Map());
    expect([...options.pure.keys()].sort().join(" ")).toBe(
      "seal.as seal.compute seal.encode seal.get seal.hmac seal.jwt seal.run",
    );
    expect([...(options.waiting?.keys() ?? [])].sort()).toEqual(["release", "seal.settle"]);
    expect([made.seals, options.inOrder]).toEqual([true, true]);
    const driven: string[] = [];
    made.finish(stopped("E_LIMIT_TIME", driven));
    expect(driven).toEqual([]);
    made.finish(stopped(null, driven));
    expect(driven).toEqual(["driven"]);
  });

  test("with redaction has no operations of sealed values, keeps its clock, and its recorder is scrubbed", () => {
    const { made } = keeping("redact");
    const recorder = { intent: () => true, approval: () => true, outcome: () => true } as unknown as Recorder;
    expect(made.seals).toBe(false);
    expect(made.callOptions(new Map()).waiting).toBeUndefined();
    expect(made.recorder(recorder)).not.toBe(recorder);
    expect(keeping("sealed").made.recorder(recorder)).toBe(recorder);
  });
});

test("what a sealed run prints and shows has displays in the place of tokens", () => {
  const { made, printed, printer } = keeping("sealed");
  const encode = made.callOptions(new Map()).pure.get("seal.encode");
  expect(encode?.({ how: "json", text: "x" })).toMatchObject({ error: { code: "E_ARGUMENT" } });
  const operation = { name: "env.read" };
  const typed = {
    v: 1,
    on: "env.read",
    targets: [{ on: "env.read", role: "read", kind: "variable", value: "A" }],
    attrs: {},
    labels: [],
  };
  const first = {
    effect: "allow",
    code: null,
    rule: { id: "r" },
    matched: [],
    layer: "p",
    sealed: { label: ["local"], accepts: [] },
  };
  const call = { operation, args: { name: "A" }, parsed: null, typed, first, seq: 1, answered: null, taken: new Map() };
  const routed = made.flow.route(call as never);
  if (!routed.ok) throw new Error("refused");
  const context = { environment: { A: "" } };
  const done = routed.value.execute({ spend: () => null } as never, context as never).next().value;
  const { token } = (done as { readonly value: { readonly sealed: { readonly token: string } } }).value.sealed;
  printer.print([`<${token}>`, { [token]: 1 }]);
  expect(printed).toEqual([["<[sealed env:A]>", { "[sealed env:A]": 1 }]]);
  expect(made.shown(end({ a: token })).value).toEqual({ a: "[sealed env:A]" });
});
