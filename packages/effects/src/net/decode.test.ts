import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { during, pinned, sendFailing, sendOk, textOf } from "./fixtures/send.ts";
import { httpServer } from "./fixtures/servers.ts";

describe("content codings", () => {
  const plain = Buffer.from("hello ".repeat(1000));
  it.each([
    ["gzip", gzipSync(plain)],
    ["x-gzip", gzipSync(plain)],
    ["GZIP", gzipSync(plain)],
    ["deflate", deflateSync(plain)],
    ["deflate", deflateRawSync(plain)],
    ["br", brotliCompressSync(plain)],
  ])("%s is undone", async (coding, body) => {
    const server = await during(
      httpServer((_request, response) => response.setHeader("content-encoding", coding).end(body)),
    );
    expect(textOf(await sendOk(pinned(`http://127.0.0.1:${server.port}/`)))).toBe(plain.toString());
  });

  it("leaves memory that nothing else is in, so that sending it to the worker sends nothing else", async () => {
    const server = await during(
      httpServer((_request, response) => response.setHeader("content-encoding", "gzip").end(gzipSync("small"))),
    );
    const { body } = await sendOk(pinned(`http://127.0.0.1:${server.port}/`));
    expect([body.byteLength, body.buffer.byteLength]).toEqual([5, 5]);
  });

  it.each(["zstd", "gzip, gzip", "identity", "aws-chunked"])("%s is left as it is", async (coding) => {
    const server = await during(
      httpServer((_request, response) => response.setHeader("content-encoding", coding).end("as is")),
    );
    expect(textOf(await sendOk(pinned(`http://127.0.0.1:${server.port}/`)))).toBe("as is");
  });

  it.each([
    ["gzip that is none", "gzip", Buffer.from("not gzip at all")],
    ["gzip that ends early", "gzip", gzipSync(plain).subarray(0, 40)],
    ["brotli that is none", "br", Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])],
  ])("%s is E_NETWORK", async (_name, coding, body) => {
    const server = await during(
      httpServer((_request, response) => response.setHeader("content-encoding", coding).end(body)),
    );
    expect(await sendFailing(pinned(`http://127.0.0.1:${server.port}/`))).toBe(
      `E_NETWORK: the compressed response of \`127.0.0.1:${server.port}\` is damaged or incomplete`,
    );
  });
});
