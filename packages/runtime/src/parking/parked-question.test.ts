/** What lies in a file between two runs is believed only as far as it asks what is asked now, of whom it is asked of now. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerPending, pendingTickets, type Ticket, ticketOf } from "@agent-run/approvals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openPolicy } from "../open-policy.ts";
import { approvalsDirectory } from "../places.ts";
import { ParkedQuestion } from "./parked-question.ts";

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-question-")));
  vi.stubEnv("XDG_STATE_HOME", join(directory, "state"));
  mkdirSync(join(directory, "out"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

const REQUEST = '{"attrs":{"bytes":1},"labels":[],"on":"fs.write","targets":[],"v":1}';
const NAMED =
  '[approvals.approvers]\nalice = "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"\n[[rule]]\nid = "asks"\neffect = "ask"\non = ["fs.write"]\napprovers = ["alice"]\n';
const ANYBODY = '[[rule]]\nid = "asks"\neffect = "ask"\non = ["fs.write"]\n';

/** What a resumed run gets for an answer at another terminal; `tamper`: what a program of the user makes of the file. */
async function resumed(asks: string, now: Partial<Ticket>, tamper: Partial<Ticket>): Promise<unknown> {
  const path = join(directory, "agent-run.toml");
  writeFileSync(path, `version = 1\n[filesystem]\nwrite_allow = ["out/**"]\n${asks}`);
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  const { data } = opened;
  const about = { capability: "fs.write", target: "out/a", requestHash: "h", rule: "asks", layer: "policy" };
  const facts = { seq: 1, place: null, matched: ["asks"], irreversible: false, request: REQUEST, preview: null };
  const content = { as: "written", sha256: "a" } as const;
  const before = ticketOf({ ...about, ...facts, content }, "run-1", data, Date.now());
  const parking = new ParkedQuestion(data, { policy: data }, null);
  parking.park(before);
  parking.end(true);
  const pending = join(approvalsDirectory(), "pending");
  const file = join(pending, readdirSync(pending)[0] ?? "");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...tamper }));
  const [lying] = pendingTickets(approvalsDirectory(), Date.now());
  if (lying === undefined) throw new Error("nothing lies there");
  await answerPending(approvalsDirectory(), lying, { answer: "allow", by: "command" });
  const next = { ...ticketOf({ ...about, ...facts, content }, "run-2", data, Date.now()), ...now };
  return new ParkedQuestion(data, { policy: data }, "run-1").answered(next, new AbortController().signal);
}

test("an answer that was given meanwhile is taken, for the same question", async () => {
  expect(await resumed(ANYBODY, {}, {})).toMatchObject({ answer: "allow", channel: "command" });
});

test("but not for another content", async () => {
  expect(await resumed(ANYBODY, { content: { as: "written", sha256: "b" } }, {})).toBe(null);
});

test("nor where the file was made one that anybody answers, while the policy names approvers", async () => {
  expect(await resumed(NAMED, {}, { keysOnly: false, signers: {}, quorum: 1, channels: ["command"] })).toBe(null);
});

test("nor where what is shown is not what is asked", async () => {
  expect(await resumed(ANYBODY, {}, { request: REQUEST.replace("1", "2"), target: "out/harmless" })).toBe(null);
});
