import { existsSync, linkSync } from "node:fs";
import { createErrands } from "@agent-run/effects/errands";
import type { Json, Recorder } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { orderedFlow } from "./sealed-flow.ts";
import { Place } from "./vault.fixture.ts";
import { Wall } from "./wall.ts";

let place: Place;
let recorded: (readonly [string, number])[];
beforeEach(() => {
  place = new Place();
  recorded = [];
});
afterEach(() => place.remove());

function perform(
  op: string,
  args: Json,
  { text = '[filesystem]\nlocal_only_read = ["**"]\nlocal_only_write = ["notes/**"]\n', record = true } = {},
) {
  const recorder: Recorder = {
    intent: ({ seq }) => recorded.push(["intent", seq]) > 0 && record,
    approval: () => true,
    outcome: ({ seq }) => recorded.push(["outcome", seq]) > 0,
  };
  const wall = new Wall(place.open(text), createErrands(), recorder, null);
  return wall.perform({ op, args, seq: 42 }, orderedFlow, new AbortController().signal);
}

describe("the vault's wall", () => {
  test("is the gate: a call is recorded, under the number of the public call that ordered it", async () => {
    place.write("notes/a", "text");
    expect(await perform("fs.read", { path: "notes/a" })).toEqual({ ok: "text" });
    expect(recorded).toEqual([
      ["intent", 42],
      ["outcome", 42],
    ]);
  });

  test("does nothing without a record", async () => {
    place.write("notes/a", "text");
    const answer = await perform("fs.write", { path: "notes/b", data: "x" }, { record: false });
    expect(answer).toMatchObject({ error: { code: "E_AUDIT" } });
    expect(existsSync(place.path("notes/b"))).toBe(false);
  });

  test("keeps the run's own policy closed, though a rule names it, by a hard link, too", async () => {
    place.write("notes/a", "text");
    place.open("");
    linkSync(place.path("agent-run.toml"), place.path("notes/link"));
    for (const path of ["agent-run.toml", "notes/link"])
      expect(await perform("fs.read", { path }), path).toMatchObject({ error: { code: "E_POLICY_DENIED" } });
  });

  test("asks nobody: what needs a person is refused", async () => {
    place.write("notes/a", "text");
    const text = 'requires_approval = ["fs.read"]\n[filesystem]\nlocal_only_read = ["notes/**"]\n';
    const answer = await perform("fs.read", { path: "notes/a" }, { text });
    expect(answer).toMatchObject({ error: { code: "E_APPROVAL_UNAVAILABLE" } });
  });
});
