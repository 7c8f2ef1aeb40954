/** Credentials at their slots: what is sent by the vault, and every way of putting the secret elsewhere. */
import type { Json } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import type { GateAnswer } from "../ports.ts";
import { POLICY, Scene } from "./scene.fixture.ts";

const CHARGES = "https://api.stripe.com/v1/charges/1";
const bearer = (token: string, name = "Authorization"): Json => [[name, `Bearer ${token}`]];

const stripe = (scene: Scene, args: (key: string) => { readonly [name: string]: Json }) =>
  scene.refusal("net.request", args(scene.read("STRIPE_KEY")));

describe("the secret itself, in its slot", () => {
  test("is sent by the vault, and the public answer is an ordinary one", () => {
    const scene = new Scene();
    const key = scene.read("STRIPE_KEY");
    expect(scene.perform("net.request", { url: CHARGES, headers: bearer(key) })).toEqual({ ok: "answer" });
    expect(scene.effects).toEqual([]);
    expect(scene.errands.at(-1)).toMatchObject({
      kind: "broker",
      secret: "stripe",
      use: 0,
      handle: null,
      work: { kind: "request", slot: key, request: { url: CHARGES, addresses: ["93.184.216.34"] } },
    });
    expect(scene.told).toHaveLength(1);
  });

  test("goes with the bytes of the body as text, since what the vault is told is JSON", () => {
    const scene = new Scene();
    const headers = [["x-key", scene.read("STRIPE_KEY")]];
    scene.perform("net.request", { method: "POST", url: "https://pay.example.com/", headers, body: "bytes" });
    const order = JSON.parse(JSON.stringify(scene.errands.at(-1)));
    expect(order.work.request).not.toHaveProperty("body");
    expect(order.work.bodyBase64).toBe(btoa("bytes"));
  });

  test("a failure of the vault is a failure of the request", () => {
    const scene = new Scene();
    const key = scene.read("STRIPE_KEY");
    scene.answers = { broker: { ok: false, failure: { code: "E_NETWORK", message: "no" } } };
    const answer = scene.perform("net.request", { url: CHARGES, headers: bearer(key) });
    expect(answer).toEqual({ error: { code: "E_NETWORK", message: "no" } });
  });

  test("without the secret the place is not granted", () => {
    const scene = new Scene();
    expect(scene.perform("net.request", { url: CHARGES })).toMatchObject({ error: { code: "E_POLICY_DENIED" } });
    expect(scene.errands).toEqual([]);
  });
});

describe("E_SLOT:", () => {
  test.each<[string, (key: string) => { readonly [name: string]: Json }, string]>([
    [
      "other text behind it",
      (key) => ({ url: CHARGES, headers: bearer(`${key}!`) }),
      "the text around it is not exactly that",
    ],
    [
      "other text before it",
      (key) => ({ url: CHARGES, headers: bearer(`x ${key}`) }),
      "the text around it is not exactly that",
    ],
    ["another scheme", (key) => ({ url: CHARGES, headers: [["authorization", `Token ${key}`]] }), "the text around it"],
    [
      "it alone",
      (key) => ({ url: CHARGES, headers: [["authorization", key]] }),
      "the text around it is not exactly that",
    ],
    ["twice in the slot", (key) => ({ url: CHARGES, headers: bearer(`${key}${key}`) }), "more than once"],
    ["in the slot and in the query", (key) => ({ url: `${CHARGES}?k=${key}`, headers: bearer(key) }), "more than once"],
    [
      "in two headers",
      (key) => ({
        url: CHARGES,
        headers: [
          ["authorization", `Bearer ${key}`],
          ["x", key],
        ],
      }),
      "more than once",
    ],
    ["in the slot and in the body", (key) => ({ url: CHARGES, headers: bearer(key), body: key }), "more than once"],
    ["in the query", (key) => ({ url: `${CHARGES}?k=${key}` }), "it is in the query string"],
    ["in the path", (key) => ({ url: `${CHARGES}${key}` }), "it is in the path"],
    ["in another header", (key) => ({ url: CHARGES, headers: [["X-Other", key]] }), 'it is in the header "x-other"'],
    ["in the body", (key) => ({ url: CHARGES, body: key }), "it is in the body"],
  ])("%s", (_, args, why) => {
    const { code, message } = stripe(new Scene(), args);
    expect(code).toBe("E_SLOT");
    expect(message).toMatch(
      /^\[sealed secret:stripe\] may be used at api\.stripe\.com only as the header "authorization: Bearer …" for GET /,
    );
    expect(message).toContain(why);
  });

  test.each<[string, (key: string) => { readonly [name: string]: Json }, string]>([
    ["another method", (key) => ({ method: "POST", url: CHARGES, headers: bearer(key) }), "the method is POST"],
    ["another path", (key) => ({ url: "https://api.stripe.com/v1/me", headers: bearer(key) }), "the path is another"],
    ["another port", (key) => ({ url: CHARGES.replace(".com", ".com:8443"), headers: bearer(key) }), "the port"],
    ["no encryption", (key) => ({ url: CHARGES.replace("https", "http"), headers: bearer(key) }), "the scheme"],
  ])("at the right host with %s", (_, args, why) => {
    const { code, message } = stripe(new Scene(), args);
    expect(code).toBe("E_SLOT");
    expect(message).toContain(why);
  });

  test("a command that is given its credential by itself takes nothing sealed", () => {
    const scene = new Scene();
    const stdin = scene.read("GITHUB_TOKEN");
    expect(scene.refusal("subprocess.exec", { argv: ["gh", "x"], stdin }).code).toBe("E_SLOT");
    const local = scene.read("INTERNAL_URL");
    expect(scene.refusal("subprocess.exec", { argv: ["gh", "x"], env: { A: local } }).code).toBe("E_SLOT");
  });
});

describe("E_NOT_ORIGINAL: what is no credential of this slot,", () => {
  const refused = (make: (scene: Scene) => string) => {
    const scene = new Scene();
    const key = make(scene);
    return scene.refusal("net.request", { url: CHARGES, headers: bearer(key) });
  };
  const derived = (scene: Scene, name: string): string => {
    const handle = scene.handles.find(scene.read(name));
    if (handle === undefined) throw new Error("no handle");
    return scene.handles.derive([handle]).token;
  };

  test("a value computed from it", () => {
    const { code, message } = refused((scene) => derived(scene, "STRIPE_KEY"));
    expect(code).toBe("E_NOT_ORIGINAL");
    expect(message).toContain("the authorization header must hold the secret itself, and [sealed from secret:stripe]");
  });

  test("another secret", () => {
    expect(["E_SINK", "E_NOT_ORIGINAL"]).toContain(refused((scene) => scene.read("OTHER_KEY")).code);
  });

  test("another secret, or local-only data, where the slot's own is data, too", () => {
    const text = POLICY.replace('env = "STRIPE_KEY"', 'env = "STRIPE_KEY"\ndata = true');
    for (const name of ["OTHER_KEY", "INTERNAL_URL"]) {
      const scene = new Scene(text);
      const headers = bearer(scene.read(name));
      expect(scene.refusal("net.request", { url: CHARGES, headers }).code, name).toBe("E_NOT_ORIGINAL");
    }
    const scene = new Scene(text);
    expect(scene.perform("net.request", { url: CHARGES, headers: bearer(scene.read("STRIPE_KEY")) })).toHaveProperty(
      "ok",
    );
  });

  test("local-only data, or what was computed from both", () => {
    expect(["E_SINK", "E_NOT_ORIGINAL"]).toContain(refused((scene) => scene.read("INTERNAL_URL")).code);
    const { code } = refused((scene) => {
      const both = ["STRIPE_KEY", "INTERNAL_URL"].flatMap((name) => scene.handles.find(scene.read(name)) ?? []);
      return scene.handles.derive(both).token;
    });
    expect(code).toBe("E_NOT_ORIGINAL");
  });

  test("the secret in another formatting than the slot's, and the other way round", () => {
    const formatted = (secret: string) => (scene: Scene) =>
      scene.handles.mint({
        label: [`secret:${secret}`],
        origin: { kind: "formatted", secret, as: "basic" },
        kind: "value",
        sources: [`secret:${secret}`],
      }).token;
    expect(refused(formatted("stripe"))).toMatchObject({
      code: "E_SLOT",
      message: expect.stringContaining("in another form"),
    });
    const scene = new Scene();
    const url = "https://api.other.example.com/";
    const [pair, raw] = [formatted("other")(scene), scene.read("OTHER_KEY")];
    expect(scene.refusal("net.request", { url, headers: [["authorization", `Basic ${raw}`]] }).code).toBe("E_SLOT");
    expect(scene.perform("net.request", { url, headers: [["authorization", `Basic ${pair}`]] })).toHaveProperty("ok");
  });
});

test("a chosen secret and the slot's own in one request are refused", () => {
  const scene = new Scene();
  const [one, two] = [scene.read("STRIPE_KEY"), scene.read("OTHER_KEY")];
  const headers = [
    ["authorization", `Bearer ${one}`],
    ["x", two],
  ];
  expect(scene.refusal("net.request", { url: CHARGES, headers }).code).toBe("E_SLOT");
});

describe("a use whose answer is sealed", () => {
  const pay = (scene: Scene): GateAnswer =>
    scene.perform("net.request", {
      method: "POST",
      url: "https://pay.example.com/",
      headers: [["x-key", scene.read("STRIPE_KEY")]],
    });

  test("tells one boolean, and keeps the rest", () => {
    const scene = new Scene();
    expect(pay(scene)).toMatchObject({
      sealed: { kind: "response", outcome: true, label: ["local"], display: "[sealed host:pay.example.com]" },
    });
    const { handle } = scene.errands.at(-1) as { readonly handle?: unknown };
    expect(handle).toEqual({ id: 2, token: expect.stringMatching(/^sealed0/) });
  });

  test.each<[string, NonNullable<Scene["answers"]["broker"]>]>([
    ["a bad status", { ok: true, value: { outcome: false } }],
    ["no answer", { ok: false, failure: { code: "E_TIMEOUT", message: "late" } }],
    ["an answer without the boolean", { ok: true, value: {} }],
  ])("tells false of %s, and nothing of the reason", (_, broker) => {
    const scene = new Scene();
    scene.answers = { broker };
    const answer = pay(scene);
    expect(answer).toMatchObject({ sealed: { outcome: false } });
    expect(JSON.stringify(answer)).not.toMatch(/late|E_TIMEOUT/);
  });

  test("tells so many outcomes in a run and no more, whatever they came to", () => {
    const scene = new Scene();
    pay(scene);
    pay(scene);
    const headers = [["x-key", scene.read("STRIPE_KEY")]];
    const args = { method: "POST", url: "https://pay.example.com/", headers };
    expect(scene.refusal("net.request", args)).toMatchObject({
      code: "E_RELEASE",
      message: "the outcomes of `secret.stripe.use[1]` are used up (2 per run)",
    });
  });

  test("without an outcome is ordered and not waited for", () => {
    const scene = new Scene();
    const key = scene.read("STRIPE_KEY");
    const args = { method: "POST", url: `https://kept.example.com/?key=${key}` };
    const { token, ...face } = scene.sealed("net.request", args);
    expect(face).not.toHaveProperty("outcome");
    expect(scene.told.at(-1)).toMatchObject({ kind: "broker", handle: 2, token, outcome: false, use: 2 });
    expect(scene.errands.some(({ kind }) => kind === "broker")).toBe(false);
    expect(scene.settle.isDue).toBe(true);
  });

  test("of a command is ordered, too; a public one is told", () => {
    const scene = new Scene();
    const { kind, display } = scene.sealed("subprocess.exec", { argv: ["gh", "x"] });
    expect([kind, display]).toEqual(["exec", "[sealed from command:gh]"]);
    expect(scene.told.at(-1)).toMatchObject({
      kind: "broker",
      work: { kind: "command", args: { argv: ["gh", "x"] } },
    });
    expect(scene.perform("subprocess.exec", { argv: ["glab", "x"] })).toEqual({ ok: { exitCode: 0 } });
    expect(scene.effects).toEqual([]);
    scene.answers = { broker: { ok: false, failure: { code: "E_EXEC", message: "no" } } };
    expect(scene.perform("subprocess.exec", { argv: ["glab", "x"] })).toMatchObject({ error: { code: "E_EXEC" } });
  });
});
