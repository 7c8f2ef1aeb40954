import { describe, expect, it } from "vitest";
import { refused, request, startRun } from "./fixtures/gate-run.ts";
import { during } from "./fixtures/send.ts";
import { closedPort, httpServer, httpsServer, rawServer } from "./fixtures/servers.ts";
import type { Lookup } from "./names.ts";

const to =
  (...addresses: string[]): Lookup =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

describe("a request", () => {
  it("is decided as a URL, then with every address, and answered as JSON", async () => {
    const server = await during(httpServer((_request, response) => response.setHeader("x-a", "1").end("text")));
    const run = startRun({ lookup: to("127.0.0.1", "::1") });
    const url = `http://API.Example.test.:${server.port}/a/./b?q=1#fragment`;
    const answer = await run.call({ method: "post", url, body: "12345" });
    const canonical = `http://api.example.test:${server.port}/a/b?q=1`;
    expect(answer).toMatchObject({ ok: { status: 200, url: canonical, body: "text", base64: false } });
    const on = "net.http_post" as const;
    const typed = { on, role: "connect", kind: "url", value: canonical };
    const attrs = {
      host: "api.example.test",
      port: server.port,
      scheme: "http",
      method: "POST",
      url_path: "/a/b",
      bytes: 5,
    };
    const address = (value: string) => ({ on, role: "connect", kind: "address", value });
    expect(run.decided).toEqual([
      { v: 1, on, targets: [typed], attrs, labels: [] },
      { v: 1, on, targets: [typed, address("127.0.0.1"), address("::1")], attrs, labels: [] },
    ]);
  });

  it("has defaults for what a script does not say, and the script's word for what it does", async () => {
    const server = await during(
      httpServer(({ headers }, response) => {
        response.end([headers.accept, headers["accept-encoding"], headers["user-agent"]].join("|"));
      }),
    );
    const url = `http://127.0.0.1:${server.port}/`;
    expect((await request({ method: "GET", url })).body).toBe("*/*|gzip, deflate, br|agent-run");
    const headers = [
      ["Accept", "text/plain"],
      ["User-Agent", "mine"],
      ["accept-encoding", "identity"],
    ];
    expect((await request({ method: "GET", url, headers })).body).toBe("text/plain|identity|mine");
  });

  it.each([
    ["text", "grüße", { body: "grüße", base64: false }],
    ["nothing", "", { body: "", base64: false }],
    ["a byte order mark", "\ufeffa", { body: "\ufeffa", base64: false }],
    ["bytes that are no UTF-8", Buffer.from([0xff, 0xfe]), { body: "//4=", base64: true }],
    ["an encoded surrogate", Buffer.from([0xed, 0xa0, 0x80]), { body: "7aCA", base64: true }],
  ])("gives %s back whole", async (_name, body, expected) => {
    const server = await during(httpServer((_request, response) => response.end(body)));
    expect(await request({ method: "GET", url: `http://127.0.0.1:${server.port}/` })).toMatchObject(expected);
  });

  it("sends bytes as they are", async () => {
    const server = await during(httpServer((incoming, response) => void incoming.pipe(response)));
    const url = `http://127.0.0.1:${server.port}/`;
    expect(await request({ method: "PUT", url, bodyBase64: "AP+A" })).toMatchObject({ body: "AP+A", base64: true });
  });

  it.each([
    ["GET", "net.http_get"],
    ["HEAD", "net.http_get"],
    ["POST", "net.http_post"],
    ["PUT", "net.http_put"],
    ["PATCH", "net.http_patch"],
    ["DELETE", "net.http_delete"],
  ])("by %s is a question about %s", async (method, on) => {
    const run = startRun({ allows: () => false });
    await run.call({ method, url: "https://a.test/" });
    expect(run.decided.map((one) => one.on)).toEqual([on]);
  });

  it("takes the policy's time if the script asks for more", async () => {
    const server = await during(rawServer(() => {}));
    const url = `http://127.0.0.1:${server.port}/`;
    const failure = await refused({ method: "GET", url, timeoutMs: 600_000 }, { timeoutSeconds: 0.1 });
    expect(failure).toMatchObject({ code: "E_TIMEOUT", message: expect.stringContaining("100 ms") });
  });

  it("takes the script's time if it asks for less", async () => {
    const server = await during(rawServer(() => {}));
    const failure = await refused({ method: "GET", url: `http://127.0.0.1:${server.port}/`, timeoutMs: 50 });
    expect(failure).toMatchObject({ code: "E_TIMEOUT", message: expect.stringContaining("50 ms") });
  });

  it("is cut at the policy's size", async () => {
    const server = await during(httpServer((_request, response) => response.end("x".repeat(101))));
    const url = `http://127.0.0.1:${server.port}/`;
    const failure = await refused({ method: "GET", url }, { maxResponseBytes: 100 });
    expect(failure).toMatchObject({ code: "E_TOO_LARGE", capability: "net.http_get", target: url });
  });

  it("names what it was about when it fails on its way", async () => {
    const url = `http://name.test:${await closedPort()}/path`;
    const failure = await refused({ method: "GET", url }, { lookup: to("127.0.0.1") });
    expect(failure).toMatchObject({ code: "E_NETWORK", capability: "net.http_get", target: url });
    expect(JSON.stringify(failure)).not.toContain("127.0.0.1");
  });

  it.each([
    "ftp://a.test/",
    "file:///etc/passwd",
    "javascript:1",
    "//a.test/",
    "a.test",
    "",
    "https://",
    "https://user:secret@a.test/",
    "https://a.test\n.b.test/",
    "https://a.test/\0",
    "https://a.test:99999/",
    "https://[::1%25lo]/",
    "https://a%2fb/",
    "https://\ud800/",
  ])("of %j is E_ARGUMENT and reaches nothing", async (url) => {
    const run = startRun({ lookup: to("127.0.0.1") });
    expect(await run.call({ method: "GET", url })).toMatchObject({ error: { code: "E_ARGUMENT" } });
    expect([run.decided, run.errands]).toEqual([[], []]);
  });
});

describe("a name", () => {
  it("is not resolved while its URL is not allowed", async () => {
    const run = startRun({ allows: ({ kind }) => kind !== "url", lookup: to("127.0.0.1") });
    expect(await run.call({ method: "GET", url: "https://a.test/" })).toMatchObject({
      error: { code: "E_POLICY_DENIED" },
    });
    expect(run.errands).toEqual([]);
  });

  it("is not resolved before a person who must be asked has said yes", async () => {
    const url = "http://a.test:1/";
    const refusing = startRun({ person: "deny", lookup: to("127.0.0.1") });
    expect(await refusing.call({ method: "GET", url })).toMatchObject({ error: { code: "E_APPROVAL_DENIED" } });
    expect(refusing.errands).toEqual(["approve"]);
    const agreeing = startRun({ person: "allow", lookup: to("127.0.0.1") });
    expect(await agreeing.call({ method: "GET", url })).toMatchObject({ error: { code: "E_NETWORK" } });
    expect(agreeing.errands).toEqual(["approve", "resolve", "http"]);
  });

  it("is resolved once: what it says later changes nothing", async () => {
    const decided = await during(httpServer((_request, response) => response.end("decided")));
    let asked = 0;
    const lookup: Lookup = async () => {
      asked += 1;
      return [{ address: asked === 1 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
    };
    const rebound: string[] = [];
    const allows = ({ kind, value }: { kind: string; value: string }): boolean => {
      if (kind === "address") rebound.push(value);
      return value !== "127.0.0.2";
    };
    const answer = await request({ method: "GET", url: `http://rebind.test:${decided.port}/` }, { lookup, allows });
    expect([answer.body, asked, rebound]).toEqual(["decided", 1, ["127.0.0.1"]]);
  });

  it.each([
    ["the first", ["10.0.0.1", "127.0.0.1"]],
    ["the last", ["127.0.0.1", "10.0.0.1"]],
    ["an IPv4 address in IPv6 dress", ["127.0.0.1", "::ffff:10.0.0.1"]],
  ])("with several addresses is refused for one bad one: %s", async (_name, addresses) => {
    const server = await during(httpServer((_request, response) => response.end()));
    const url = `http://mixed.test:${server.port}/`;
    const failure = await refused(
      { method: "GET", url },
      { lookup: to(...addresses), allows: ({ value }) => value !== "10.0.0.1" },
    );
    expect(failure).toMatchObject({ code: "E_POLICY_DENIED", target: url });
    expect(JSON.stringify(failure)).not.toContain("10.0.0.1");
    expect(server.connections()).toBe(0);
  });

  it.each<[string, Lookup]>([
    ["that does not resolve", async () => []],
    ["whose resolver fails", async () => Promise.reject(new Error("resolver 10.9.9.9 said no"))],
    ["that resolves to no address", to("not an address")],
    ["that resolves to an address with a zone", to("127.0.0.1", "fe80::1%eth0")],
  ])("%s is E_NETWORK and nothing is dialled", async (_name, lookup) => {
    const run = startRun({ lookup });
    const answer = await run.call({ method: "GET", url: "http://gone.test/" });
    expect(answer).toEqual({
      error: {
        code: "E_NETWORK",
        message: "the name `gone.test` does not resolve",
        capability: "net.http_get",
        target: "http://gone.test/",
      },
    });
    expect(run.errands).toEqual(["resolve"]);
  });

  it("of this machine resolves as the system says", async () => {
    const server = await during(httpServer((_request, response) => response.end("here")));
    expect((await request({ method: "GET", url: `http://localhost:${server.port}/` })).body).toBe("here");
  });
});

describe("over TLS", () => {
  it("the name of the URL is the one that the certificate must have", async () => {
    const server = await during(httpsServer((_request, response) => response.end("secure")));
    const options = { lookup: to("127.0.0.1") };
    expect((await request({ method: "GET", url: `https://pinned.test:${server.port}/` }, options)).body).toBe("secure");
    expect(await refused({ method: "GET", url: `https://other.test:${server.port}/` }, options)).toMatchObject({
      code: "E_NETWORK",
      message: `the certificate of \`other.test:${server.port}\` is for another name`,
      hint: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
  });
});
