/** What the host makes of a worker that it had to kill: the record is finished, the leftovers go, the calls are told. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSegmentFile, openRecordDirectory, Segment, segmentPath, ulid, verifySegment } from "@agent-run/audit";
import type { Capability, Decision } from "@agent-run/gate";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ending } from "./current-run.ts";
import { killedEnd } from "./killed.ts";
import { type StartRun, temporaryPrefix } from "./protocol.ts";

const clock = { now: () => 1_700_000_000_000 };
const late = { kind: "killed", code: "E_LIMIT_TIME", message: "killed", stalled: false } as const;

let folder: string;
let start: StartRun;
let segment: Segment;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-killed-")));
  openRecordDirectory(folder);
  const run = ulid(clock.now());
  const recordPath = segmentPath(folder, run);
  segment = new Segment(run, createSegmentFile(recordPath), clock);
  segment.start({});
  const script = { text: "", name: "s.js", typescript: false };
  start = {
    kind: "run",
    run,
    recordPath,
    script,
    args: [],
    input: null,
    tokenSeed: null,
    seed: 0,
    startMs: 0,
    maxSeconds: 1,
    actor: null,
    task: null,
    budget: null,
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

const record = (): string => readFileSync(start.recordPath ?? "", "utf8");
const end = (ending: Extract<Ending, { kind: "killed" }> = late) => killedEnd(ending, start, "");

function intent(seq: number, effect: Decision["effect"], on: Capability = "fs.write", value = "/w/a"): void {
  const code = effect === "deny" ? "E_POLICY_DENIED" : null;
  const decision: Decision = { effect, code, rule: { id: "r" }, matched: [], layer: "policy" };
  const targets = [{ on, role: "write", kind: "path", value }] as const;
  segment.intent({ seq, op: "x", request: { v: 1, on, targets, attrs: {}, labels: [] }, decision }, false);
}

const outcome = (seq: number, code: "E_IO" | null = null) =>
  segment.outcome({ seq, ok: code === null, code, bytes: 0, ms: 0 });

test("each call is told with what it came to: its outcome, its refusal, or that it was cut off", () => {
  intent(1, "allow");
  outcome(1);
  intent(2, "allow");
  outcome(2, "E_IO");
  intent(3, "deny");
  segment.approval({ seq: 4, answer: "deny", by: "terminal", requestHash: "" });
  intent(4, "ask");
  segment.approval({ seq: 5, answer: "allow", by: "terminal", requestHash: "" });
  intent(5, "ask");
  const { error, exitCode, reusable, calls } = end();
  expect([error?.code, exitCode > 0, reusable]).toEqual(["E_LIMIT_TIME", true, false]);
  const codes = [null, "E_IO", "E_POLICY_DENIED", "E_APPROVAL_DENIED", "E_INTERRUPTED"];
  expect(calls.map(({ code }) => code)).toEqual(codes);
  expect(verifySegment(Buffer.from(record()))).toMatchObject({ state: "complete", problems: [] });
  expect(record()).toContain('"in_doubt":[5]');
});

test("a worker that is stuck may still write, so its record is left alone", () => {
  intent(1, "allow");
  const before = record();
  expect(end({ ...late, stalled: true })).toMatchObject({ error: { code: "E_LIMIT_TIME" }, calls: [] });
  expect(record()).toBe(before);
});

test("a record that was altered makes the run fail with that, and is left alone", () => {
  intent(1, "allow");
  const altered = record().replace('"/w/a"', '"/w/b"');
  intent(2, "allow");
  writeFileSync(start.recordPath ?? "", altered + record().split("\n").slice(2).join("\n"));
  const before = record();
  expect(end()).toMatchObject({ error: { code: "E_AUDIT" } });
  expect(record()).toBe(before);
});

test("only the run's own leftovers go, and only where a write was under way", () => {
  for (const name of ["open", "done"]) mkdirSync(join(folder, name));
  const left = (directory: string, prefix: string) => {
    const path = join(folder, directory, `.agent-run-${prefix}00000000.tmp`);
    writeFileSync(path, "half");
    return path;
  };
  const own = temporaryPrefix(start.run);
  const [swept, others, earlier] = [left("open", own), left("open", "otherrun"), left("done", own)];
  intent(1, "allow", "fs.write", join(folder, "done/a"));
  outcome(1);
  intent(2, "allow", "fs.write", join(folder, "open/a"));
  end();
  expect([swept, others, earlier].map((path) => existsSync(path))).toEqual([false, true, true]);
});
