import { once } from "node:events";
import { connect, Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { startDeadline } from "./deadline.ts";
import { exchange } from "./exchange.ts";
import { during, pinned, send, sendFailing, sendOk } from "./fixtures/send.ts";
import { cannedServer, closedPort, httpServer, rawServer } from "./fixtures/servers.ts";

describe("sizes", () => {
  const url = (port: number): string => `http://127.0.0.1:${port}/`;

  it.each([
    ["exactly the limit passes", 1000, "1000"],
    ["one byte more is E_TOO_LARGE", 1001, "E_TOO_LARGE"],
  ])("%s", async (_name, size, expected) => {
    const server = await during(httpServer((_request, response) => response.end("x".repeat(size))));
    const answer = await send(pinned(url(server.port), { maxResponseBytes: 1000 }));
    expect(answer.ok ? String(answer.value.body.byteLength) : answer.failure.code).toBe(expected);
  });

  it("a limit of 0 lets empty bodies through only", async () => {
    const server = await during(httpServer((request, response) => response.end(request.url === "/empty" ? "" : "x")));
    expect((await sendOk(pinned(`${url(server.port)}empty`, { maxResponseBytes: 0 }))).status).toBe(200);
    expect(await sendFailing(pinned(url(server.port), { maxResponseBytes: 0 }))).toContain("E_TOO_LARGE");
  });

  it("a body without end is cut and its connection closed", async () => {
    let sent = 0;
    const server = await during(
      httpServer((_request, response) => {
        const chunk = Buffer.alloc(64 * 1024);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk)) sent += chunk.byteLength;
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      }),
    );
    expect(await sendFailing(pinned(url(server.port)))).toContain("E_TOO_LARGE");
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it.each([
    ["gzip", gzipSync(Buffer.alloc(64 * 1024 * 1024))],
    ["deflate", deflateSync(Buffer.alloc(64 * 1024 * 1024))],
    ["br", brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))],
  ])("a %s bomb is E_TOO_LARGE and its 64 MiB are never held", async (coding, bomb) => {
    const server = await during(
      httpServer((_request, response) => response.setHeader("content-encoding", coding).end(bomb)),
    );
    const before = process.memoryUsage().arrayBuffers;
    expect(await sendFailing(pinned(url(server.port)))).toContain("E_TOO_LARGE");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  it("coded bytes that hold nothing do not go on for ever", async () => {
    // Empty stored blocks: any amount of them decodes to nothing.
    const nothing = Buffer.alloc(5 * 64 * 1024, Buffer.from([0, 0, 0, 0xff, 0xff]));
    const server = await during(
      httpServer((_request, response) => response.setHeader("content-encoding", "deflate").end(nothing)),
    );
    expect(await sendFailing(pinned(url(server.port), { maxResponseBytes: 1000 }))).toContain("E_TOO_LARGE");
  });

  it("a body of one-byte chunks is read in memory of its own size", async () => {
    const server = await during(
      cannedServer(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(100_000)}0\r\n\r\n`),
    );
    expect((await sendOk(pinned(url(server.port)))).body.byteLength).toBe(100_000);
  });

  it.each([
    ["10,000 header fields", "a: b\r\n".repeat(10_000)],
    ["a header field of 1 MiB", `a: ${"b".repeat(1024 * 1024)}\r\n`],
    ["300 short fields", "a: b\r\n".repeat(300)],
    ["trailers without end", `transfer-encoding: chunked\r\n\r\n0\r\n${"a: bbbbbbbbbbbbbbb\r\n".repeat(10_000)}`],
  ])("%s are E_TOO_LARGE", async (_name, fields) => {
    const server = await during(cannedServer(`HTTP/1.1 200 OK\r\n${fields}\r\n`));
    expect(await sendFailing(pinned(url(server.port)))).toContain("E_TOO_LARGE");
  });
});

describe("servers that break the protocol", () => {
  const NOT_HTTP = "answered with something that is not HTTP/1.1";
  const LENGTH = "sent a response of another length than it announced";
  const CLOSED = "closed the connection before the response was complete";
  it.each([
    ["no HTTP at all", "SSH-2.0-OpenSSH_9\r\n", NOT_HTTP],
    ["HTTP/2 frames", "\0\0\x12\x04\0\0\0\0\0", NOT_HTTP],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 5\r\n\r\nhello", LENGTH],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      LENGTH,
    ],
    ["a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", NOT_HTTP],
    ["a chunk size that is no number", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok\r\n", NOT_HTTP],
    [
      "a chunk longer than it says",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nokokok\r\n0\r\n\r\n",
      NOT_HTTP,
    ],
    ["a line break inside a header", "HTTP/1.1 200 OK\r\nx-a: 1\rx-b: 2\r\n\r\n", NOT_HTTP],
    ["a NUL inside a header", "HTTP/1.1 200 OK\r\nx-a: \0\r\n\r\n", NOT_HTTP],
    ["an upgrade that nobody asked for", "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", CLOSED],
    ["an early end inside the header", "HTTP/1.1 200 OK\r\nx-a", CLOSED],
    ["an early end inside the body", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhel", CLOSED],
    ["an early end inside a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe", CLOSED],
    ["nothing", "", CLOSED],
  ])("%s is E_NETWORK", async (_name, response, says) => {
    const server = await during(cannedServer(response));
    expect(await sendFailing(pinned(`http://127.0.0.1:${server.port}/`))).toBe(
      `E_NETWORK: \`127.0.0.1:${server.port}\` ${says}`,
    );
    expect(server.connections()).toBe(1);
  });

  it("a refused connection is E_NETWORK", async () => {
    const port = await closedPort();
    expect(await sendFailing(pinned(`http://pinned.test:${port}/`))).toBe(
      `E_NETWORK: \`pinned.test:${port}\` refused the connection`,
    );
  });

  it("a connection that is gone before the request is sent is E_NETWORK", async () => {
    const socket = new Socket();
    socket.destroy();
    const request = pinned("http://pinned.test/");
    const deadline = startDeadline("the request", 5000, new AbortController().signal);
    const answer = await exchange(new URL(request.url), request, socket, deadline);
    deadline.end();
    expect(answer).toMatchObject({ ok: false, failure: { code: "E_NETWORK" } });
  });

  it("a run that ended while the connection was made sends nothing", async () => {
    let requests = 0;
    const server = await during(
      rawServer((socket) => {
        requests += 1;
        socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      }),
    );
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    const request = pinned(`http://pinned.test:${server.port}/`);
    const deadline = startDeadline("the request", 5000, AbortSignal.abort());
    const answer = await exchange(new URL(request.url), request, socket, deadline);
    deadline.end();
    expect(answer).toMatchObject({ ok: false, failure: { code: "E_INTERRUPTED" } });
    await expect.poll(() => [server.connections(), server.open()]).toEqual([1, 0]);
    expect(requests).toBe(0);
  });

  it("a connection that is reset is E_NETWORK", async () => {
    const server = await during(rawServer((socket) => socket.resetAndDestroy()));
    expect(await sendFailing(pinned(`http://127.0.0.1:${server.port}/`))).toContain(CLOSED);
  });
});

describe("time", () => {
  it.each([
    ["says nothing", () => {}],
    ["sends a byte of the header now and then", drip("HTTP/1.1 200 OK\r\nx-a: ", "a")],
    ["sends a byte of the body now and then", drip("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", "a")],
    ["sends interim responses without end", drip("", "HTTP/1.1 103 Early Hints\r\n\r\n")],
  ] as const)("a server that %s is E_TIMEOUT and its connection ends", async (_name, talk) => {
    const server = await during(rawServer(talk));
    const failure = await sendFailing(pinned(`http://127.0.0.1:${server.port}/`, { timeoutMs: 300 }));
    expect(failure).toBe(`E_TIMEOUT: the request to \`127.0.0.1:${server.port}\` took longer than 300 ms`);
    await expect.poll(() => server.open()).toBe(0);
  });

  it("a time above what a timer can hold is no time of 1 ms", async () => {
    const server = await during(rawServer((socket) => setTimeout(() => socket.end("HTTP/1.1 204 No\r\n\r\n"), 50)));
    const answer = await sendOk(pinned(`http://127.0.0.1:${server.port}/`, { timeoutMs: 2 ** 40 }));
    expect(answer.status).toBe(204);
  });
});

function drip(first: string, then: string): Parameters<typeof rawServer>[0] {
  return (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(then), 20);
    socket.on("close", () => clearInterval(timer));
  };
}
