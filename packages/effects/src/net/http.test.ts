import { afterEach, describe, expect, it } from "vitest";
import { during, header, pinned, sendFailing, sendOk, textOf } from "./fixtures/send.ts";
import { cannedServer, httpServer, rawServer } from "./fixtures/servers.ts";

describe("what goes out", () => {
  it("is the method, path, query, host with port, headers and body of the errand", async () => {
    const server = await during(
      httpServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          const { method, url, headers } = request;
          response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
        });
      }),
    );
    const url = `http://pinned.test:${server.port}/a/b?c=d%20e`;
    const body = new TextEncoder().encode("täxt");
    const seen = JSON.parse(textOf(await sendOk(pinned(url, { method: "POST", headers: [["x-a", "1"]], body }))));
    expect(seen).toEqual({
      method: "POST",
      url: "/a/b?c=d%20e",
      headers: { host: `pinned.test:${server.port}`, connection: "close", "x-a": "1", "content-length": "5" },
      body: "täxt",
    });
  });

  it.each(["GET", "HEAD", "DELETE"])("%s without a body says nothing of a length", async (method) => {
    let seen = "";
    const server = await during(
      rawServer((socket, request) => {
        seen = request;
        socket.end("HTTP/1.1 204 No Content\r\n\r\n");
      }),
    );
    await sendOk(pinned(`http://127.0.0.1:${server.port}/`, { method }));
    expect(seen).toBe(`${method} / HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nconnection: close\r\n\r\n`);
  });

  it.each(["POST", "PUT", "PATCH"])("%s without a body has length 0", async (method) => {
    const server = await during(httpServer((request, response) => response.end(request.headers["content-length"])));
    expect(textOf(await sendOk(pinned(`http://127.0.0.1:${server.port}/`, { method })))).toBe("0");
  });

  it("sends a DELETE with a body as one request", async () => {
    let seen = "";
    const server = await during(
      rawServer((socket, request) => {
        seen = request;
        socket.end("HTTP/1.1 204 No Content\r\n\r\n");
      }),
    );
    const body = new TextEncoder().encode("{}");
    await sendOk(pinned(`http://127.0.0.1:${server.port}/`, { method: "DELETE", body }));
    expect(seen).toContain("content-length: 2\r\n");
  });

  it.each([
    ["a line break in a value", [["x-a", "1\r\nx-b: 2"]]],
    ["a line break in a name", [["x-a: 1\r\nx-b", "2"]]],
    ["a NUL in a value", [["x-a", "\0"]]],
  ] as const)("is nothing if a header has %s", async (_name, headers) => {
    const server = await during(httpServer((_request, response) => response.end()));
    const failure = await sendFailing(pinned(`http://127.0.0.1:${server.port}/`, { headers }));
    expect(failure).toContain("E_NETWORK");
    expect(failure).toContain("the request is not one that HTTP/1.1 can carry");
  });

  it("uses a connection of its own for every request and keeps none", async () => {
    const server = await during(httpServer((_request, response) => response.end("x")));
    for (let call = 0; call < 3; call += 1) await sendOk(pinned(`http://127.0.0.1:${server.port}/`));
    expect(server.connections()).toBe(3);
  });

  it("keeps no cookie of an earlier response", async () => {
    const server = await during(
      httpServer((request, response) => {
        response.setHeader("set-cookie", "a=1");
        response.end(request.headers.cookie ?? "none");
      }),
    );
    await sendOk(pinned(`http://127.0.0.1:${server.port}/`));
    expect(textOf(await sendOk(pinned(`http://127.0.0.1:${server.port}/`)))).toBe("none");
  });
});

describe("proxies of the environment", () => {
  const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "NODE_USE_ENV_PROXY"];
  afterEach(() => {
    for (const name of names) delete process.env[name];
  });

  it("are not asked", async () => {
    const proxy = await during(httpServer((_request, response) => response.end("proxy")));
    const server = await during(httpServer((_request, response) => response.end("server")));
    for (const name of names) process.env[name] = `http://127.0.0.1:${proxy.port}`;
    expect(textOf(await sendOk(pinned(`http://pinned.test:${server.port}/`)))).toBe("server");
    expect(proxy.connections()).toBe(0);
  });
});

describe("what comes back", () => {
  it("has lower-case names, repeated fields joined, and cookies apart", async () => {
    const head = "HTTP/1.1 200 OK\r\nX-A: 1\r\nSet-Cookie: a=1\r\nx-a: 2\r\nSet-Cookie: b=2\r\nX-B: \xe4\r\n";
    const server = await during(cannedServer(Buffer.from(`${head}Content-Length: 2\r\n\r\nok`, "latin1")));
    const answer = await sendOk(pinned(`http://127.0.0.1:${server.port}/`));
    expect(answer.headers).toEqual([
      ["x-a", "1, 2"],
      ["x-b", "ä"],
      ["content-length", "2"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
  });

  it("takes a header named like a property of every object as a header", async () => {
    const server = await during(cannedServer("HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\n\r\n"));
    const answer = await sendOk(pinned(`http://127.0.0.1:${server.port}/`));
    expect(answer.headers).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  it.each([301, 302, 303, 307, 308, 404, 500])(
    "gives back %d as an ordinary response and follows nothing",
    async (status) => {
      const target = await during(httpServer((_request, response) => response.end("followed")));
      const server = await during(
        httpServer((_request, response) => {
          response.writeHead(status, { location: `http://127.0.0.1:${target.port}/` }).end("body");
        }),
      );
      const answer = await sendOk(pinned(`http://127.0.0.1:${server.port}/`));
      expect([answer.status, textOf(answer), header(answer, "location")]).toEqual([
        status,
        "body",
        `http://127.0.0.1:${target.port}/`,
      ]);
      expect(target.connections()).toBe(0);
    },
  );

  it("has memory of its own, so that sending it to the worker sends nothing else", async () => {
    const server = await during(httpServer((_request, response) => response.end("small")));
    const { body } = await sendOk(pinned(`http://127.0.0.1:${server.port}/`));
    expect(body.buffer.byteLength).toBe(body.byteLength);
  });

  it.each([
    [
      "an interim 103",
      "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
      "200 ok",
    ],
    ["a body that ends with the connection", "HTTP/1.1 200 OK\r\n\r\nto the end", "200 to the end"],
    [
      "chunks and trailers",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-t: 1\r\n\r\n",
      "200 ok",
    ],
    ["204 with a body that must not be there", "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\nsmuggled", "204 "],
    [
      "a second response that nobody asked for",
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad",
      "200 ok",
    ],
  ])("understands %s", async (_name, response, expected) => {
    const server = await during(cannedServer(response));
    const answer = await sendOk(pinned(`http://127.0.0.1:${server.port}/`));
    expect(`${answer.status} ${textOf(answer)}`).toBe(expected);
  });

  it("has no body for HEAD, whatever the length says and whatever is sent", async () => {
    const server = await during(
      cannedServer("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-encoding: gzip\r\n\r\nxxxxx"),
    );
    const answer = await sendOk(pinned(`http://127.0.0.1:${server.port}/`, { method: "HEAD" }));
    expect([answer.status, answer.body.byteLength, header(answer, "content-length")]).toEqual([200, 0, "5"]);
  });
});
