import { createErrands, type Errands } from "@agent-run/effects/errands";
import type { ErrandAnswer, PinnedRequest, RequestUse } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { brokeredRequest, isTripped } from "./broker.ts";
import { type Attempt, done, failed, type Plain } from "./plain.ts";
import { Place } from "./vault.fixture.ts";

const T = `sealed0${"1".repeat(32)}`;
const KEY = "sk-Hj3pXw8dVg5sTz1aQe0u";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const use = (response: RequestUse["response"] = "public"): RequestUse => ({
  kind: "request",
  ref: { id: "secret.s.use[0]" },
  hosts: [],
  methods: ["GET"],
  slot: { kind: "header", name: "authorization" },
  format: { kind: "template", before: "Bearer ", after: "", of: ["original"] },
  response,
  outcome: false,
  outcomesPerRun: null,
});

const pinned = (origin: string): PinnedRequest => ({
  method: "GET",
  url: `http://${origin}/`,
  addresses: ["127.0.0.1"],
  headers: [["Authorization", `Bearer ${T}`]],
  body: null,
  timeoutMs: 5000,
  maxResponseBytes: 10_000,
});

/** The answer to a request that the server answers with these texts. */
async function brokered(
  answer: { readonly body?: string; readonly header?: string; readonly status?: number },
  more: { readonly value?: Attempt<Plain>; readonly use?: RequestUse; readonly secret?: Attempt<Plain> } = {},
) {
  const seen: string[] = [];
  const origin = await place.serve((request, response) => {
    seen.push(String(request.headers.authorization));
    response.statusCode = answer.status ?? 200;
    response.setHeader("x-echo", answer.header ?? "none");
    response.end(answer.body ?? "");
  });
  const { value = done(KEY), secret = value } = more;
  const order = { request: pinned(origin), slot: T, value, secret };
  return { seen, ...(await brokeredRequest(order, more.use ?? use(), createErrands(), new AbortController().signal)) };
}

describe("a brokered request", () => {
  test("goes out with the secret in its slot, and its answer is told as bytes", async () => {
    const { seen, answer } = await brokered({ body: "hello", status: 404 });
    expect(seen).toEqual([`Bearer ${KEY}`]);
    expect(answer).toMatchObject({ ok: true, value: { status: 404, bodyBase64: btoa("hello") } });
  });

  test.each<[string, { readonly body?: string; readonly header?: string; readonly status?: number }]>([
    ["in its body", { body: `bad token ${KEY}` }],
    ["in base64", { body: btoa(`x${KEY}`) }],
    ["in hex", { body: Buffer.from(KEY).toString("hex") }],
    ["reversed", { body: [...KEY].reverse().join("") }],
    ["in a header", { header: KEY }],
    ["with any status", { body: KEY, status: 401 }],
  ])("whose answer holds the credential %s is withheld", async (_, answer) => {
    const told = await brokered(answer);
    expect(told.answer).toMatchObject({ ok: false, failure: { code: "E_SINK" } });
    expect(JSON.stringify(told.answer)).not.toContain("401");
    expect(told.why).toBe("the answer held the credential");
  });

  test("is looked at for the secret itself, whatever formatting of it was sent", async () => {
    const value = done(btoa(`me:${KEY}`));
    expect((await brokered({ body: KEY }, { value, secret: done(KEY) })).answer.ok).toBe(false);
  });

  test("whose answer stays sealed is not withheld", async () => {
    expect((await brokered({ body: KEY }, { use: use("sealed") })).answer.ok).toBe(true);
  });

  test("with a secret that cannot be sent is the same failure, whatever the reason; nothing is sent", async () => {
    const all = [failed("no file"), done("a\r\nb"), done("a\0b"), done(undefined)].map((value) =>
      brokered({}, { value }),
    );
    const told = await Promise.all(all);
    expect(new Set(told.map(({ answer }) => JSON.stringify(answer))).size).toBe(1);
    expect(told[0]?.answer).toMatchObject({ ok: false, failure: { code: "E_NETWORK" } });
    expect(told.flatMap(({ seen }) => seen)).toEqual([]);
    expect(new Set(told.map(({ why }) => why)).size).toBeGreaterThan(1);
  });

  test("that fails on its way is that failure", async () => {
    const failure = { code: "E_TIMEOUT", message: "late" } as const;
    const errands = { perform: async (): Promise<ErrandAnswer> => ({ ok: false, failure }) } as unknown as Errands;
    const order = { request: pinned("127.0.0.1:1"), slot: T, value: done(KEY), secret: done(KEY) };
    const { answer } = await brokeredRequest(order, use(), errands, new AbortController().signal);
    expect(answer).toEqual({ ok: false, failure });
  });
});

test("weak values trip nothing: not finding them would be an answer, too", () => {
  expect(isTripped(done("1234"), Buffer.from("1234"))).toBe(false);
  expect(isTripped(failed("none"), Buffer.from("x"))).toBe(false);
  expect(isTripped(done(KEY), Buffer.from("x"), Buffer.from(KEY))).toBe(true);
});
