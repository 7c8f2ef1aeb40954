import { describe, expect, it } from "vitest";
import { startRun } from "./fixtures/gate-run.ts";
import { during } from "./fixtures/send.ts";
import { httpServer } from "./fixtures/servers.ts";

describe("an address in the URL", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["0x7f000001", "127.0.0.1"],
    ["0x7f.1", "127.0.0.1"],
    ["0177.0.0.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["127.0.0.1.", "127.0.0.1"],
    ["１２７.0.0.1", "127.0.0.1"],
    ["[::ffff:127.0.0.1]", "127.0.0.1"],
    ["[::ffff:7f00:1]", "127.0.0.1"],
    ["[0:0:0:0:0:ffff:7f00:0001]", "127.0.0.1"],
  ])("%s is decided and dialled as %s without a resolver", async (host, address) => {
    const server = await during(httpServer((incoming, response) => response.end(incoming.headers.host)));
    const run = startRun({ lookup: () => Promise.reject(new Error("asked")) });
    const answer = await run.call({ method: "GET", url: `http://${host}:${server.port}/` });
    expect(answer).toMatchObject({ ok: { body: `${address}:${server.port}` } });
    expect(run.decided.at(-1)?.targets.map(({ value }) => value)).toEqual([
      `http://${address}:${server.port}/`,
      address,
    ]);
    expect(run.errands).toEqual(["http"]);
  });

  it.each(["[::1]", "[0:0::1]", "[0000:0000:0000:0000:0000:0000:0000:0001]"])("%s is dialled as ::1", async (host) => {
    const server = await during(httpServer((_request, response) => response.end("six"), "::1"));
    const run = startRun();
    expect(await run.call({ method: "GET", url: `http://${host}:${server.port}/` })).toMatchObject({
      ok: { body: "six" },
    });
    expect(run.decided.at(-1)?.targets.at(-1)?.value).toBe("::1");
  });

  it("is refused as an address even if the URL was allowed", async () => {
    const run = startRun({ allows: ({ kind }) => kind === "url" });
    expect(await run.call({ method: "GET", url: "http://127.0.0.1/" })).toMatchObject({
      error: { code: "E_POLICY_DENIED" },
    });
    expect(run.errands).toEqual([]);
  });
});
