import type { Decision, PinnedCommand, Target } from "@agent-run/gate";
import { afterAll, expect, test, vi } from "vitest";
import { makeRoot, removeRoots } from "../fixtures/scene.ts";
import { asideFailure } from "./aside.ts";

vi.mock("./survey.ts", async (original) => ({ ...(await original<object>()), MAX_ENTRIES: 3 }));

afterAll(removeRoots);

const allowed = (_target: Target): Decision => ({
  effect: "allow",
  code: null,
  rule: { id: "r" },
  matched: [],
  layer: "policy",
});

const left = (root: string) => {
  const jail = { bwrap: "/usr/bin/bwrap", readOnly: [], readWrite: [root], hidden: [], links: [], network: false };
  return asideFailure({ jail, argv: ["sh"], path: "/bin/sh", cwd: root } as unknown as PinnedCommand, allowed);
};

test("what is more than can be looked at fails the call, since it cannot be checked", async () => {
  expect(await left(makeRoot({ a: "", b: "", "d/c": "" }))).toMatchObject({
    code: "E_POLICY_DENIED",
    message: "`sh` left more than 3 files where it may write: they cannot be checked against the policy",
  });
  expect(await left(makeRoot({ a: "", b: "", c: "" }))).toBeNull();
});
