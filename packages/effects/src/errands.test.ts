import { describe, expect, it } from "vitest";
import { createErrands, prefetch } from "./errands.ts";
import { during, pinned } from "./net/fixtures/send.ts";
import { cannedServer, rawServer } from "./net/fixtures/servers.ts";

describe("an errand", () => {
  it.each([
    ["while it connects", (socketCame: Promise<void>) => socketCame],
    ["before it begins", async () => {}],
  ])("ends with its run %s, and its socket with it", async (_name, moment) => {
    let came = (): void => {};
    const socketCame = new Promise<void>((settle) => {
      came = settle;
    });
    const server = await during(rawServer(() => came()));
    const errands = createErrands();
    const run = new AbortController();
    const work = errands.perform({ kind: "http", request: pinned(`http://127.0.0.1:${server.port}/`) }, run.signal);
    await moment(socketCame);
    run.abort();
    expect(await work).toMatchObject({ ok: false, failure: { code: "E_INTERRUPTED" } });
    await expect.poll(() => server.open()).toBe(0);
  });

  it("ends when all are closed, and close waits for it", async () => {
    let came = (): void => {};
    const socketCame = new Promise<void>((settle) => {
      came = settle;
    });
    const server = await during(rawServer(() => came()));
    const errands = createErrands();
    const { signal } = new AbortController();
    const order: string[] = [];
    const work = errands
      .perform({ kind: "http", request: pinned(`http://127.0.0.1:${server.port}/`) }, signal)
      .then((answer) => order.push(answer.ok ? "ok" : answer.failure.code));
    await socketCame;
    await errands.close();
    await work;
    expect(order).toEqual(["E_INTERRUPTED"]);
  });

  it("that comes after closing fails", async () => {
    const errands = createErrands({ lookup: async () => [{ address: "127.0.0.1", family: 4 }] });
    await errands.close();
    const answer = await errands.perform(
      { kind: "resolve", host: "a.test", timeoutMs: 1000 },
      new AbortController().signal,
    );
    expect(answer).toMatchObject({ ok: false, failure: { code: "E_INTERRUPTED" } });
  });

  it("that asks a person is not answered here", async () => {
    const ticket = {
      seq: 1,
      capability: "fs.read",
      target: "a",
      requestHash: "",
      rule: "r",
      layer: "policy",
      matched: ["r"],
      irreversible: false,
      request: "{}",
      place: null,
      content: null,
      preview: null,
    };
    const answer = await createErrands().perform({ kind: "approve", ticket }, new AbortController().signal);
    expect(answer).toMatchObject({ ok: false, failure: { code: "E_APPROVAL_UNAVAILABLE" } });
  });

  it("is one of many under one signal without a warning", async () => {
    const server = await during(cannedServer("HTTP/1.1 204 No Content\r\n\r\n"));
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", onWarning);
    const errands = createErrands();
    const { signal } = new AbortController();
    const request = pinned(`http://127.0.0.1:${server.port}/`);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => errands.perform({ kind: "http", request }, signal)),
    );
    await new Promise((settle) => setImmediate(settle));
    process.off("warning", onWarning);
    expect([answers.every(({ ok }) => ok), warnings]).toEqual([true, []]);
  });
});

describe("loading early", () => {
  it("never fails and loads only what is named", async () => {
    await expect(prefetch([])).resolves.toBeUndefined();
    await expect(prefetch(["http", "resolve", "approve"])).resolves.toBeUndefined();
  });
});
