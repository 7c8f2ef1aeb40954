/** What a script may do with handles: what each is defined as, what origin and label it has, and what is refused. */
import {
  type Handle,
  Handles,
  type Json,
  type Origin,
  type PolicyData,
  SealedWrites,
  SettleState,
  type ToVault,
} from "@agent-run/gate";
import { parseScript } from "@agent-run/vm";
import { describe, expect, test } from "vitest";
import { derivations } from "./derivations.ts";

const PARSED = parseScript("print(1)", { name: "s.js", typescript: false, guard: true });
const program = PARSED.ok ? PARSED.program : null;

class Scene {
  readonly told: ToVault[] = [];
  readonly handles: Handles;
  readonly settle = new SettleState(1);
  isFull = false;
  #count = 0;

  constructor() {
    this.handles = new Handles(() => `sealed0${(++this.#count).toString(16).padStart(32, "a")}`);
  }

  readonly writes = new SealedWrites();

  mint(origin: Origin, label: readonly string[] = ["local"]): Handle {
    return this.handles.mint({ label, origin, kind: "value", sources: [`s${this.handles.size}`] });
  }

  call(op: string, args: Json) {
    if (program === null) throw new Error("no program");
    const { handles, settle, told } = this;
    const vault = { run: "r", isFull: this.isFull, tell: (message: ToVault) => void told.push(message) };
    const policy = { localOnly: { secrets: [] } } as unknown as PolicyData;
    return derivations({ policy, handles, settle, vault, program, writes: this.writes }).get(op)?.(args);
  }

  /** The handle that was made, and its definition. */
  made(op: string, args: Json): Handle & { readonly as: unknown } {
    const answer = this.call(op, args);
    const handle = answer !== undefined && "sealed" in answer ? this.handles.find(answer.sealed.token) : undefined;
    if (handle === undefined) throw new Error(JSON.stringify(answer));
    const last = this.told.at(-1);
    return { ...handle, as: last?.kind === "define" && last.handle === handle.id ? last.as : last };
  }

  /** Refused; nothing is told and no handle is made. */
  refused(op: string, args: Json): { readonly code: string; readonly message: string } {
    const before = [this.told.length, this.handles.size];
    const answer = this.call(op, args);
    if (answer === undefined || !("error" in answer)) throw new Error(`not refused: ${JSON.stringify(answer)}`);
    expect([this.told.length, this.handles.size]).toEqual(before);
    return answer.error;
  }
}

const SECRET: Origin = { kind: "secret", secret: "key" };
const FILE: Origin = { kind: "answer", of: "file:/w/a" };
const derived = { kind: "derived" };

describe("a part", () => {
  test("is derived, of the same label, and the vault alone looks at it", () => {
    const scene = new Scene();
    const whole = scene.mint(FILE, ["diary"]);
    expect(scene.made("seal.get", { token: whole.token, key: "a" })).toMatchObject({
      origin: derived,
      label: ["diary"],
      as: { kind: "get", of: 1, key: "a" },
    });
  });

  test("of a secret is no secret", () => {
    const scene = new Scene();
    const { token } = scene.mint(SECRET, ["secret:key"]);
    expect(scene.made("seal.get", { token, key: "0" })).toMatchObject({ origin: derived, label: ["secret:key"] });
  });

  test("without a text as its name, or of no handle, is refused", () => {
    const scene = new Scene();
    const { token } = scene.mint(FILE);
    expect(scene.refused("seal.get", { token, key: 0 }).code).toBe("E_ARGUMENT");
    expect(scene.refused("seal.get", { token: `sealed0${"f".repeat(32)}`, key: "a" }).code).toBe("E_ARGUMENT");
    expect(scene.refused("seal.get", { token: `x${token}`, key: "a" }).code).toBe("E_ARGUMENT");
    expect(scene.refused("seal.get", "x").code).toBe("E_ARGUMENT");
  });
});

describe("a reading", () => {
  test("of an answer is that answer; of a secret it is derived", () => {
    const scene = new Scene();
    const [file, key] = [scene.mint(FILE), scene.mint(SECRET)];
    for (const how of ["json", "text"]) {
      expect(scene.made("seal.as", { token: file.token, how })).toMatchObject({ origin: FILE, as: { how } });
      expect(scene.made("seal.as", { token: key.token, how })).toMatchObject({ origin: derived });
    }
    expect(scene.refused("seal.as", { token: file.token, how: "xml" }).code).toBe("E_ARGUMENT");
  });
});

describe("an encoding", () => {
  test("is derived, and has the labels of all handles in the text", () => {
    const scene = new Scene();
    const [one, two] = [scene.mint(FILE, ["a"]), scene.mint(FILE, ["b"])];
    const text = `x${two.token} ${one.token}`;
    for (const how of ["base64", "base64decode", "uri", "uriComponent", "json"])
      expect(scene.made("seal.encode", { how, text })).toMatchObject({
        origin: derived,
        label: ["a", "b"],
        as: { kind: "encode", how, text },
      });
  });

  test("of `user:KEY` in base64 is the secret's Basic formatting, and nothing else is", () => {
    const scene = new Scene();
    const key = scene.mint(SECRET, ["secret:key"]).token;
    const originOf = (how: string, text: string) => scene.made("seal.encode", { how, text }).origin;
    expect(originOf("base64", `me:${key}`)).toEqual({ kind: "formatted", secret: "key", as: "basic" });
    for (const text of [key, `a:b:${key}`, `me:${key}!`, `${key}:${key}`, `me\n:${key}`])
      expect(originOf("base64", text), text).toEqual(derived);
    expect(originOf("uri", `me:${key}`)).toEqual(derived);
    expect(originOf("base64", `me:${scene.mint(FILE).token}`)).toEqual(derived);
  });

  test("of a secret alone for a URL is still the secret; of anything around it, or of data, it is not", () => {
    const scene = new Scene();
    const key = scene.mint(SECRET);
    const answer = scene.call("seal.encode", { how: "uriComponent", text: key.token });
    expect(answer).toMatchObject({ sealed: { token: key.token } });
    expect(scene.told).toEqual([]);
    expect(scene.made("seal.encode", { how: "uriComponent", text: `${key.token}x` }).origin).toEqual(derived);
    const file = scene.mint(FILE).token;
    expect(scene.made("seal.encode", { how: "uriComponent", text: file }).origin).toEqual(derived);
  });

  test("of a damaged token is E_TOKEN_BROKEN, of no token E_ARGUMENT", () => {
    const scene = new Scene();
    const { token } = scene.mint(FILE);
    expect(scene.refused("seal.encode", { how: "base64", text: token.slice(0, 20) }).code).toBe("E_TOKEN_BROKEN");
    expect(scene.refused("seal.encode", { how: "base64", text: `${token}${token.toUpperCase()}` }).code).toBe(
      "E_TOKEN_BROKEN",
    );
    expect(scene.refused("seal.encode", { how: "base64", text: "x" }).code).toBe("E_ARGUMENT");
    expect(scene.refused("seal.encode", { how: "rot13", text: token }).code).toBe("E_ARGUMENT");
    expect(scene.refused("seal.encode", { how: "base64", text: 5 }).code).toBe("E_ARGUMENT");
  });
});

describe("a signature", () => {
  test("by the secret of a public text is its formatting", () => {
    const scene = new Scene();
    const key = scene.mint(SECRET).token;
    const args = { algorithm: "sha256", key, data: "public" };
    expect(scene.made("seal.hmac", args)).toMatchObject({
      origin: { kind: "formatted", secret: "key", as: "hmac" },
      as: { kind: "hmac", ...args, output: "hex" },
    });
  });

  test("of sealed data, or by a text around the secret, or by data, is derived", () => {
    const scene = new Scene();
    const [key, file] = [scene.mint(SECRET).token, scene.mint(FILE).token];
    const originOf = (of: string, data: string) => scene.made("seal.hmac", { algorithm: "sha1", key: of, data }).origin;
    expect(originOf(key, file)).toEqual(derived);
    expect(originOf(`x${key}`, "public")).toEqual(derived);
    expect(originOf(file, "public")).toEqual(derived);
    expect(originOf("public", key)).toEqual(derived);
  });

  test("with a broken token, another algorithm or another output is refused", () => {
    const scene = new Scene();
    const key = scene.mint(SECRET).token;
    const refused = (args: { readonly [name: string]: Json }) =>
      scene.refused("seal.hmac", { algorithm: "sha256", key, data: "x", ...args }).code;
    expect(refused({ data: key.slice(0, 20) })).toBe("E_TOKEN_BROKEN");
    expect(refused({ algorithm: "md5" })).toBe("E_ARGUMENT");
    expect(refused({ output: "bytes" })).toBe("E_ARGUMENT");
    expect(refused({ key: 5 })).toBe("E_ARGUMENT");
    expect(refused({ key: "public" })).toBe("E_ARGUMENT");
  });
});

describe("a JWT", () => {
  test("by the secret of public claims is its formatting; by data it is derived", () => {
    const scene = new Scene();
    const claims = { sub: "me" };
    expect(scene.made("seal.jwt", { token: scene.mint(SECRET).token, claims })).toMatchObject({
      origin: { kind: "formatted", secret: "key", as: "jwt" },
      as: { kind: "jwt", algorithm: "HS256", claims },
    });
    expect(scene.made("seal.jwt", { token: scene.mint(FILE).token, claims }).origin).toEqual(derived);
  });

  test("of sealed claims, or by an algorithm that is none, is refused", () => {
    const scene = new Scene();
    const { token } = scene.mint(SECRET);
    expect(scene.refused("seal.jwt", { token, claims: { a: token } }).code).toBe("E_ARGUMENT");
    expect(scene.refused("seal.jwt", { token, claims: { [token]: 1 } }).code).toBe("E_ARGUMENT");
    expect(scene.refused("seal.jwt", { token, claims: [1] }).code).toBe("E_ARGUMENT");
    expect(scene.refused("seal.jwt", { token, claims: {}, algorithm: "none" }).code).toBe("E_ARGUMENT");
  });
});

describe.each([
  ["seal.compute", "(v) => v"],
  ["seal.run", "(v, io) => v"],
])("%s", (op, source) => {
  test("joins the labels of its inputs, and its result is derived", () => {
    const scene = new Scene();
    const inputs = [scene.mint(FILE, ["b"]), scene.mint(FILE, ["a"])].map(({ token }) => token);
    const made = scene.made(op, { inputs, source: "(a, b) => a", args: [1] });
    expect(made).toMatchObject({ origin: derived, label: ["a", "b"], as: { inputs: [1, 2], args: [1] } });
  });

  test("opens no use-only secret, nor anything made of one: E_USE_ONLY", () => {
    const scene = new Scene();
    const key = scene.mint(SECRET, ["secret:key"]);
    const part = scene.handles.derive([key, scene.mint(FILE)]);
    for (const { token } of [key, part])
      expect(scene.refused(op, { inputs: [scene.mint(FILE).token, token], source }).code).toBe("E_USE_ONLY");
  });

  test("takes no sealed value, whole or damaged, in its text or its arguments", () => {
    const scene = new Scene();
    const { token } = scene.mint(FILE);
    const inputs = [token];
    for (const stray of [token, token.slice(0, 20), token.toUpperCase()]) {
      expect(scene.refused(op, { inputs, source: `(v) => "${stray}"` }).code, stray).toBe("E_ARGUMENT");
      expect(scene.refused(op, { inputs, source, args: [{ a: [stray] }] }).code, stray).toBe("E_ARGUMENT");
      expect(scene.refused(op, { inputs, source, args: [{ [stray]: 1 }] }).code, stray).toBe("E_ARGUMENT");
    }
  });

  test.each<[string, string, { readonly [name: string]: Json }]>([
    ["something from outside", "E_CAPTURE", { source: "(v) => v + prefix" }],
    ["what is no function", "E_FN", { source: "function () { [native code] }" }],
    ["two expressions", "E_FN", { source: "(v) => v), (w" }],
    ["no inputs", "E_ARGUMENT", { inputs: [] }],
    ["inputs that are no list", "E_ARGUMENT", { inputs: "x" }],
    ["an input that is no handle", "E_ARGUMENT", { inputs: [`sealed0${"f".repeat(32)}`] }],
    ["arguments that are no list", "E_ARGUMENT", { args: {} }],
    ["no function at all", "E_ARGUMENT", { source: 5 }],
    ["a function of more than 1 MiB", "E_ARGUMENT", { source: `(v) => "${"x".repeat(1024 * 1024)}"` }],
  ])("refuses %s: %s", (_, code, args) => {
    const scene = new Scene();
    expect(scene.refused(op, { inputs: [scene.mint(FILE).token], source, ...args }).code).toBe(code);
  });
});

test("a private block is ordered, accepts what its inputs are, and makes a settle point due", () => {
  const scene = new Scene();
  const { token } = scene.mint(FILE, ["diary"]);
  expect(scene.made("seal.run", { inputs: [token], source: "(v) => v" }).as).toMatchObject({
    kind: "block",
    run: "r",
    handle: 2,
    accepts: ["diary"],
    inputs: [1],
  });
  expect(scene.settle.isDue).toBe(true);
  expect(scene.writes.mayHaveReached("/anywhere")).toBe(true);
});

test("a pure computation makes no settle point due", () => {
  const scene = new Scene();
  scene.made("seal.compute", { inputs: [scene.mint(FILE).token], source: "(v) => v" });
  expect(scene.settle.isDue).toBe(false);
});

test("where the vault is told too much already, no value is made", () => {
  const scene = new Scene();
  const { token } = scene.mint(FILE);
  scene.isFull = true;
  expect(scene.refused("seal.get", { token, key: "a" }).code).toBe("E_TOO_LARGE");
});
