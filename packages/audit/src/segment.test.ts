import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalJson, type Decision, type IntentEntry, type JsonObject } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GENESIS, linkOf } from "./chain.ts";
import { HeldLines } from "./held-lines.ts";
import { recoverSegment } from "./recover.ts";
import { Segment } from "./segment.ts";
import { createSegmentFile, openRecordDirectory, type SegmentStorage, segmentPath } from "./storage.ts";
import { ulid } from "./ulid.ts";
import { verifySegment } from "./verify.ts";

const clock = { now: () => 1_700_000_000_000 };
const allow: Decision = { effect: "allow", code: null, rule: { id: "r" }, matched: ["r"], layer: "policy" };
const intent = (seq: number, decision = allow): IntentEntry => ({
  seq,
  op: "fs.read",
  request: { v: 1, on: "fs.read", targets: [], attrs: {}, labels: [] },
  decision,
});
const outcome = (seq: number) => ({ seq, ok: true, code: null, bytes: 3, ms: 1 });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "agent-run-audit-"));
  openRecordDirectory(directory);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A segment of three calls, ended if asked for; its path. */
function written(end: boolean): string {
  const run = ulid(clock.now());
  const path = segmentPath(directory, run);
  const segment = new Segment(run, createSegmentFile(path), clock);
  segment.start({ script: "a".repeat(64), name: "lone \ud800 and \u0000" });
  for (const seq of [1, 2, 3]) {
    segment.intent(intent(seq), seq === 2);
    if (seq < 3 || end) segment.outcome(outcome(seq));
  }
  if (end) segment.end({ exit: 0 });
  return path;
}

describe("a segment", () => {
  test("of a whole run is complete", () => {
    expect(verifySegment(readFileSync(written(true)))).toMatchObject({
      state: "complete",
      records: 8,
      problems: [],
      inDoubt: [],
    });
  });

  test("is readable by its owner only", () => {
    expect(statSync(written(true)).mode & 0o777).toBe(0o600);
  });

  test("is never written over another", () => {
    const path = written(true);
    expect(() => createSegmentFile(path)).toThrow("EEXIST");
  });

  test("with any one bit of any byte flipped is not complete", () => {
    const bytes = readFileSync(written(true));
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      expect(verifySegment(flipped).state, `byte ${at}`).not.toBe("complete");
    }
  });

  test("cut anywhere is not complete", () => {
    const bytes = readFileSync(written(true));
    for (let length = 0; length < bytes.length; length += 1) {
      expect(verifySegment(bytes.subarray(0, length)).state, `length ${length}`).not.toBe("complete");
    }
  });

  test("with a line dropped, doubled or swapped is broken and names the record", () => {
    const lines = readFileSync(written(true), "utf8").trimEnd().split("\n");
    for (let at = 0; at < lines.length - 1; at += 1) {
      const [line = "", next = ""] = lines.slice(at, at + 2);
      const dropped = lines.toSpliced(at, 1);
      const doubled = lines.toSpliced(at, 0, line);
      const swapped = lines.toSpliced(at, 2, next, line);
      for (const changed of [dropped, doubled, swapped]) {
        const verdict = verifySegment(Buffer.from(`${changed.join("\n")}\n`));
        expect(verdict.state).toBe("broken");
        expect(verdict.problems[0]?.seq).toBeLessThanOrEqual(at + 1);
      }
    }
  });

  test("that is empty or not text is broken", () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from("\n"), Buffer.from([0xff, 0x0a]), Buffer.from("{}\n")]) {
      expect(verifySegment(bytes).state).toBe("broken");
    }
  });

  test("with torn bytes behind it is what it was without them, and says how many there are", () => {
    for (const [ended, state] of [
      [true, "complete"],
      [false, "unfinished"],
    ] as const) {
      const bytes = readFileSync(written(ended));
      for (const torn of ['{"call":4,"kind":"int', "\0\0\0\0", "x"]) {
        const verdict = verifySegment(Buffer.concat([bytes, Buffer.from(torn)]));
        expect(verdict).toEqual({ ...verifySegment(bytes), residueBytes: torn.length });
        expect(verdict.state).toBe(state);
      }
    }
    expect(verifySegment(Buffer.from('{"args":'))).toMatchObject({ state: "unfinished", residueBytes: 8 });
  });

  test("with a whole line behind its end is broken", () => {
    const bytes = readFileSync(written(true));
    const [first = ""] = bytes.toString().split("\n");
    for (const line of ["x\n", `${first}\n`]) {
      expect(verifySegment(Buffer.concat([bytes, Buffer.from(line)])).state).toBe("broken");
    }
  });

  test("names an allowed call without outcome as in doubt, a refused one not", () => {
    const run = ulid(clock.now());
    const path = segmentPath(directory, run);
    const segment = new Segment(run, createSegmentFile(path), clock);
    segment.start({});
    segment.intent(intent(1, { ...allow, effect: "deny", code: "E_POLICY_DENIED" }), false);
    segment.approval({ seq: 2, answer: "deny", by: "tty", requestHash: "" });
    segment.intent(intent(2, { ...allow, effect: "ask", code: "E_APPROVAL_UNAVAILABLE" }), false);
    segment.intent(intent(3), false);
    segment.approval({ seq: 4, answer: "allow", by: "tty", requestHash: "" });
    segment.intent(intent(4, { ...allow, effect: "ask", code: "E_APPROVAL_UNAVAILABLE" }), false);
    expect(verifySegment(readFileSync(path)).inDoubt).toEqual([3, 4]);
  });

  test("keeps its own position, kind and link, whatever the body of a record holds", () => {
    const lines: string[] = [];
    const storage = { append: (text: string) => lines.push(text), sync: () => undefined, close: () => undefined };
    const segment = new Segment("r", storage, clock);
    segment.start({ v: 2, seq: 9, ts: "", run: "other", kind: "run.end", prev: "" });
    segment.end({});
    expect(verifySegment(Buffer.from(lines.join("")))).toMatchObject({ state: "complete", run: "r" });
  });
});

describe("a forger who makes every link anew is found by", () => {
  const head = { v: 1, ts: "2026-01-31T12:00:00.000Z", run: "r" };
  const START = { kind: "run.start" };
  const CALL = [
    { kind: "intent", call: 1, decision: "allow" },
    { kind: "outcome", call: 1 },
  ];
  const END = { kind: "run.end", intents: 1, outcomes: 1 };

  /** Lines with right positions, links and seal, where a record does not say otherwise. */
  function forged(records: readonly JsonObject[], encode: (line: string, seq: number) => Uint8Array = Buffer.from) {
    const lines: Uint8Array[] = [];
    let prev = GENESIS;
    for (const [seq, record] of records.entries()) {
      const whole = { ...head, seq, prev, ...record };
      const hash = record.kind === "run.end" ? { hash: linkOf(canonicalJson(whole)) } : {};
      const line = encode(canonicalJson({ ...whole, ...hash }), seq);
      lines.push(line, Buffer.from("\n"));
      prev = linkOf(line);
    }
    return verifySegment(Buffer.concat(lines));
  }

  test("nothing, if the records are right", () => {
    expect(forged([START, ...CALL, END])).toMatchObject({ state: "complete", problems: [] });
  });

  test.each<[string, readonly JsonObject[], number]>([
    ["the version", [START, { kind: "verify", v: 2 }, ...CALL, END], 1],
    ["the time", [START, { kind: "verify", ts: 5 }, ...CALL, END], 1],
    ["the kind", [START, { kind: "nonsense" }, ...CALL, END], 1],
    ["the position", [START, { kind: "verify", seq: 7 }, ...CALL, END], 1],
    ["the first record", [...CALL, END], 0],
    ["a second start", [START, START, ...CALL, END], 1],
    ["another run", [START, { kind: "verify", run: "s" }, ...CALL, END], 1],
    ["what comes after the end", [START, ...CALL, END, END], 4],
    ["a count of intents", [START, ...CALL, { ...END, intents: 2 }], 3],
    ["a count of outcomes", [START, ...CALL, { ...END, outcomes: 0 }], 3],
    ["an outcome without its intent", [START, ...CALL, { kind: "outcome", call: 2 }, { ...END, outcomes: 2 }], 3],
    [
      "an outcome of a refusal",
      [START, { kind: "intent", call: 1, decision: "deny" }, { kind: "outcome", call: 1 }, END],
      2,
    ],
  ])("%s", (_, records, seq) => {
    expect(forged(records)).toMatchObject({ state: "broken", problems: [{ seq }] });
  });

  test("a run that is no text", () => {
    expect(forged([START, ...CALL, END].map((record) => ({ ...record, run: 7 }))).state).toBe("broken");
  });

  test.each<[string, (line: string) => Uint8Array]>([
    ["another spelling of the same record", (line) => Buffer.from(line.replace(":", ": "))],
    ["a byte order mark", (line) => Buffer.from(`\ufeff${line}`)],
    ["bytes that are no UTF-8", (line) => Buffer.from(line.replace('"kind"', '"a":"\xff","kind"'), "latin1")],
  ])("%s", (_, spoil) => {
    const encode = (line: string, seq: number) => (seq === 1 ? spoil(line) : Buffer.from(line));
    const verdict = forged([START, { kind: "verify" }, ...CALL, END], encode);
    expect(verdict).toMatchObject({ state: "broken", problems: [{ seq: 1 }] });
  });
});

describe("a storage that fails", () => {
  const failing = (at: "append" | "sync"): SegmentStorage => ({
    append: () => {
      if (at === "append") throw new Error("ENOSPC");
    },
    sync: () => {
      throw new Error("EIO");
    },
    close: () => undefined,
  });

  test("makes every later record fail, too", () => {
    let full = false;
    const storage: SegmentStorage = {
      append: () => {
        if (full) throw new Error("ENOSPC");
      },
      sync: () => undefined,
      close: () => undefined,
    };
    const segment = new Segment("r", storage, clock);
    expect(segment.start({})).toBe(true);
    full = true;
    expect(segment.intent(intent(1), false)).toBe(false);
    full = false;
    expect(segment.outcome(outcome(1))).toBe(false);
    expect(segment.outcome(outcome(1), true)).toBe(false);
    expect(segment.end({})).toBe(false);
    expect(segment.broken).toBe(true);
  });

  test("is closed all the same, once", () => {
    let closed = 0;
    const close = () => {
      closed += 1;
    };
    const segment = new Segment("r", { ...failing("append"), close }, clock);
    expect(segment.start({})).toBe(false);
    expect(segment.end({})).toBe(false);
    expect(closed).toBe(1);
    const good = new Segment("r", { ...failing("sync"), close }, clock);
    expect(good.end({})).toBe(true);
    expect([closed, good.outcome(outcome(1))]).toEqual([2, false]);
  });

  test("refuses a durable intent whose sync fails, and only that", () => {
    expect(new Segment("r", failing("sync"), clock).intent(intent(1), true)).toBe(false);
    expect(new Segment("r", failing("sync"), clock).intent(intent(1), false)).toBe(true);
  });
});

describe("recovery after a kill", () => {
  test("ends the segment, keeps the torn line aside and names what is in doubt", () => {
    const path = written(false);
    writeFileSync(path, '{"call":4,"kind":"int', { flag: "a" });
    const recovery = recoverSegment(path, clock, { exit: 6 });
    expect(recovery.ok).toBe(true);
    expect(verifySegment(readFileSync(path))).toMatchObject({ state: "complete", residueBytes: 0 });
    expect(readFileSync(path, "utf8")).toContain('"in_doubt":[3]');
    expect(readFileSync(`${path}.residue`, "utf8")).toBe('{"call":4,"kind":"int');
  });

  test("puts in what the worker had not written yet, and what it had only once", () => {
    for (const tear of [false, true]) {
      const run = ulid(clock.now());
      const path = segmentPath(directory, run);
      const held = new HeldLines();
      const segment = new Segment(run, createSegmentFile(path), clock, { held });
      segment.start({});
      for (const seq of [1, 2]) {
        segment.intent(intent(seq), false);
        segment.outcome(outcome(seq), true);
      }
      expect(readFileSync(path, "utf8")).not.toContain('"call":2,"code":null,"kind":"outcome"');
      // The thread may be killed between its write and the moment at which it forgets what it held.
      if (tear) writeFileSync(path, held.text, { flag: "a" });
      const { ok, stored } = recoverSegment(path, clock, { exit: 6 }, held.text);
      expect([ok, stored.filter(({ kind }) => kind === "outcome").length]).toEqual([true, 2]);
      expect(verifySegment(readFileSync(path))).toMatchObject({ state: "complete", records: 7, inDoubt: [] });
    }
  });

  test("a line for which there is no room is written at once", () => {
    const run = ulid(clock.now());
    const path = segmentPath(directory, run);
    const segment = new Segment(run, createSegmentFile(path), clock, {
      held: new HeldLines(new SharedArrayBuffer(64)),
    });
    segment.start({});
    segment.intent(intent(1), false);
    segment.outcome(outcome(1), true);
    expect(verifySegment(readFileSync(path))).toMatchObject({ state: "unfinished", records: 3, inDoubt: [] });
  });

  test("keeps torn bytes behind a whole record aside and adds nothing to it", () => {
    const path = written(true);
    const before = readFileSync(path);
    writeFileSync(path, Buffer.concat([before, Buffer.from("torn")]));
    expect(recoverSegment(path, clock, { exit: 6 }).ok).toBe(true);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readFileSync(`${path}.residue`, "utf8")).toBe("torn");
  });

  test("leaves an altered segment as it is", () => {
    const path = written(false);
    writeFileSync(path, readFileSync(path, "utf8").replace('"call":1', '"call":7'));
    const before = readFileSync(path);
    expect(recoverSegment(path, clock, {}).ok).toBe(false);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(existsSync(`${path}.residue`)).toBe(false);
  });

  test("leaves a link in the place of a segment, and what it leads to, as they are", () => {
    const path = written(false);
    const before = readFileSync(path);
    symlinkSync(path, join(directory, "runs/link.jsonl"));
    expect(recoverSegment(join(directory, "runs/link.jsonl"), clock, {}).ok).toBe(false);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("of a missing file fails without throwing", () => {
    expect(recoverSegment(join(directory, "none"), clock, {}).ok).toBe(false);
  });
});

test("ULIDs sort by time and do not repeat", () => {
  expect(ulid(1) < ulid(2) && ulid(2 ** 40) > ulid(2 ** 39)).toBe(true);
  expect(new Set(Array.from({ length: 1000 }, () => ulid(5))).size).toBe(1000);
  expect(ulid(5)).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
});
