/** Which values a script may have released, and how often: by the policy's rule alone. */
import { type Handle, Handles, type Json, type LocalOnlyData, type Origin, SealedWrites } from "@agent-run/gate";
import { loadPolicyText, type PolicyData, type PolicyWorld } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { Releases } from "./releases.ts";

const URL_OF_STATE = "https://status.internal/latest";
const rule = { select: [], type: { kind: "bool" }, otherwise: "withheld", perDay: null, bits: 1 } as const;
const localOnly: Pick<LocalOnlyData, "releases"> = {
  releases: [
    {
      ...rule,
      name: "state",
      ref: { id: "release.state" },
      from: { kind: "request", method: "GET", url: URL_OF_STATE },
      perRun: 2,
    },
    { ...rule, name: "region", ref: { id: "release.region" }, from: { kind: "file", path: "/w/app.json" }, perRun: 1 },
  ],
};

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map(),
  sha256: () => "0".repeat(64),
};

/** `app.json` may be written by sealed work; `fixed.json` may not. */
function fileRules(more: string): PolicyData {
  const text = `version = 1\n[filesystem]\nlocal_only_read = ["*.json"]\nlocal_only_write = ["app.json"]\n${more}`;
  const loaded = loadPolicyText(text, { path: "/w/p.toml", realPath: "/w/p.toml" }, world);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.data;
}

function scene(releases = localOnly.releases, more = "") {
  let count = 0;
  const handles = new Handles(() => `sealed0${String(++count).padStart(32, "0")}`);
  const writes = new SealedWrites();
  const policy = { ...fileRules(more), localOnly: { releases } } as unknown as PolicyData;
  const all = new Releases(policy, handles, writes);
  const mint = (origin: Origin): Handle => handles.mint({ label: ["local"], origin, kind: "value", sources: ["x"] });
  return { mint, writes, admit: (args: Json) => all.admit(args) };
}

const STATE: Origin = { kind: "answer", of: `GET ${URL_OF_STATE}` };
const REGION: Origin = { kind: "answer", of: "file:/w/app.json" };

describe("a release", () => {
  test("takes the rule's own source, a request or a file", () => {
    const { mint, admit } = scene();
    expect(admit({ rule: "state", token: mint(STATE).token })).toMatchObject({
      ok: true,
      value: { handle: { id: 1 } },
    });
    expect(admit({ rule: "region", token: mint(REGION).token })).toMatchObject({
      ok: true,
      value: { rule: { name: "region" } },
    });
  });

  test.each<[string, Origin]>([
    ["another rule's source", REGION],
    ["another URL", { kind: "answer", of: `GET ${URL_OF_STATE}?page=2` }],
    ["another method", { kind: "answer", of: `POST ${URL_OF_STATE}` }],
    ["a value computed from it", { kind: "derived" }],
    ["a secret", { kind: "secret", secret: "s" }],
    ["a formatting of a secret", { kind: "formatted", secret: "s", as: "hmac" }],
  ])("of %s is refused with E_RELEASE, and is not counted", (_, origin) => {
    const { mint, admit } = scene();
    for (let tries = 0; tries < 3; tries += 1)
      expect(admit({ rule: "state", token: mint(origin).token })).toMatchObject({
        failure: { code: "E_RELEASE", message: expect.stringContaining(`GET ${URL_OF_STATE}`) },
      });
    expect(admit({ rule: "state", token: mint(STATE).token })).toHaveProperty("ok", true);
  });

  test("is refused beyond its budget, which is the rule's own", () => {
    const { mint, admit } = scene();
    const { token } = mint(STATE);
    expect([1, 2, 3].map(() => admit({ rule: "state", token }).ok)).toEqual([true, true, false]);
    expect(admit({ rule: "state", token })).toMatchObject({
      failure: { code: "E_RELEASE", message: "the budget of rule `state` is used up (2 per run)" },
    });
    expect(admit({ rule: "region", token: mint(REGION).token }).ok).toBe(true);
  });

  test.each<[string, Json]>([
    ["no handle", { rule: "state", token: `sealed0${"f".repeat(32)}` }],
    ["no token", { rule: "state" }],
    ["something else", { rule: "state", token: 5 }],
  ])("of %s is refused", (_, args) => {
    expect(scene().admit(args)).toMatchObject({ failure: { code: "E_RELEASE" } });
  });

  test.each<Json>([{ rule: "none" }, { rule: null }, {}, null, "state", { rule: ["state"] }])(
    "by what is no rule's name is refused: %j",
    (args) => {
      expect(scene().admit(args)).toMatchObject({
        failure: { code: "E_RELEASE", hint: "there are: `state`, `region`" },
      });
    },
  );

  test("where the policy has no rule says so", () => {
    expect(scene([]).admit({ rule: "x" })).toMatchObject({ failure: { hint: expect.stringContaining("[[release]]") } });
  });
});

describe("a file that sealed work of the run may have written is no source any more", () => {
  const REGION: Origin = { kind: "answer", of: "file:/w/app.json" };
  const write = (value: string) =>
    ({
      v: 1,
      on: "fs.write",
      targets: [{ on: "fs.write", role: "write", kind: "path", value }],
      attrs: {},
      labels: [],
    }) as const;

  test.each<[string, (writes: SealedWrites) => void]>([
    ["written itself", (writes) => writes.ordered(write("/w/app.json"))],
    ["below what was copied", (writes) => writes.ordered(write("/w"))],
    ["in reach of a private block", (writes) => writes.orderedAnywhere()],
  ])("%s", (_, order) => {
    const { mint, admit, writes } = scene();
    const { token } = mint(REGION);
    order(writes);
    expect(admit({ rule: "region", token })).toMatchObject({
      ok: false,
      failure: { code: "E_RELEASE", hint: expect.stringContaining("release first") },
    });
  });

  test.each([
    ["who acts", "when = { actor = { eq = 'a' } }", false],
    ["its size", "when = { bytes = { gt = '1KB' } }", false],
    ["nothing: always", "", true],
  ])("although a rule denies writing there, depending on %s", (_, when, released) => {
    const denial = '[[rule]]\nid = "d"\neffect = "deny"\non = ["fs.write"]\npath = ["app.json"]\n';
    const { mint, admit, writes } = scene(localOnly.releases, `${denial}${when}\n`);
    writes.orderedAnywhere();
    expect(admit({ rule: "region", token: mint(REGION).token }).ok).toBe(released);
  });

  test("but for one that sealed work can not write, or another one", () => {
    const fixed = {
      ...rule,
      name: "fixed",
      ref: { id: "release.fixed" },
      from: { kind: "file", path: "/w/fixed.json" },
      perRun: 1,
    } as const;
    const { mint, admit, writes } = scene([...localOnly.releases, fixed]);
    writes.orderedAnywhere();
    expect(admit({ rule: "fixed", token: mint({ kind: "answer", of: "file:/w/fixed.json" }).token }).ok).toBe(true);
    const other = scene();
    other.writes.ordered(write("/w/other.json"));
    expect(other.admit({ rule: "region", token: other.mint(REGION).token }).ok).toBe(true);
  });
});
