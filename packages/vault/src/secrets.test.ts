import { mkdirSync, writeFileSync } from "node:fs";
import type { SecretData, SecretSource } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Attempt, done, failed, type Plain } from "./plain.ts";
import { Secrets } from "./secrets.ts";
import { Place } from "./vault.fixture.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const secret = (name: string, source: SecretSource): SecretData => ({
  name,
  source,
  data: false,
  uses: [],
  ref: { id: `secret.${name}` },
});

interface World {
  readonly variables?: Readonly<Record<string, string>>;
  readonly output?: Attempt<string>;
  readonly answer?: Attempt<string>;
}

function secretsOf(
  sources: readonly SecretData[],
  { variables = {}, output = done(""), answer = done("") }: World = {},
) {
  const asked: string[] = [];
  const secrets = new Secrets({
    secrets: sources,
    variables,
    command: async (argv) => {
      asked.push(argv.join(" "));
      return output;
    },
    exchange: async (url, value) => {
      asked.push(`${url} ${value}`);
      return answer;
    },
  });
  return { asked, get: (name = "s"): Promise<Attempt<Plain>> => secrets.get(name) };
}

const read = (source: SecretSource, world?: World) => secretsOf([secret("s", source)], world).get();

describe("a secret from a variable", () => {
  const env = (field: string | null = null): SecretSource => ({ kind: "env", name: "KEY", field });

  test("is its value as it is, or a field of it", async () => {
    expect(await read(env(), { variables: { KEY: " v\n" } })).toEqual(done(" v\n"));
    expect(await read(env("a.b"), { variables: { KEY: '{"a":{"b":"v"}}' } })).toEqual(done("v"));
  });

  test("that is not set, or is of the prototype, is none", async () => {
    expect(await read(env())).toMatchObject({ ok: false });
    expect(await read({ kind: "env", name: "constructor", field: null })).toMatchObject({ ok: false });
  });
});

describe("a secret from a file", () => {
  const file = (field: string | null = null): SecretSource => ({ kind: "file", path: place.path("key"), field });

  test("is its text without the last line's end, and no other", async () => {
    for (const text of ["v", "v\n", "v\r\n"]) {
      place.write("key", text);
      expect(await read(file())).toEqual(done("v"));
    }
    place.write("key", " v\n\n");
    expect(await read(file())).toEqual(done(" v\n"));
  });

  test("may be a field of its JSON, whatever its type", async () => {
    place.write("key", '{"a":{"b":[1]}}\n');
    expect(await read(file("a.b"))).toEqual(done([1]));
  });

  test("is none: no file, a directory, more than 1 MiB, no JSON, no such field", async () => {
    expect(await read(file())).toMatchObject({ ok: false });
    mkdirSync(place.path("key"));
    expect(await read(file())).toMatchObject({ ok: false });
    writeFileSync(place.path("large"), "x".repeat(1024 * 1024 + 1));
    expect(await read({ kind: "file", path: place.path("large"), field: null })).toMatchObject({ ok: false });
    place.write("text", "not-json-but-secret");
    const none = await read({ kind: "file", path: place.path("text"), field: "a" });
    expect(none).toEqual(failed("it is not JSON with a field `a`"));
    place.write("json", '{"a":{"b":1}}');
    for (const field of ["a.c", "a.b.c", "toString", "a.constructor"])
      expect(await read({ kind: "file", path: place.path("json"), field }), field).toMatchObject({ ok: false });
  });
});

describe("a secret from a command", () => {
  const command = (field: string | null = null): SecretSource => ({ kind: "command", argv: ["pass", "x"], field });

  test("is what it prints, or a field of it; its failure is none", async () => {
    expect(await read(command(), { output: done("v\n") })).toEqual(done("v"));
    expect(await read(command("k"), { output: done('{"k":"v"}\n') })).toEqual(done("v"));
    expect(await read(command(), { output: failed("ended with 1") })).toEqual(failed("ended with 1"));
  });
});

describe("a secret from an exchange", () => {
  const sources = [
    secret("client", { kind: "env", name: "CLIENT", field: null }),
    secret("s", { kind: "exchange", secret: "client", url: "https://auth/", field: "access_token" }),
  ];
  const variables = { CLIENT: "id:pw" };

  test("is the field of the answer to the other secret", async () => {
    const { get, asked } = secretsOf(sources, { variables, answer: done('{"access_token":"t"}') });
    expect(await get()).toEqual(done("t"));
    expect(asked).toEqual(["https://auth/ id:pw"]);
  });

  test("is none where the other is none, the answer fails or lacks the field", async () => {
    const none = secretsOf(sources);
    expect(await none.get()).toMatchObject({ ok: false });
    expect(none.asked).toEqual([]);
    for (const answer of [failed("401"), done("{}"), done("<html>")])
      expect(await secretsOf(sources, { variables, answer }).get()).toMatchObject({ ok: false });
  });
});

test("a secret is read once in a run, when it is needed", async () => {
  const { get, asked } = secretsOf([secret("s", { kind: "command", argv: ["pass"], field: null })], {
    output: done("v"),
  });
  expect(asked).toEqual([]);
  await Promise.all([get(), get()]);
  expect(asked).toEqual(["pass"]);
  expect(await get("none")).toMatchObject({ ok: false });
});
