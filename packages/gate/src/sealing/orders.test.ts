/** Calls about local-only things: what the vault is ordered, what the script sees, and what is left as it was. */
import type { Json } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import type { Origin } from "./handles.ts";
import { POLICY, Scene } from "./scene.fixture.ts";

describe("an order", () => {
  test("has the handle's number and token, the arguments as typed, and whether it can wait", () => {
    const scene = new Scene();
    const args = { path: "notes/a" };
    const { token } = scene.sealed("fs.read", args);
    const order = { kind: "effect", run: "r", handle: 1, token, op: "fs.read", args, seq: 1, deferrable: true };
    expect(scene.told).toEqual([order]);
    const write = { path: "notes/a", data: "x" };
    scene.sealed("fs.write", write);
    expect(scene.told.at(-1)).toMatchObject({ handle: 2, op: "fs.write", args: write, seq: 2, deferrable: false });
  });

  test("touches nothing here, not even to look, and is on the record", () => {
    const scene = new Scene();
    scene.sealed("fs.stat", { path: "notes/none" });
    scene.sealed("net.request", { url: "http://localhost:11434/" });
    scene.sealed("subprocess.exec", { argv: ["sort"] });
    expect([scene.effects, scene.errands, scene.intents]).toEqual([[], [], ["allow", "allow", "allow"]]);
  });

  test("a copy of a public file into a local-only place is the vault's", () => {
    const scene = new Scene();
    scene.sealed("fs.copy", { from: "src/a", to: "notes/a" });
    expect(scene.effects).toEqual([]);
    expect(scene.told.at(-1)).toMatchObject({ op: "fs.copy", deferrable: false });
  });

  test("a person who says no is asked before it", () => {
    const scene = new Scene(`requires_approval = ["fs.write"]\n${POLICY}`.replace("version = 1\n", "\nversion = 1\n"));
    scene.answers = { approve: { ok: true, value: { answer: "deny", by: "test" } } };
    expect(scene.perform("fs.write", { path: "notes/a", data: "x" })).toMatchObject({
      error: { code: "E_APPROVAL_DENIED" },
    });
    expect(scene.told).toEqual([]);
  });
});

describe("a variable", () => {
  test("that is declared and set is defined; whether it is set is public", () => {
    const scene = new Scene();
    const { token, display } = scene.sealed("env.read", { name: "INTERNAL_URL" });
    expect(display).toBe("[sealed env:INTERNAL_URL]");
    const as = { kind: "variable", name: "INTERNAL_URL" };
    expect(scene.told).toEqual([{ kind: "define", run: "r", handle: 1, token, as }]);
    expect(scene.perform("env.has", { name: "INTERNAL_URL" })).toEqual({ ok: true });
    expect(scene.perform("env.has", { name: "UNSET" })).toEqual({ ok: false });
    expect(scene.perform("env.read", { name: "UNSET" })).toEqual({ ok: null });
    expect(scene.told).toHaveLength(1);
  });

  test("of the prototype is not set", () => {
    const scene = new Scene(POLICY.replace('"UNSET"', '"constructor"'));
    expect(scene.perform("env.has", { name: "constructor" })).toEqual({ ok: false });
  });

  test("that a secret comes from is that secret, by both names", () => {
    const scene = new Scene();
    for (const name of ["STRIPE_KEY", "stripe"]) {
      const { token, display } = scene.sealed("env.read", { name });
      expect(display).toBe("[sealed secret:stripe]");
      expect(scene.told.at(-1)).toMatchObject({ token, as: { kind: "secret", name: "stripe" } });
      expect(scene.handles.find(token)?.origin).toEqual({ kind: "secret", secret: "stripe" });
    }
  });

  test("a secret that comes from elsewhere is there whatever the environment holds", () => {
    const scene = new Scene(POLICY.replace('env = "STRIPE_KEY"', 'file = "/run/keys/stripe"'));
    expect(scene.perform("env.has", { name: "stripe" })).toEqual({ ok: true });
    expect(scene.perform("env.read", { name: "stripe" })).toHaveProperty("sealed");
  });
});

describe("the origin of an answer, which a release compares with its rule,", () => {
  const originOf = (op: string, args: (token: string) => Json): Origin | undefined => {
    const scene = new Scene();
    const token = scene.read("INTERNAL_URL");
    return scene.handles.find(scene.sealed(op, args(token)).token)?.origin;
  };
  const url = "http://localhost:11434/x";
  const derived = { kind: "derived" };

  test("is the file or the request itself", () => {
    expect(originOf("fs.read", () => ({ path: "./notes/../notes/a" }))).toEqual({
      kind: "answer",
      of: "file:/work/notes/a",
    });
    expect(originOf("net.request", () => ({ url }))).toEqual({ kind: "answer", of: `GET ${url}` });
    expect(originOf("net.request", () => ({ url, headers: [] }))).toEqual({ kind: "answer", of: `GET ${url}` });
    expect(originOf("net.request", () => ({ url, method: "POST" }))).toEqual({ kind: "answer", of: `POST ${url}` });
  });

  test.each<[string, string, (token: string) => Json]>([
    ["a file from an offset", "fs.read", () => ({ path: "notes/a", offset: 1 })],
    ["a file from offset 0", "fs.read", () => ({ path: "notes/a", offset: 0 })],
    ["a file up to a length", "fs.read", () => ({ path: "notes/a", length: 1 })],
    ["a file's bytes", "fs.read", () => ({ path: "notes/a", encoding: "base64" })],
    ["what is known of a file", "fs.stat", () => ({ path: "notes/a" })],
    ["a request with a header", "net.request", () => ({ url, headers: [["range", "bytes=0-0"]] })],
    ["a request with a body", "net.request", () => ({ url, method: "POST", body: "" })],
    ["a request with bytes", "net.request", () => ({ url, method: "POST", bodyBase64: "" })],
    ["a request that sealed data is in", "net.request", (token) => ({ url: `${url}?q=${token}` })],
    ["a command", "subprocess.exec", () => ({ argv: ["sort"] })],
    ["a write", "fs.write", () => ({ path: "notes/a", data: "x" })],
  ])("is not: %s", (_, op, args) => {
    expect(originOf(op, args)).toEqual(derived);
  });
});

test("kinds tell a script how an answer is read", () => {
  const scene = new Scene();
  expect(scene.sealed("net.request", { url: "http://localhost:11434/" }).kind).toBe("response");
  expect(scene.sealed("subprocess.exec", { argv: ["sort"] }).kind).toBe("exec");
  expect(scene.sealed("fs.read", { path: "notes/a" }).kind).toBe("value");
});

test("what sealed work may have written is known: a file by its name, anything after a command, nothing after a read", () => {
  const scene = new Scene();
  scene.sealed("fs.read", { path: "notes/a" });
  expect(scene.writes.mayHaveReached("/work/notes/a")).toBe(false);
  scene.sealed("fs.write", { path: "notes/a", data: "x" });
  expect(["/work/notes/a", "/work/notes/b"].map((path) => scene.writes.mayHaveReached(path))).toEqual([true, false]);
  scene.sealed("subprocess.exec", { argv: ["sort"] });
  expect(scene.writes.mayHaveReached("/work/notes/b")).toBe(true);
});
