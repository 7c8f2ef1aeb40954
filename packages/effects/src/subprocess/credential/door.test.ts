import { createServer, type IncomingHttpHeaders, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DOOR_KEY_HEADER, type Door, openDoor } from "./door.ts";

const SECRET = "tøken:\r\nx";
const heard: { readonly what: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
const origin = createServer(async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { method, url, headers } = request;
  heard.push({ what: `${method} ${url}`, headers, body: Buffer.concat(pieces).toString() });
  const status = url?.startsWith("/moved/") ? 302 : 200;
  response
    .writeHead(status, { "content-type": "x/y", "set-cookie": "c=1", location: "http://evil.test/" })
    .end("answer");
});

let door: Door;
beforeEach(async () => {
  heard.length = 0;
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  door = await doorTo("/o/r.git/");
});
afterEach(async () => {
  await door.close();
  await new Promise((resolve) => origin.close(resolve));
});

async function doorTo(path: string): Promise<Door> {
  const { port } = origin.address() as AddressInfo;
  const secureContext = () => {
    throw new Error("no TLS here");
  };
  const remote = new URL(`http://127.0.0.1:${port}${path}`);
  const opened = await openDoor(
    { remote, service: "git-receive-pack", user: "u", secret: SECRET, secureContext },
    null,
  );
  if (!opened.ok) throw new Error(opened.failure.message);
  return opened.value;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const knock = (method: string, path: string, headers: Record<string, string>, body = ""): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asking = send(
      { port: door.port, host: "127.0.0.1", method, path, headers, agent: false },
      async (response) => {
        let text = "";
        for await (const piece of response) text += piece;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      },
    );
    asking.on("error", reject).end(body);
  });

const withKey = (more: Record<string, string> = {}) => ({ [DOOR_KEY_HEADER]: door.key, ...more });
const LIST = "/o/r.git/info/refs?service=git-receive-pack";

test("a request of the call is carried with the credential, and nothing that git or a repository added", async () => {
  const extra = { cookie: "a=b", authorization: "Basic eDp5", "x-evil": "1", accept: "*/*" };
  expect(await knock("GET", LIST, withKey(extra))).toMatchObject({ status: 200, body: "answer" });
  expect(heard.map(({ what }) => what)).toEqual([`GET ${LIST}`]);
  const { authorization, host, connection, ...headers } = heard[0]?.headers ?? {};
  expect(Buffer.from(authorization?.replace("Basic ", "") ?? "", "base64").toString()).toBe(`u:${SECRET}`);
  expect(headers).toEqual({ accept: "*/*" });
});

test("a body is carried as it is", async () => {
  await knock("POST", "/o/r.git/git-receive-pack", withKey({ "content-length": "4" }), "pack");
  await knock("POST", "/o/r.git/git-receive-pack", withKey({ "transfer-encoding": "chunked" }), "chunks");
  expect(heard.map(({ body }) => body)).toEqual(["pack", "chunks"]);
});

test("of an answer only what the protocol needs comes back: no cookie, no location", async () => {
  const { headers } = await knock("GET", LIST, withKey());
  expect([headers["content-type"], headers["set-cookie"], headers.location]).toEqual(["x/y", undefined, undefined]);
});

test("a redirect is a failure", async () => {
  await door.close();
  door = await doorTo("/moved/r.git");
  expect((await knock("GET", "/moved/r.git/info/refs?service=git-receive-pack", withKey())).status).toBe(502);
});

test.each([
  ["without the key", "GET", LIST, {}],
  ["with another key", "GET", LIST, { [DOOR_KEY_HEADER]: "0".repeat(32) }],
  ["with a part of the key", "GET", LIST, { [DOOR_KEY_HEADER]: "" }],
])("nobody gets through %s", async (_, method, path, headers) => {
  expect((await knock(method, path, headers)).status).toBe(403);
  expect(heard).toEqual([]);
});

test.each([
  ["another repository", "GET", "/o/other.git/info/refs?service=git-receive-pack"],
  ["another repository by a detour", "GET", "/o/r.git/../other.git/info/refs?service=git-receive-pack"],
  ["another host, as to a proxy", "GET", `http://evil.test${LIST}`],
  ["an API of the origin", "GET", "/user"],
  ["another service", "GET", "/o/r.git/info/refs?service=git-upload-pack"],
  ["the work of another service", "POST", "/o/r.git/git-upload-pack"],
  ["another method", "DELETE", "/o/r.git/git-receive-pack"],
  ["more than was asked for", "GET", `${LIST}&x=1`],
])("the key does not lead to %s", async (_, method, path) => {
  expect((await knock(method, path, withKey())).status).toBe(403);
  expect(heard).toEqual([]);
});

test("an origin that does not answer is a failure of the request", async () => {
  await new Promise((resolve) => origin.close(resolve));
  expect((await knock("GET", LIST, withKey())).status).toBe(502);
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
});

test("a place that cannot be listened at is a failure, not an exception", async () => {
  const remote = new URL("https://git.example/r.git");
  const to = {
    remote,
    service: "git-upload-pack",
    user: "u",
    secret: "s",
    secureContext: () => ({}) as never,
  } as const;
  expect(await openDoor(to, `/nowhere/${"x".repeat(200)}`)).toMatchObject({ ok: false, failure: { code: "E_EXEC" } });
});
