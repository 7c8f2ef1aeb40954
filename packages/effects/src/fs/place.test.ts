/** The moments between two system calls, reached by places and content that change the disk when they are looked at. */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Changed } from "./attempt.ts";
import { Holding, hold } from "./descriptor.ts";
import { locate } from "./locate.ts";
import { newDirectory } from "./mkdir.ts";
import { fsOperations } from "./operations.ts";
import { type Place, placeOf } from "./place.ts";
import { createFile, replaceFile, writeAll } from "./replace.ts";
import { Trial } from "./trial.ts";

const RANDOM = "0123456789abcdef";

let trial: Trial;
let holding: Holding;
let elsewhere: string;
beforeEach(() => {
  trial = new Trial(fsOperations);
  holding = new Holding();
  elsewhere = join(trial.base, "elsewhere");
  mkdirSync(trial.at("d"));
});
afterEach(() => {
  holding.release();
  trial.remove();
});

const moveOut = (): void => renameSync(trial.at("d"), elsewhere);

/** `name` in the directory `d`; the `nth` look at the name runs `act` first. */
function place(name: string, nth = 0, act: () => void = () => {}): Place {
  let looks = 0;
  return {
    directory: holding.keep(hold(trial.at("d"))),
    directoryReal: trial.at("d"),
    get name() {
      looks += 1;
      if (looks === nth) act();
      return name;
    },
  };
}

test("a file that another took the name of after it was found has no place", () => {
  trial.file("a", "found");
  trial.file("b", "another");
  const found = locate(trial.at("a"), holding);
  if (found.kind !== "found") throw new Error("the file was not found");
  expect(placeOf(found, holding)).toMatchObject({ directoryReal: trial.root, name: "a" });
  renameSync(trial.at("b"), trial.at("a"));
  expect(() => placeOf(found, holding)).toThrow(Changed);
});

test("while it is written, a replacement is for its owner alone", () => {
  trial.file("d/a", "old");
  const modes: number[] = [];
  const fill = (fd: number): void => {
    modes.push(statSync(trial.at(`d/.agent-run-${RANDOM}.tmp`)).mode & 0o777);
    writeAll(fd, Buffer.from("new"));
  };
  replaceFile(place("a"), { kept: 0o644, created: 0o666, random: RANDOM, fill });
  expect(modes).toEqual([0o600]);
  expect(statSync(trial.at("d/a")).mode & 0o777).toBe(0o644);
});

test("a directory that is moved out while a file is written keeps nothing of it", () => {
  trial.file("d/a", "old");
  expect(() => replaceFile(place("a"), { kept: null, created: 0o666, random: RANDOM, fill: moveOut })).toThrow(Changed);
  expect(readdirSync(elsewhere)).toEqual(["a"]);
  expect(readFileSync(join(elsewhere, "a"), "utf8")).toBe("old");
});

test("a directory that is moved out just before the rename keeps nothing of it", () => {
  const replacement = { kept: null, created: 0o666, random: RANDOM, fill: () => {} };
  expect(() => replaceFile(place("a", 2, moveOut), replacement)).toThrow(Changed);
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("a directory that is moved out while a file is created keeps nothing of it", () => {
  expect(() => createFile(place("a"), moveOut)).toThrow(Changed);
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("what replaced our file before we looked again is not taken for ours, and not removed", () => {
  const impostor = (): void => renameSync(trial.file("impostor", "theirs"), trial.at("d/a"));
  expect(() => createFile(place("a"), impostor)).toThrow(Changed);
  expect(trial.text("d/a")).toBe("theirs");
});

test("in a directory that is moved out, what is not ours stays", () => {
  const impostor = (): void => {
    moveOut();
    renameSync(trial.file("impostor", "theirs"), join(elsewhere, "a"));
  };
  expect(() => createFile(place("a"), impostor)).toThrow(Changed);
  expect(readFileSync(join(elsewhere, "a"), "utf8")).toBe("theirs");
});

test("a directory that is made in one that is moved out is not used", () => {
  expect(() => newDirectory(place("made", 2, moveOut))).toThrow(Changed);
});

test("a directory that is swapped for a link just after it was made is not used", () => {
  const swap = (): void => {
    renameSync(trial.at("d/made"), trial.at("aside"));
    symlinkSync(trial.outside, trial.at("d/made"));
  };
  expect(() => newDirectory(place("made", 2, swap))).toThrow(Changed);
});
