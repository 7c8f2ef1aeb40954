/**
 * Another program swaps links and directories as fast as it can while operations run. Whatever moment it hits, nothing
 * of the outside is ever read, written, listed or deleted. Each test also shows that the swaps really hit: the same call
 * was answered in more than one way.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "@agent-run/gate";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fsOperations } from "./operations.ts";
import { CANARY, Trial } from "./trial.ts";

const ROUNDS = 1_000;
vi.setConfig({ testTimeout: 120_000 });

let trial: Trial;
let swapper: ChildProcess | null;
beforeEach(() => {
  trial = new Trial(fsOperations);
  swapper = null;
});
afterEach(async () => {
  if (swapper !== null) await stop(swapper);
  trial.remove();
});

/** Exchanges `spot` and `second` by renaming, over and over; for a moment `spot` is not there. */
const EXCHANGE = `
  renameSync(at("spot"), at("first"));
  renameSync(at("second"), at("spot"));
  renameSync(at("spot"), at("second"));
  renameSync(at("first"), at("spot"));
`;

/** Makes `spot` a link to the inner and to the outer directory in turn; it is there at every moment. */
const RELINK = `
  symlinkSync(swaps % 2 === 0 ? at("inner") : at("../outside"), at("next"));
  renameSync(at("next"), at("spot"));
`;

const program = (swap: string): string => `
  const { appendFileSync, renameSync, symlinkSync } = require("node:fs");
  const [root] = process.argv.slice(1);
  const at = (name) => root + "/" + name;
  for (let swaps = 1; ; swaps += 1) {
    ${swap}
    if (swaps % 50 === 0) appendFileSync(at("../swaps"), ".".repeat(50));
  }
`;

async function start(swap: string): Promise<void> {
  const child = spawn(process.execPath, ["-e", program(swap), trial.root], { stdio: "ignore" });
  swapper = child;
  while (swaps() === 0) {
    if (child.exitCode !== null) throw new Error("the swapper ended by itself");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

const swaps = (): number => statSync(join(trial.base, "swaps"), { throwIfNoEntry: false })?.size ?? 0;

/**
 * Answers of many calls, counted by what they were: at least `ROUNDS`, and then on until the swapper was at work all the
 * while and more than one answer was seen, however the machine divides its time.
 */
function storm(name: string, args: (round: number) => Json, kind: (value: Json) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  const before = swaps();
  const isHit = () => Object.keys(counts).length > 1 && swaps() > before + 100;
  for (let round = 0; round < ROUNDS || (round < 100 * ROUNDS && !isHit()); round += 1) {
    const answer = trial.call(name, args(round));
    const is =
      "ok" in answer
        ? kind(answer.ok)
        : "error" in answer
          ? answer.error.code
          : "fatal" in answer
            ? answer.fatal
            : "sealed";
    counts[is] = (counts[is] ?? 0) + 1;
  }
  expect(isHit()).toBe(true);
  return counts;
}

/** `spot` is a file of the root, `second` a link to the outer secret. */
function fileAndLink(): void {
  trial.file("spot", "inside");
  symlinkSync(join(trial.outside, "secret"), trial.at("second"));
}

/** `spot` is a directory of the root, `second` a link to the outer one. */
function directoryAndLink(): void {
  trial.file("spot/secret", "inside");
  symlinkSync(trial.outside, trial.at("second"));
}

const always = (text: string) => (): string => text;

test("reading a file that is swapped for a link never gives the outer one", async () => {
  fileAndLink();
  await start(EXCHANGE);
  const counts = storm("fs.read", () => ({ path: "spot" }), String);
  expect(counts).not.toHaveProperty(CANARY);
  expect(counts.inside).toBeGreaterThan(0);
  expect(counts.E_POLICY_DENIED).toBeGreaterThan(0);
});

test("reading in a directory that is swapped for a link never gives the outer file", async () => {
  directoryAndLink();
  await start(EXCHANGE);
  const counts = storm("fs.read", () => ({ path: "spot/secret" }), String);
  expect(counts).not.toHaveProperty(CANARY);
  expect(counts.inside).toBeGreaterThan(0);
});

test("sizes, listings and globs never show what is outside", async () => {
  directoryAndLink();
  writeFileSync(join(trial.outside, "only-outside"), "");
  await start(EXCHANGE);
  const listed = storm("fs.list", () => ({ path: "spot" }), JSON.stringify);
  const globbed = storm("fs.glob", () => ({ pattern: "spot/**" }), JSON.stringify);
  const sizes = storm(
    "fs.stat",
    () => ({ path: "spot/secret" }),
    (value) => `size ${(value as { size: number }).size}`,
  );
  expect(JSON.stringify([listed, globbed])).not.toContain("only-outside");
  expect(sizes).not.toHaveProperty(`size ${CANARY.length}`);
});

test("writing through names that are swapped never changes or creates anything outside", async () => {
  directoryAndLink();
  await start(EXCHANGE);
  const wrote = storm("fs.write", (round) => ({ path: "spot/secret", data: `round ${round}` }), always("written"));
  storm("fs.write", (round) => ({ path: `spot/new-${round}`, data: "evil" }), always("written"));
  storm("fs.write", () => ({ path: "spot/secret", data: "!", append: true }), always("appended"));
  expect(trial.outsideIsUntouched()).toBe(true);
  expect(wrote.written).toBeGreaterThan(0);
});

test("writing to a file that is swapped for a link never writes to the outer one", async () => {
  fileAndLink();
  await start(EXCHANGE);
  storm("fs.write", () => ({ path: "spot", data: "!", append: true }), always("appended"));
  expect(trial.outsideIsUntouched()).toBe(true);
});

test("making directories, copying and moving never leave the root", async () => {
  trial.file("inner/secret", "inside");
  trial.file("evil", "evil");
  symlinkSync("inner", trial.at("spot"));
  await start(RELINK);
  storm("fs.mkdir", (round) => ({ path: `spot/d${round}/deep` }), always("made"));
  storm("fs.copy", (round) => ({ from: "evil", to: `spot/c${round}` }), always("copied"));
  const stolen = storm(
    "fs.copy",
    () => ({ from: "spot/secret", to: "loot" }),
    () => trial.text("loot"),
  );
  const fresh = (round: number): Json => {
    trial.file("evil", "evil");
    return { from: "evil", to: `spot/m${round}` };
  };
  storm("fs.move", fresh, always("moved"));
  expect(stolen).not.toHaveProperty(CANARY);
  expect(trial.outsideIsUntouched()).toBe(true);
});

test("deleting a tree that is swapped for a link never deletes anything outside", async () => {
  trial.file("inner/x/secret", "inside");
  mkdirSync(join(trial.outside, "x"));
  writeFileSync(join(trial.outside, "x", "secret"), CANARY);
  symlinkSync("inner", trial.at("spot"));
  await start(RELINK);
  const again = (): Json => {
    trial.file("inner/x/secret", "inside");
    return { path: "spot/x", recursive: true };
  };
  const deleted = storm("fs.delete", again, always("deleted"));
  expect(deleted.deleted).toBeGreaterThan(0);
  expect(readdirSync(join(trial.outside, "x"))).toEqual(["secret"]);
  expect(readFileSync(join(trial.outside, "x", "secret"), "utf8")).toBe(CANARY);
});
