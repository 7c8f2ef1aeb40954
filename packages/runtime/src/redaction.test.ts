import { type CallReport, type IntentEntry, type Json, type Recorder, Redactor } from "@agent-run/gate";
import { describe, expect, test } from "vitest";
import { Output } from "./output.ts";
import type { WorkerEnd } from "./protocol.ts";
import { redactedEnd, redactedOutput, redactedRecorder } from "./redaction.ts";

const KEY = "hunter2-hunter2";
const MARK = "[redacted env:KEY]";

function redactor(): Redactor {
  const made = new Redactor();
  made.register(KEY, "env:KEY");
  return made;
}

function scene(maxBytes = 1000) {
  const sent: string[] = [];
  const output = new Output(maxBytes, (text) => sent.push(text));
  return { output, sent, printer: redactedOutput(output, redactor()) };
}

const print = (text: string): Json => ({ text });

const endOf = (parts: Partial<WorkerEnd>): WorkerEnd => ({
  value: null,
  error: null,
  exitCode: 0,
  truncated: false,
  calls: [],
  problems: [],
  reusable: true,
  ...parts,
});

const returned = (value: Json): Json => redactedEnd(endOf({ value }), redactor()).value;

describe("output", () => {
  test("a value printed in pieces is scrubbed, and ordinary lines are passed on at once", () => {
    const { printer, sent } = scene();
    printer.print(print("starting\n"));
    expect(sent).toEqual(["starting\n"]);
    for (const piece of [KEY.slice(0, 3), KEY.slice(3, 9), `${KEY.slice(9)}\n`]) printer.print(print(piece));
    expect(sent.join("")).toBe(`starting\n${MARK}\n`);
  });

  test("what was held back is printed at the end", () => {
    const { printer, sent } = scene();
    printer.print(print(`ends with ${KEY.slice(0, 6)}`));
    expect(sent.join("")).toBe("ends with ");
    expect(printer.end()).toEqual({ ok: null });
    expect(sent.join("")).toBe(`ends with ${KEY.slice(0, 6)}`);
  });

  test("text is scrubbed before it is cut, so a cut leaves no beginning of a value", () => {
    const { printer, sent, output } = scene(10);
    expect(printer.print(print(`${KEY} and more`))).toEqual({ fatal: "E_LIMIT_OUTPUT" });
    expect(sent.join("")).toBe(MARK.slice(0, 10));
    expect(output.truncated).toBe(true);
  });

  test("a print without a text prints nothing", () => {
    const { printer, sent } = scene();
    expect(printer.print(null)).toEqual({ ok: null });
    expect(sent).toEqual([]);
  });
});

describe("value", () => {
  test("every string and every name is scrubbed", () => {
    expect(returned({ a: [`x ${KEY}`, { [`is ${KEY}`]: btoa(KEY) }], n: 1, b: true, z: null })).toEqual({
      a: [`x ${MARK}`, { [`is ${MARK}`]: MARK }],
      n: 1,
      b: true,
      z: null,
    });
  });

  test("names that became the same keep their members", () => {
    const upper = KEY.toUpperCase();
    expect(returned({ [KEY]: 1, [upper]: 2, [`${MARK} (2)`]: 3 })).toEqual({
      [MARK]: 1,
      [`${MARK} (2)`]: 2,
      [`${MARK} (2) (3)`]: 3,
    });
  });

  test("a value spelled in numbers or characters is found in the JSON of the whole", () => {
    const codes = [...KEY].map((character) => character.charCodeAt(0));
    expect(returned({ codes })).toBe(`{"codes":[${MARK}]}`);
    expect(returned([...KEY])).toBe(`[${MARK}]`);
    const pin = new Redactor();
    pin.register("83719264", "env:PIN");
    expect(redactedEnd(endOf({ value: 83719264 }), pin).value).toBe("[redacted env:PIN]");
  });

  test("no value stays no value", () => {
    const made = new Redactor();
    made.register("null", "env:KEY");
    expect(redactedEnd(endOf({}), made).value).toBeNull();
  });
});

describe("error and calls", () => {
  test("every text of an error that a script can shape is scrubbed", () => {
    const text = `at ${KEY}`;
    const error = {
      code: "E_POLICY_DENIED",
      message: text,
      name: text,
      capability: "fs.read",
      target: text,
      rule: { id: "default" },
      hint: text,
      causes: [text, text],
      line: 1,
      column: 2,
      frame: text,
    } as const;
    const scrubbed = `at ${MARK}`;
    const expected = {
      ...error,
      message: scrubbed,
      name: scrubbed,
      target: scrubbed,
      hint: scrubbed,
      causes: [scrubbed, scrubbed],
      frame: scrubbed,
    };
    const end = redactedEnd(endOf({ error, problems: [error], exitCode: 2 }), redactor());
    expect(end.error).toEqual(expected);
    expect(end.problems).toEqual([expected]);
    expect(end.exitCode).toBe(2);
  });

  test("an error without some texts gets none", () => {
    const error = { code: null, message: KEY };
    expect(redactedEnd(endOf({ error }), redactor()).error).toEqual({ code: null, message: MARK });
  });

  test("targets of calls are scrubbed", () => {
    const call: CallReport = {
      seq: 1,
      capability: "fs.read",
      target: `notes/${KEY}.md`,
      decision: "deny",
      rule: "default",
      code: "E_POLICY_DENIED",
    };
    expect(redactedEnd(endOf({ calls: [call] }), redactor()).calls).toEqual([{ ...call, target: `notes/${MARK}.md` }]);
  });
});

describe("record", () => {
  test("an intent is recorded with its texts scrubbed, and all else as it was", () => {
    const written: unknown[] = [];
    const recorder: Recorder = {
      intent: (...entry) => written.push(entry) > 0,
      approval: (...entry) => written.push(entry) > 0,
      outcome: (...entry) => written.push(entry) > 9,
    };
    const target = { on: "net.http_get", role: "connect", kind: "url", value: `https://a.example/?k=${KEY}` } as const;
    const rule = { id: "default" };
    const intent: IntentEntry = {
      seq: 1,
      op: "net.httpGet",
      request: { v: 1, on: "net.http_get", targets: [target], attrs: { headers: { [KEY]: `k ${KEY}` } }, labels: [] },
      decision: { effect: "deny", code: null, rule, matched: [], layer: "policy", target, hint: `add ${KEY}` },
    };
    const wrapped = redactedRecorder(recorder, redactor());
    expect(wrapped.intent(intent, true)).toBe(true);
    const seen = { ...target, value: `https://a.example/?k=${MARK}` };
    expect(written).toEqual([
      [
        {
          ...intent,
          request: { ...intent.request, targets: [seen], attrs: { headers: { [MARK]: `k ${MARK}` } } },
          decision: { ...intent.decision, target: seen, hint: `add ${MARK}` },
        },
        true,
      ],
    ]);
    const approval = { seq: 1, answer: "yes", by: "tty", requestHash: "0" };
    const outcome = { seq: 1, ok: true, code: null, bytes: 0, ms: 0 };
    expect([wrapped.approval(approval), wrapped.outcome(outcome, true)]).toEqual([true, false]);
    expect(written.slice(1)).toEqual([[approval], [outcome, true]]);
  });
});
