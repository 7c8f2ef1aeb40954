/** What the vault's own wall lets through: sealed places only, for data of labels that they take, and public reading in blocks. */
import type { Call, Capability, Decision } from "@agent-run/gate";
import { describe, expect, test } from "vitest";
import { blockFlow, orderedFlow } from "./sealed-flow.ts";

type Sealed = NonNullable<Decision["sealed"]>;

function call(on: Capability, sealed: Sealed | null, effect: Decision["effect"] = "allow"): Call {
  const typed = {
    v: 1,
    on,
    targets: [{ on, role: "read", kind: "path", value: "/a" }],
    attrs: {},
    labels: [],
  } as const;
  const first = {
    effect,
    code: null,
    rule: { id: "r" },
    matched: [],
    layer: "p",
    ...(sealed === null ? {} : { sealed }),
  };
  return { operation: { name: "x" }, args: null, typed, first, seq: null, answered: null } as unknown as Call;
}

const LOCAL = { label: ["local"], accepts: ["local"] };
const DIARY = { label: ["diary"], accepts: ["diary"] };

describe("an order of the script", () => {
  test("reaches what is local-only, and no public place", () => {
    expect(orderedFlow.route(call("fs.write", LOCAL))).toHaveProperty("ok", true);
    for (const on of ["fs.write", "fs.read", "net.http_get", "subprocess.exec"] as const)
      expect(orderedFlow.route(call(on, null))).toMatchObject({ failure: { code: "E_SINK" } });
  });

  test("that the policy denies is the gate's to refuse", () => {
    expect(orderedFlow.route(call("fs.write", null, "deny"))).toHaveProperty("ok", true);
  });
});

describe("a call of a private block", () => {
  const local = blockFlow(["local"]);

  test("carries the block's label", () => {
    expect(local.labelsOf({ path: "a" })).toEqual({ ok: true, value: ["local"] });
  });

  test("reaches nothing public, not even to read: which file was read shows in its time of access", () => {
    for (const on of ["fs.read", "fs.write", "fs.delete", "net.http_get", "net.http_post", "subprocess.exec"] as const)
      expect(local.route(call(on, null))).toMatchObject({ failure: { code: "E_SINK" } });
  });

  test("may write where its label is taken, and nowhere else", () => {
    expect(local.route(call("fs.write", LOCAL))).toHaveProperty("ok", true);
    expect(local.route(call("fs.write", DIARY))).toMatchObject({ failure: { code: "E_SINK" } });
    expect(blockFlow(["diary", "local"]).route(call("fs.write", LOCAL))).toMatchObject({ failure: { code: "E_SINK" } });
    expect(local.route(call("fs.write", { label: ["local"], accepts: [] }))).toMatchObject({
      failure: { code: "E_SINK" },
    });
  });

  test("may not read what is of a label that its result has not", () => {
    expect(local.route(call("fs.read", LOCAL))).toHaveProperty("ok", true);
    expect(local.route(call("fs.read", DIARY))).toMatchObject({ failure: { code: "E_SINK" } });
    expect(blockFlow(["diary", "local"]).route(call("fs.read", DIARY))).toHaveProperty("ok", true);
  });

  test("asks for hosts that the policy names, and for no name below a wildcard: names are looked up in the open", () => {
    const to = (host: string) => {
      const asked = call("net.http_get", LOCAL);
      return { ...asked, typed: { ...asked.typed, attrs: { host } } };
    };
    const flow = blockFlow(["local"], ["a.example", "*.example"]);
    for (const host of ["a.example", "127.0.0.1", "::1"]) expect(flow.route(to(host))).toHaveProperty("ok", true);
    for (const host of ["b.example", "pin.a.example"])
      expect(flow.route(to(host))).toMatchObject({ ok: false, failure: { code: "E_SINK" } });
  });
});
