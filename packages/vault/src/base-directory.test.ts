import type { OperationContext } from "@agent-run/gate";
import { Policy } from "@agent-run/policy";
import { afterEach, beforeEach, expect, test } from "vitest";
import { baseDirectories } from "./base-directory.ts";
import { Place } from "./vault.fixture.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

function bases(filesystem: string): readonly string[] {
  const policy = Policy.revive(place.policy(`[filesystem]\n${filesystem}`));
  const context = {
    policy: policy.data,
    decide: (target: Parameters<Policy["decideTarget"]>[0]) => policy.decideTarget(target),
  } as unknown as OperationContext;
  return baseDirectories(context).map((path) => path.replace(place.directory, ""));
}

test.each<[string, readonly string[]]>([
  ['local_only_write = ["notes/**"]', ["/notes"]],
  ['local_only_write = ["notes/**", "notes/deep/**"]', ["/notes"]],
  ['local_only_read = ["notes/**"]\nlocal_only_write = ["notes/deep/**"]', []],
  ['local_only_write = ["one.md"]', []],
  ['local_only_read = ["notes/**"]\nwrite_allow = ["out/**"]', []],
])("the places that %s needs are %j", (filesystem, directories) => {
  expect(bases(filesystem)).toEqual(directories);
});
