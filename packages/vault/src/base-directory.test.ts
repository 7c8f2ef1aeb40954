import type { Json, OperationContext } from "@agent-run/gate";
import { Policy } from "@agent-run/policy";
import { afterEach, beforeEach, expect, test } from "vitest";
import { baseDirectory } from "./base-directory.ts";
import { Place } from "./vault.fixture.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

function base(op: string, args: Json): string | null {
  const policy = Policy.revive(
    place.policy('[filesystem]\nlocal_only_write = ["notes/**", "one.md"]\nwrite_allow = ["out/**"]\n'),
  );
  const context = {
    root: place.directory,
    home: place.directory,
    decide: (target: Parameters<Policy["decideTarget"]>[0]) => policy.decideTarget(target),
  } as unknown as OperationContext;
  const found = baseDirectory(op, args, context);
  return found === null ? null : found.replace(place.directory, "");
}

test.each<[string, Json, string | null]>([
  ["fs.write", { path: "notes/a" }, "/notes"],
  ["fs.write", { path: "notes/b/c/d" }, "/notes"],
  ["fs.mkdir", { path: "notes/b" }, "/notes"],
  ["fs.copy", { from: "src/a", to: "notes/b/a" }, "/notes"],
  ["fs.copy", { from: "notes/b/a", to: "out/a" }, null],
  ["fs.write", { path: "one.md" }, null],
  ["fs.write", { path: "out/a" }, null],
  ["fs.read", { path: "notes/b/a" }, null],
  ["fs.write", { path: "notes/a\0" }, null],
  ["fs.write", { path: 5 }, null],
  ["fs.write", null, null],
])("the place that %s %j needs is %s", (op, args, directory) => {
  expect(base(op, args)).toBe(directory);
});
