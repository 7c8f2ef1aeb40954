import { expect, test } from "vitest";
import { Scene } from "./scene.fixture.ts";

const DOCS = { url: "https://docs.example.com/" };

function answerTo(make: (token: string) => string) {
  const scene = new Scene();
  const body = Buffer.from(make(scene.read("INTERNAL_URL")));
  scene.answers = { http: { ok: true, value: { status: 200, headers: [], body } } };
  return scene.perform("net.request", DOCS);
}

test("an answer from outside that holds a live token is withheld", () => {
  expect(answerTo((token) => `a ${token} b`)).toMatchObject({
    error: { code: "E_SINK", message: expect.stringMatching(/^withheld/) },
  });
});

test("one that holds what only looks like a token is told", () => {
  const stranger = `sealed0${"f".repeat(32)}`;
  expect(answerTo(() => stranger)).toEqual({ ok: stranger });
  expect(answerTo((token) => token.slice(0, 30))).toHaveProperty("ok");
});

test("a failure stays that failure", () => {
  const scene = new Scene();
  scene.read("INTERNAL_URL");
  scene.answers = { http: { ok: false, failure: { code: "E_TIMEOUT", message: "late" } } };
  expect(scene.perform("net.request", DOCS)).toMatchObject({ error: { code: "E_TIMEOUT" } });
});
