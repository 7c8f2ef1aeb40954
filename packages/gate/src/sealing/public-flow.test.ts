/** Which sealed data may go where (the rules for labels, data sinks and public places), call by call. */
import type { Json } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { POLICY, Scene } from "./scene.fixture.ts";

type Args = (token: string) => { readonly [name: string]: Json };

const PUBLIC: readonly (readonly [string, string, Args])[] = [
  ["a public file", "fs.write", (t) => ({ path: "out/a", data: `x${t}` })],
  ["a public file's bytes", "fs.write", (t) => ({ path: "out/a", data: btoa(t), base64: true })],
  ["the path at a public host", "net.request", (t) => ({ url: `https://docs.example.com/${t}` })],
  ["the query at a public host", "net.request", (t) => ({ url: `https://docs.example.com/?q=${t}` })],
  ["a header to a public host", "net.request", (t) => ({ url: "https://docs.example.com/", headers: [["x", t]] })],
  ["a body to a public host", "net.request", (t) => ({ method: "POST", url: "https://docs.example.com/", body: t })],
  ["standard input of a public command", "subprocess.exec", (t) => ({ argv: ["cat"], stdin: t })],
  ["a variable of a public command", "subprocess.exec", (t) => ({ argv: ["cat"], env: { A: t } })],
];

const LOCAL: readonly (readonly [string, string, Args])[] = [
  ["a local-only file", "fs.write", (t) => ({ path: "notes/a", data: `x${t}` })],
  ["a header to a local-only host", "net.request", (t) => ({ url: "http://localhost:11434/", headers: [["x", t]] })],
  ["a body to a local-only host", "net.request", (t) => ({ method: "POST", url: "http://localhost:11434/", body: t })],
  ["the query at a local-only host", "net.request", (t) => ({ url: `http://localhost:11434/?q=${t}` })],
  ["standard input of a local-only command", "subprocess.exec", (t) => ({ argv: ["sort"], stdin: t })],
  ["a variable of a local-only command", "subprocess.exec", (t) => ({ argv: ["sort"], env: { A: t } })],
];

const NAMES: readonly (readonly [string, string, Args])[] = [
  ["the name of a local-only file", "fs.write", (t) => ({ path: `notes/${t}`, data: "x" })],
  ["the name of a file to read", "fs.read", (t) => ({ path: `notes/${t}` })],
  ["the name of a public file", "fs.read", (t) => ({ path: `src/${t}` })],
  ["the name of a file to delete", "fs.delete", (t) => ({ path: `out/${t}` })],
  ["a copy's name", "fs.copy", (t) => ({ from: "src/a", to: `notes/${t}` })],
  ["a label of a host's name", "net.request", (t) => ({ url: `http://${t}.localhost:11434/` })],
  ["a method", "net.request", (t) => ({ url: "http://localhost:11434/", method: t })],
  ["a header's name", "net.request", (t) => ({ url: "http://localhost:11434/", headers: [[t, "x"]] })],
  ["a word of a local-only command", "subprocess.exec", (t) => ({ argv: ["sort", t] })],
  ["a local-only command's directory", "subprocess.exec", (t) => ({ argv: ["sort"], cwd: t })],
  ["a variable's name", "subprocess.exec", (t) => ({ argv: ["sort"], env: { [t]: "x" } })],
];

describe("sealed data goes to", () => {
  test.each(LOCAL)("%s: the vault is ordered, nothing is done here, the answer is sealed", (_, op, args) => {
    const scene = new Scene();
    const token = scene.read("INTERNAL_URL");
    const answer = scene.perform(op, args(token));
    expect(answer).toMatchObject({ sealed: { label: ["local"] } });
    expect(scene.told.at(-1)).toMatchObject({ kind: "effect", op, args: args(token) });
    expect([scene.effects, scene.errands]).toEqual([[], []]);
    const handle = "sealed" in answer ? scene.handles.find(answer.sealed.token) : undefined;
    expect(handle).toMatchObject({ origin: { kind: "derived" } });
    expect(handle?.display).toContain("env:INTERNAL_URL");
  });
});

describe("sealed data does not go to", () => {
  test.each(PUBLIC)("%s", (_, op, args) => {
    const scene = new Scene();
    const { code, message, hint } = scene.refusal(op, args(scene.read("INTERNAL_URL")));
    expect(code).toBe("E_SINK");
    expect(message).toMatch(/^cannot send \[sealed env:INTERNAL_URL\] to .+: this (host|file|command) is public$/);
    expect(hint).toContain("localhost:11434");
    expect(scene.intents.at(-1)).toBe("deny");
  });

  test.each(PUBLIC)("%s, if it was computed from it", (_, op, args) => {
    const scene = new Scene();
    const found = scene.handles.find(scene.read("INTERNAL_URL"));
    const made = scene.handles.derive(found === undefined ? [] : [found]);
    expect(scene.refusal(op, args(made.token)).code).toBe("E_SINK");
  });

  test.each(NAMES)("%s, at any destination", (_, op, args) => {
    const scene = new Scene();
    const { code, message } = scene.refusal(op, args(scene.read("INTERNAL_URL")));
    expect(code).toBe("E_SINK");
    expect(message).toContain("[sealed env:INTERNAL_URL] may not be a ");
  });

  test("a place that the policy denies", () => {
    const scene = new Scene();
    expect(scene.refusal("fs.write", { path: "elsewhere", data: scene.read("INTERNAL_URL") }).code).toBe("E_SINK");
  });
});

describe("a damaged token stops every call with E_TOKEN_BROKEN:", () => {
  const damages: readonly (readonly [string, (token: string) => string])[] = [
    ["cut", (token) => token.slice(0, 20)],
    ["upper case", (token) => token.toUpperCase()],
  ];
  for (const [how, damaged] of damages) {
    test.each([...PUBLIC, ...LOCAL, ...NAMES])(`${how}, in %s`, (_, op, args) => {
      const scene = new Scene();
      const token = scene.read("INTERNAL_URL");
      // The URL parser lowers a host's name, which repairs nothing: the text that was typed is what is looked at.
      expect(scene.refusal(op, args(damaged(token))).code).toBe(
        op === "net.request" && how !== "cut" && !URL.canParse(String(args(damaged(token)).url))
          ? "E_ARGUMENT"
          : "E_TOKEN_BROKEN",
      );
    });
  }

  test("and stands on the record as a denial", () => {
    const scene = new Scene();
    const token = scene.read("INTERNAL_URL");
    const before = scene.intents.length;
    scene.refusal("fs.write", { path: "out/a", data: token.slice(0, 30) });
    expect(scene.intents.slice(before)).toEqual(["deny"]);
  });

  test("beside a whole one", () => {
    const scene = new Scene();
    const token = scene.read("INTERNAL_URL");
    const data = `${token} ${token.slice(0, 30)}`;
    expect(scene.refusal("fs.write", { path: "notes/a", data }).code).toBe("E_TOKEN_BROKEN");
  });

  test("inside of a body's bytes", () => {
    const scene = new Scene();
    const bodyBase64 = btoa(scene.read("INTERNAL_URL").slice(0, 30));
    const url = "http://localhost:11434/";
    expect(scene.refusal("net.request", { method: "POST", url, bodyBase64 }).code).toBe("E_TOKEN_BROKEN");
    const data = bodyBase64;
    expect(scene.refusal("fs.write", { path: "out/a", data, base64: true }).code).toBe("E_TOKEN_BROKEN");
  });
});

test("a text that only looks like a token is text", () => {
  const scene = new Scene();
  const data = `sealed0${"f".repeat(32)}`;
  expect(scene.perform("fs.write", { path: "out/a", data })).toEqual({ ok: "done" });
});

describe("labels", () => {
  test("keep groups apart, in both directions", () => {
    const scene = new Scene();
    const diary = scene.file("diary/a");
    const note = scene.file("notes/a");
    expect(scene.refusal("fs.write", { path: "notes/b", data: diary })).toMatchObject({
      code: "E_SINK",
      message: "cannot send [sealed file:diary/a] to `notes/b`: it takes data of `local`, and this is of `diary`",
    });
    expect(scene.refusal("fs.write", { path: "diary/b", data: note }).code).toBe("E_SINK");
    expect(scene.refusal("subprocess.exec", { argv: ["sort"], stdin: diary }).code).toBe("E_SINK");
    expect(scene.perform("fs.write", { path: "diary/b", data: diary })).toHaveProperty("sealed");
  });

  test("of every value in a call count, not of the first alone", () => {
    const scene = new Scene();
    const both = `${scene.file("notes/a")} ${scene.file("diary/a")}`;
    expect(scene.refusal("fs.write", { path: "notes/b", data: both }).code).toBe("E_SINK");
    const found = scene.handles.inText(both);
    const made = scene.handles.derive(found).token;
    expect(scene.refusal("fs.write", { path: "notes/b", data: made }).code).toBe("E_SINK");
    expect(scene.refusal("fs.write", { path: "diary/b", data: made }).code).toBe("E_SINK");
  });

  test("of what an effect was given are labels of its answer", () => {
    const text = POLICY.replace('sinks = ["file:', 'sinks = ["host:localhost:11434", "file:');
    const scene = new Scene(text);
    const body = scene.file("diary/a");
    const { label } = scene.sealed("net.request", { method: "POST", url: "http://localhost:11434/", body });
    expect(label).toEqual(["diary", "local"]);
  });
});

describe("a secret that is no data", () => {
  test.each(LOCAL)("does not go to %s", (_, op, args) => {
    const scene = new Scene();
    const { code, hint } = scene.refusal(op, args(scene.read("STRIPE_KEY")));
    expect(code).toBe("E_USE_ONLY");
    expect(hint).toContain('the header "authorization: Bearer …" for GET api.stripe.com/v1/charges/**');
  });

  test.each(PUBLIC)("does not go to %s", (_, op, args) => {
    const scene = new Scene();
    expect(scene.refusal(op, args(scene.read("STRIPE_KEY"))).code).toBe("E_SINK");
  });
});

describe("a public name that leads to local-only data by a link", () => {
  test.each(["fs.read", "fs.write", "fs.delete"])("%s: nothing is done, nothing is told", (op) => {
    const scene = new Scene();
    const path = op === "fs.read" ? "src/link" : "out/link";
    scene.links.set(`/work/${path}`, "/work/notes/a");
    const { code, message } = scene.refusal(op, { path, data: "x" });
    expect(code).toBe("E_POLICY_DENIED");
    expect(message).not.toContain("notes");
  });

  test("a public host whose name leads to a local-only one", () => {
    const scene = new Scene(POLICY.replace('"localhost:11434"', '"10.0.0.7:80"').replaceAll('"docs.', '"http://docs.'));
    scene.addresses.set("docs.example.com", "10.0.0.7");
    expect(scene.perform("net.request", { url: "http://docs.example.com/" })).toHaveProperty("error");
    expect([scene.effects, scene.told]).toEqual([[], []]);
    expect(scene.errands.map(({ kind }) => kind)).toEqual(["resolve"]);
  });
});

describe("what orders may hold is bounded:", () => {
  test("with a full line sealed calls are refused, and public ones go on", () => {
    const scene = new Scene();
    scene.vault.isFull = true;
    expect(scene.refusal("fs.read", { path: "notes/a" }).code).toBe("E_TOO_LARGE");
    expect(scene.refusal("env.read", { name: "INTERNAL_URL" }).code).toBe("E_TOO_LARGE");
    expect(scene.perform("fs.read", { path: "src/a" })).toEqual({ ok: "done" });
  });
});
