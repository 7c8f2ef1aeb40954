/**
 * The vault as a whole, told orders as the public side tells them: what happens in the world and in which order, what is
 * said, and that whatever goes wrong stays inside. (Longer than other files: all cases share the scene of the fixture.)
 */
import { existsSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Place, Scene } from "./vault.fixture.ts";

const POLICY = `[filesystem]
read_allow = ["src/**"]
write_allow = ["out/**"]
local_only_read = ["notes/**", "diary/**"]
local_only_write = ["notes/**", "diary/**"]
[environment]
local_only_vars = ["KEY", "DIARY"]
[[label]]
name = "diary"
sources = ["file:./diary/**"]
sinks = ["file:./diary/**"]
`;

let place: Place;
let open: Scene[];
beforeEach(() => {
  place = new Place();
  open = [];
});
afterEach(async () => {
  for (const { vault } of open) await vault.close();
  await place.remove();
});

function scene(text = POLICY, plaintext: Readonly<Record<string, string>> = { KEY: "value-of-key" }): Scene {
  const made = new Scene(place.open(text, plaintext), place.path("log.jsonl"));
  open.push(made);
  return made;
}

const written = (name: string): string | null =>
  existsSync(place.path(name)) ? readFileSync(place.path(name), "utf8") : null;
const log = (): string => readFileSync(place.path("log.jsonl"), "utf8");

describe("an effect", () => {
  test("is done with the value in the place of its token, and nothing but `settled` is said", async () => {
    const at = scene();
    const key = at.token(at.variable("KEY"));
    at.effect("fs.write", { path: "notes/deep/a", data: `<${key}>`, createParents: true });
    expect(await at.settled()).toEqual({ kind: "settled", run: "r", id: 1 });
    expect(written("notes/deep/a")).toBe("<value-of-key>");
    expect(at.said).toHaveLength(1);
  });

  test("makes its base directory even if it fails, since whether it is there is public", async () => {
    const at = scene();
    const none = at.token(at.variable("DIARY"));
    at.effect("fs.write", { path: "notes/a", data: none });
    await at.settled();
    expect([written("notes/a"), statSync(place.path("notes")).isDirectory()]).toEqual([null, true]);
    expect(log()).toContain("`DIARY` is not set");
  });

  test("happens in the order of the script; a read is put off until something needs it, and is before later effects", async () => {
    const at = scene();
    place.write("notes/a", "before");
    const read = at.effect("fs.read", { path: "notes/a" }, true);
    at.effect("fs.write", { path: "notes/a", data: "after" });
    at.effect("fs.write", { path: "notes/b", data: at.token(read) });
    await at.settled();
    expect([written("notes/a"), written("notes/b")]).toEqual(["after", "before"]);
  });

  test("that fails stays inside: what needs it fails, what does not goes on", async () => {
    const at = scene();
    const none = at.effect("fs.read", { path: "notes/none" }, true);
    at.effect("fs.write", { path: "notes/b", data: at.token(none) });
    at.effect("fs.write", { path: "notes/c", data: "c" });
    await at.settled();
    expect([written("notes/b"), written("notes/c")]).toEqual([null, "c"]);
    expect(at.said.map(({ kind }) => kind)).toEqual(["settled"]);
    expect(log()).toContain("E_NOT_FOUND");
  });

  test.each([
    ["a public place", "fs.write", { path: "out/a", data: "x", createParents: true }],
    ["a place that nothing grants", "fs.write", { path: "elsewhere", data: "x" }],
    ["a link out of the local-only place", "fs.write", { path: "notes/link/a", data: "x" }],
    ["a public file to read", "fs.read", { path: "src/a" }],
    ["an operation that there is not", "fs.format", { path: "notes/a" }],
    ["arguments that are wrong", "fs.write", { path: 5 }],
  ])("of %s is refused here, whatever the public side said", async (_, op, args) => {
    place.write("src/a", "public");
    place.write("notes/x", "");
    symlinkSync(place.path("src"), place.path("notes/link"));
    const at = scene();
    const answer = at.effect(op, args);
    at.effect("fs.write", { path: "notes/seen", data: at.token(answer) });
    await at.settled();
    expect(["out/a", "elsewhere", "src/link", "notes/seen"].map(written)).toEqual([null, null, null, null]);
    expect(existsSync(place.path("src/a"))).toBe(true);
  });
});

describe("what a tick was too early for", () => {
  test("is dropped, what is under way is stopped, and later work is done", async () => {
    let asked: () => void = () => undefined;
    const underWay = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const host = await place.serve(() => asked());
    const at = scene(`${POLICY}[network]\nlocal_only_hosts = ["${host}"]\n`);
    const slow = at.effect("net.request", { method: "GET", url: `http://${host}/` });
    const left = at.effect("fs.write", { path: "notes/left", data: "x" });
    await underWay;
    at.vault.hear({ kind: "drop", run: "r" });
    at.effect("fs.write", { path: "notes/slow", data: at.token(slow) });
    at.effect("fs.write", { path: "notes/of-left", data: at.token(left) });
    at.effect("fs.write", { path: "notes/later", data: "later" });
    await at.settled();
    expect(["slow", "left", "of-left", "later"].map((name) => written(`notes/${name}`))).toEqual([
      null,
      null,
      null,
      "later",
    ]);
  });

  test("asks for `settled` in vain", async () => {
    const host = await place.serve(() => undefined);
    const at = scene(`${POLICY}[network]\nlocal_only_hosts = ["${host}"]\n`);
    at.effect("net.request", { method: "GET", url: `http://${host}/` });
    at.vault.hear({ kind: "settle", run: "r", id: 100 });
    at.vault.hear({ kind: "drop", run: "r" });
    await at.settled();
    expect(at.said.map(({ id }) => id)).toEqual([1]);
  });
});

describe("a private block", () => {
  const block = (at: Scene, inputs: readonly number[], source: string, accepts = ["local"]) =>
    at.order("block", { inputs, source, args: [], accepts, seq: 2 });

  test("sees plaintext, reads and writes at places of its label, and is given what is public", async () => {
    place.write("notes/there", "there");
    const at = scene();
    const made = block(
      at,
      [at.variable("KEY")],
      '(v, io) => { io.fs.write("notes/block", v + io.fs.read("notes/there")); return v.length }',
    );
    at.effect("fs.write", { path: "notes/result", data: at.token(made) });
    await at.settled();
    expect([written("notes/block"), written("notes/result")]).toEqual(["value-of-keythere", "12"]);
  });

  test.each([
    ["a public file", 'io.fs.write("out/a", v, { createParents: true })'],
    ["a public file's text", 'io.fs.read("out/old")'],
    ["a public file's deletion", 'io.fs.delete("out/old")'],
    ["another label's place", 'io.fs.write("diary/a", v)'],
    ["another label's data", 'io.fs.write("notes/a", io.fs.read("diary/a"))'],
    ["a public host", 'io.net.httpGet("http://127.0.0.1:1/" + v)'],
  ])("cannot reach %s, and its failure stays inside", async (_, code) => {
    place.write("out/old", "old");
    place.write("diary/a", "dear diary");
    const at = scene();
    const made = block(
      at,
      [at.variable("KEY")],
      `(v, io) => { try { ${code}; } catch (error) { return error.code } return "done" }`,
    );
    at.effect("fs.write", { path: "notes/result", data: at.token(made) });
    await at.settled();
    expect(["E_SINK", "E_POLICY_DENIED", "E_CAPABILITY"]).toContain(written("notes/result"));
    expect([written("out/a"), written("out/old"), written("notes/a")]).toEqual([null, "old", null]);
    expect(at.said.map(({ kind }) => kind)).toEqual(["settled"]);
  });

  test("whose inputs take until the last tick does nothing after it", async () => {
    const at = scene();
    const slow = at.order("define", {
      as: { kind: "compute", inputs: [at.variable("KEY")], source: "(v) => v", args: [] },
    });
    block(at, [slow], '(v, io) => { io.fs.write("notes/late", v) }');
    // The block is under way, and its input is not there before a thread has started.
    await new Promise((resolve) => setImmediate(resolve));
    at.vault.hear({ kind: "drop", run: "r" });
    await at.settled();
    expect(written("notes/late")).toBeNull();
    expect(log()).not.toContain('"op":"fs.write"');
  });

  test("that throws is a failed value, with the plaintext nowhere but in the operator's log", async () => {
    const at = scene();
    const made = block(at, [at.variable("KEY")], "(v) => { throw new Error(v) }");
    at.effect("fs.write", { path: "notes/result", data: at.token(made) });
    await at.settled();
    expect(written("notes/result")).toBeNull();
    expect(JSON.stringify(at.said)).not.toContain("value-of-key");
  });
});

describe("a release", () => {
  const RELEASE = `${POLICY}[[release]]\nname = "state"\nfrom = "file:./notes/state.json"\nselect = "$.state"\ntype = { enum = ["green", "red"] }\nelse = "withheld"\n`;

  test.each([
    ['{"state":"green"}', "green"],
    ['{"state":"purple, a secret"}', "withheld"],
    ['{"state":["green"]}', "withheld"],
    ["not JSON", "withheld"],
    [null, "withheld"],
  ])("of %j is %j, after the work before it", async (text, value) => {
    if (text !== null) place.write("notes/state.json", text);
    const at = scene(RELEASE);
    const read = at.effect("fs.read", { path: "notes/state.json" }, true);
    expect(await at.released("state", read)).toEqual({ kind: "released", run: "r", id: 1, rule: "state", value });
  });

  test("by a rule that the policy has not is not said", async () => {
    const at = scene(RELEASE);
    at.vault.hear({ kind: "release", run: "r", id: 50, rule: "none", handle: at.variable("KEY") });
    await at.settled();
    expect(at.said.map(({ kind }) => kind)).toEqual(["settled"]);
  });
});

describe("a credential", () => {
  const policy = (host: string): string =>
    `${POLICY}[[secret]]\nname = "s"\nenv = "SECRET"\n${["public", "sealed", 'sealed"\noutcome = "ok']
      .map(
        (response) =>
          `[[secret.use]]\nhost = "${host}"\nmethods = ["GET", "POST"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "${response}"\n`,
      )
      .join("")}`;
  const plaintext = { SECRET: "sk-Hj3pXw8dVg5sTz1aQe0u" };

  const work = (host: string, slot: string, body: string | null = null) => {
    const request = {
      method: body === null ? "GET" : "POST",
      url: `http://${host}/`,
      addresses: ["127.0.0.1"],
      headers: [["x-key", slot]] as const,
      timeoutMs: 5000,
      maxResponseBytes: 1000,
    };
    return { kind: "request", request, bodyBase64: body === null ? null : btoa(body), slot } as const;
  };

  async function at(
    answer = "hello",
  ): Promise<{ readonly scene: Scene; readonly host: string; readonly seen: string[]; readonly slot: string }> {
    const seen: string[] = [];
    const host = await place.serve((request, response, body) => {
      seen.push(`${request.method} ${request.headers["x-key"]} ${body}`);
      response.end(answer);
    });
    const made = scene(policy(host), plaintext);
    const slot = made.token(made.order("define", { as: { kind: "secret", name: "s" } }));
    return { scene: made, host, seen, slot };
  }

  test("with a public answer is sent with its body, and the answer is said", async () => {
    const { scene: made, host, seen, slot } = await at();
    const id = made.broker("s", 0, work(host, slot, "bytes"), null, false);
    expect(await made.message(id)).toMatchObject({ kind: "brokered", answer: { ok: true, value: { status: 200 } } });
    expect(seen).toEqual([`POST ${plaintext.SECRET} bytes`]);
  });

  test("whose answer is sealed by the policy is not said, whatever the public side asks", async () => {
    const { scene: made, host, seen, slot } = await at();
    made.broker("s", 1, work(host, slot), null, false);
    made.broker("s", 9, work(host, slot), null, false);
    made.broker("none", 0, work(host, slot), null, false);
    await made.settled();
    expect([made.said.map(({ kind }) => kind), seen]).toEqual([["settled"], []]);
  });

  test("whose answer is sealed is a value; with an outcome one boolean is said", async () => {
    const { scene: made, host, seen, slot } = await at("sealed answer");
    const handle = made.nextHandle;
    made.broker("s", 1, work(host, slot), handle, false);
    made.effect("fs.write", {
      path: "notes/answer",
      data: made.token(made.order("define", { as: { kind: "get", of: handle, key: "body" } })),
    });
    await made.settled();
    expect(written("notes/answer")).toBe("sealed answer");
    const id = made.broker("s", 2, work(host, slot), made.nextHandle, true);
    expect(await made.message(id)).toEqual({ kind: "outcome", run: "r", id, ok: true });
    expect(seen).toHaveLength(2);
  });

  test("that repeats the credential is withheld, and the operator is told", async () => {
    const { scene: made, host, slot } = await at(`you sent ${plaintext.SECRET}`);
    const id = made.broker("s", 0, work(host, slot), null, false);
    expect(await made.message(id)).toMatchObject({ answer: { ok: false, failure: { code: "E_SINK" } } });
    expect(log()).toContain("the answer held the credential");
  });

  test("whose order makes no sense ends neither the vault nor its other work", async () => {
    const { scene: made, slot } = await at();
    made.broker("s", 0, { kind: "request", request: {}, bodyBase64: null, slot } as never, null, false);
    made.broker("s", 2, { kind: "request", request: {}, bodyBase64: null, slot } as never, made.nextHandle, true);
    made.effect("fs.write", { path: "notes/a", data: "x" });
    await made.settled();
    expect(written("notes/a")).toBe("x");
  });
});

describe("runs", () => {
  test("know nothing of each other's handles, and an ended one does nothing more", async () => {
    const at = scene();
    const key = at.variable("KEY");
    at.vault.hear({ kind: "run", run: "other", sealedLog: null, startMs: 0, actor: null });
    const effect = {
      kind: "effect",
      handle: 1,
      token: at.token(99),
      op: "fs.write",
      seq: 1,
      deferrable: false,
    } as const;
    at.vault.hear({ ...effect, run: "other", args: { path: "notes/other", data: at.token(key) } });
    at.vault.hear({ kind: "settle", run: "other", id: 7 });
    expect(await at.message(7)).toMatchObject({ run: "other" });
    expect(written("notes/other")).toBe(at.token(key));
    at.vault.hear({ kind: "end", run: "other" });
    at.vault.hear({ ...effect, run: "other", args: { path: "notes/late", data: "x" } });
    at.vault.hear({ kind: "settle", run: "none", id: 8 });
    await at.settled();
    expect([written("notes/late"), at.said.some(({ id }) => id === 8)]).toEqual([null, false]);
  });

  test("that end are over before the vault is", async () => {
    let asked: () => void = () => undefined;
    const underWay = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const host = await place.serve(() => asked());
    const at = scene(`${POLICY}[network]\nlocal_only_hosts = ["${host}"]\n`);
    at.effect("net.request", { method: "GET", url: `http://${host}/` });
    await underWay;
    at.vault.hear({ kind: "end", run: "r" });
    await at.vault.close();
    expect(log()).toContain('"run.end"');
  });

  test("without their log do nothing: the operator would not know", async () => {
    place.write("plain", "");
    const made = new Scene(place.open(POLICY), place.path("plain/log.jsonl"));
    open.push(made);
    made.effect("fs.write", { path: "notes/a", data: "x" });
    await made.settled();
    expect(written("notes/a")).toBeNull();
  });
});
