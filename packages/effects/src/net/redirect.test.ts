import type { RequestListener } from "node:http";
import { describe, expect, it } from "vitest";
import { type RunOptions, refused, request, startRun } from "./fixtures/gate-run.ts";
import { during } from "./fixtures/send.ts";
import { cannedServer, httpServer, httpsServer, type TestServer } from "./fixtures/servers.ts";
import type { Lookup } from "./names.ts";
import { nextArguments } from "./redirect.ts";

const lookup: Lookup = async () => [{ address: "127.0.0.1", family: 4 }];
const follow = (hops: number): RunOptions => ({ followRedirects: hops, lookup });

/** Redirects `/N` to `/N-1` until `/0`, and says which headers came. */
const countdown: RequestListener = (incoming, response) => {
  const left = Number(incoming.url?.slice(1));
  if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end("moved");
  else response.end(`${incoming.method} ${incoming.headers["x-key"] ?? "no key"}`);
};

const redirectTo = (location: string, status = 302): Promise<TestServer> =>
  httpServer((_request, response) => response.writeHead(status, { location }).end("moved"));

describe("a redirect", () => {
  it.each([
    [0, 1, 302],
    [1, 1, 200],
    [1, 2, 302],
    [5, 5, 200],
    [5, 6, 302],
  ])("with %i allowed hops and %i sent ends with %i", async (allowed, sent, status) => {
    const server = await during(httpServer(countdown));
    const answer = await request({ method: "GET", url: `http://a.test:${server.port}/${sent}` }, follow(allowed));
    expect([answer.status, server.connections()]).toEqual([status, Math.min(allowed, sent) + 1]);
  });

  it("in a circle ends after the allowed hops", async () => {
    const server = await during(redirectTo("/"));
    const answer = await request({ method: "GET", url: `http://a.test:${server.port}/` }, follow(3));
    expect([answer.status, server.connections()]).toEqual([302, 4]);
  });

  it("is a new question, and the answer names the last URL", async () => {
    const server = await during(httpServer(countdown));
    const run = startRun(follow(3));
    const answer = await run.call({ method: "GET", url: `http://a.test:${server.port}/1` });
    expect(answer).toMatchObject({ ok: { url: `http://a.test:${server.port}/0` } });
    expect(run.decided.map(({ attrs }) => attrs.url_path)).toEqual(["/1", "/1", "/0", "/0"]);
    expect(run.errands).toEqual(["resolve", "http", "resolve", "http"]);
  });

  it("to what is not allowed fails as a denial and is not dialled or resolved", async () => {
    const inner = await during(httpServer((_request, response) => response.end("inner")));
    const server = await during(redirectTo(`http://inner.test:${inner.port}/`));
    const run = startRun({ ...follow(3), allows: ({ value }) => !value.includes("inner.test") });
    const answer = await run.call({ method: "GET", url: `http://a.test:${server.port}/` });
    expect(answer).toMatchObject({ error: { code: "E_POLICY_DENIED", target: `http://inner.test:${inner.port}/` } });
    expect([inner.connections(), run.errands]).toEqual([0, ["resolve", "http"]]);
  });

  it("to an address that is not allowed fails as a denial", async () => {
    const server = await during(redirectTo("http://[::ffff:169.254.169.254]/latest/meta-data/"));
    const allows = ({ kind, value }: { kind: string; value: string }): boolean =>
      kind === "url" || value === "127.0.0.1";
    const failure = await refused({ method: "GET", url: `http://a.test:${server.port}/` }, { ...follow(3), allows });
    expect(failure).toMatchObject({ code: "E_POLICY_DENIED", target: "http://169.254.169.254/latest/meta-data/" });
  });

  it.each([301, 302, 303, 307, 308])("by %i is followed for GET and HEAD", async (status) => {
    const target = await during(httpServer((incoming, response) => response.end(incoming.method)));
    const server = await during(redirectTo(`http://b.test:${target.port}/`, status));
    const url = `http://a.test:${server.port}/`;
    expect(await request({ method: "GET", url }, follow(1))).toMatchObject({ status: 200, body: "GET" });
    expect(await request({ method: "HEAD", url }, follow(1))).toMatchObject({ status: 200, body: "" });
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])("is not followed for %s, so no body goes elsewhere", async (method) => {
    const target = await during(httpServer((_request, response) => response.end()));
    const server = await during(redirectTo(`http://b.test:${target.port}/`, 307));
    const answer = await request({ method, url: `http://a.test:${server.port}/`, body: "secret" }, follow(5));
    expect([answer.status, target.connections()]).toEqual([307, 0]);
  });

  it.each([300, 304, 305, 306, 200, 404])("is none if the status is %i", async (status) => {
    const target = await during(httpServer((_request, response) => response.end()));
    const server = await during(redirectTo(`http://b.test:${target.port}/`, status));
    const answer = await request({ method: "GET", url: `http://a.test:${server.port}/` }, follow(5));
    expect([answer.status, target.connections()]).toEqual([status, 0]);
  });
});

describe("the headers of a script", () => {
  const headers = [["x-key", "secret"]];

  it("go along within the origin", async () => {
    const server = await during(httpServer(countdown));
    const answer = await request({ method: "GET", url: `http://a.test:${server.port}/2`, headers }, follow(2));
    expect(answer.body).toBe("GET secret");
  });

  it.each([
    ["another host", (port: number) => `http://b.test:${port}/0`],
    ["a name below", (port: number) => `http://sub.a.test:${port}/0`],
    ["the address itself", (port: number) => `http://127.0.0.1:${port}/0`],
  ])("do not go to %s", async (_name, location) => {
    const target = await during(httpServer(countdown));
    const server = await during(redirectTo(location(target.port)));
    const answer = await request({ method: "GET", url: `http://a.test:${server.port}/`, headers }, follow(1));
    expect(answer.body).toBe("GET no key");
  });

  it("do not go to another port", async () => {
    const target = await during(httpServer(countdown));
    const server = await during(redirectTo(`http://a.test:${target.port}/0`));
    const answer = await request({ method: "GET", url: `http://a.test:${server.port}/`, headers }, follow(1));
    expect(answer.body).toBe("GET no key");
  });

  it("do not come back when a chain returns to where they were sent", async () => {
    let home = 0;
    const away = await during(
      httpServer((_request, response) => response.writeHead(302, { location: `http://a.test:${home}/0` }).end()),
    );
    const server = await during(
      httpServer((incoming, response) => {
        if (incoming.url === "/0") countdown(incoming, response);
        else response.writeHead(302, { location: `http://b.test:${away.port}/` }).end();
      }),
    );
    home = server.port;
    const answer = await request({ method: "GET", url: `http://a.test:${server.port}/`, headers }, follow(2));
    expect(answer.body).toBe("GET no key");
  });
});

describe("the scheme", () => {
  it("is never lowered from https to http", async () => {
    const target = await during(httpServer((_request, response) => response.end("plain")));
    const server = await during(
      httpsServer((_request, response) => response.writeHead(302, { location: `http://b.test:${target.port}/` }).end()),
    );
    const answer = await request({ method: "GET", url: `https://pinned.test:${server.port}/` }, follow(5));
    expect([answer.status, target.connections()]).toEqual([302, 0]);
  });

  it("may be raised, without the script's headers", async () => {
    const target = await during(httpsServer(countdown));
    const server = await during(redirectTo(`https://pinned.test:${target.port}/0`));
    const headers = [["x-key", "secret"]];
    const answer = await request({ method: "GET", url: `http://pinned.test:${server.port}/`, headers }, follow(1));
    expect(answer.body).toBe("GET no key");
  });

  it("is part of the origin where no port is named, too", () => {
    const args = { method: "GET", url: "http://a.test/", headers: [["x-key", "secret"]], body: null, hops: 0 } as const;
    const answer = { status: 302, headers: [["location", "https://a.test/"]], body: new Uint8Array() } as const;
    const next = nextArguments({ ...args, timeoutMs: 7 }, args.url, answer, 1);
    expect(next).toEqual({ method: "GET", url: "https://a.test/", headers: [], timeoutMs: 7 });
  });
});

describe("a location", () => {
  it.each([
    ["", 200],
    ["next", 200],
    ["/next?a=b#fragment", 200],
    ["//a.test:PORT/next", 200],
    ["/n\xc3\xa4chst", 200],
    ["http://user:secret@a.test:PORT/", 302],
    ["file:///etc/passwd", 302],
    ["javascript:alert(1)", 302],
    ["data:text/plain,x", 302],
    ["http://", 302],
    ["http://a.test:99999/", 302],
    ["https://exa%2fmple/", 302],
  ])("of %j gives %i", async (location, status) => {
    let port = 0;
    let requests = 0;
    const server = await during(
      httpServer((_request, response) => {
        requests += 1;
        if (requests > 1) return void response.end("next");
        response.writeHead(302, { location: location.replace("PORT", String(port)) }).end();
      }),
    );
    port = server.port;
    const answer = await request({ method: "GET", url: `http://a.test:${port}/first` }, follow(1));
    expect([answer.status, requests]).toEqual([status, status === 200 ? 2 : 1]);
  });

  it("in UTF-8 is read as UTF-8", async () => {
    let second = "";
    const server = await during(
      httpServer((incoming, response) => {
        if (incoming.url !== "/") second = incoming.url ?? "";
        if (incoming.url === "/")
          response.socket?.end(Buffer.from("HTTP/1.1 302 Found\r\nlocation: /ä\r\n\r\n", "utf8"));
        else response.end();
      }),
    );
    await request({ method: "GET", url: `http://a.test:${server.port}/` }, follow(1));
    expect(second).toBe("/%C3%A4");
  });

  it("that is not there makes an ordinary response", async () => {
    const server = await during(cannedServer("HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n"));
    expect((await request({ method: "GET", url: `http://a.test:${server.port}/` }, follow(5))).status).toBe(302);
  });

  it("that is there twice makes an ordinary response", async () => {
    const server = await during(
      cannedServer("HTTP/1.1 302 Found\r\nlocation: http://b.test/\r\nlocation: http://c.test/\r\n\r\n"),
    );
    const run = startRun(follow(5));
    const answer = await run.call({ method: "GET", url: `http://a.test:${server.port}/` });
    expect(answer).toMatchObject({ ok: { status: 302 } });
  });
});
