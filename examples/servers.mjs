/**
 * The servers that the examples talk to, on loopback and on free ports: an API that checks every way of signing, a
 * local model, a service with pages, and git over HTTP with a token. Each keeps what it was sent.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { fileURLToPath } from "node:url";
import { isSigned } from "./signatures.mjs";

const FIXTURES = new URL("../packages/effects/src/net/fixtures/", import.meta.url);
/** What a run is told to trust (NODE_EXTRA_CA_CERTS). */
export const CA_FILE = fileURLToPath(new URL("ca.pem", FIXTURES));

/** `answer({ method, url, headers, body })` gives `{ status?, headers?, body }`, and may be asynchronous. */
export async function serve(answer, { secure = false } = {}) {
  const heard = [];
  const listener = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    const asked = { method, url, headers, body: Buffer.concat(chunks) };
    heard.push(asked);
    const { status = 200, headers: fields = {}, body = "" } = await answer(asked);
    const text = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json", ...fields }).end(text);
  };
  const [cert, key] = ["server.pem", "server.key"].map((name) => readFileSync(new URL(name, FIXTURES)));
  const server = secure ? createTlsServer({ cert, key }, listener) : createServer(listener);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port: server.address().port, heard, close };
}

/** Paths are named after how a request to them is signed; all other requests are answered with 401. */
export const apiServer = (keys) =>
  serve(
    (asked) => (isSigned(asked, keys) ? answerOfApi(asked, keys) : { status: 401, body: { error: "who are you?" } }),
    {
      secure: true,
    },
  );

function answerOfApi({ url }, keys) {
  const { pathname, searchParams } = new URL(url, "https://localhost");
  if (pathname === "/oauth/token") return { body: { access_token: keys.exchanged, expires_in: 3600 } };
  if (pathname !== "/v1/charges") return { body: { signed: pathname.split("/")[1] } };
  const all = ["ch_1A", "ch_2B", "ch_3C", "ch_4D"].map((id, index) => ({ id, amount: 100 * (index + 1) }));
  return { body: { data: all.slice(0, Number(searchParams.get("limit") ?? 4)) } };
}

/** Speaks like Ollama's `/api/generate`. */
export const modelServer = () =>
  serve(({ body }) => {
    const { prompt } = JSON.parse(body.toString());
    return {
      body: { response: `- ${prompt.split("\n").length - 1} lines\n- begins with "${prompt.split("\n")[1]}"\n` },
    };
  });

/** A service inside of the house: the state of a deployment, a list in pages, and a database that wants a password. */
export const internalServer = ({ password }) =>
  serve(({ method, url, body }) => {
    const { pathname, searchParams } = new URL(url, "http://localhost");
    if (pathname === "/deploys/latest") return { body: { state: "green", commit: "4f2a91c" } };
    if (pathname === "/incidents") {
      const page = Number(searchParams.get("page"));
      return { body: { items: [`incident ${page}.1`, `incident ${page}.2`], next: page < 3 ? page + 1 : null } };
    }
    if (method === "POST" && pathname === "/query") {
      const isRight = new URLSearchParams(body.toString()).get("password") === password;
      return isRight ? { body: { rows: 42 } } : { status: 403, body: { error: "wrong password" } };
    }
    return { status: 404, body: {} };
  });

/** `directory` holds bare repositories; whoever brings the token may push. */
export const gitServer = (directory, token) => {
  const expected = `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
  return serve((asked) =>
    asked.headers.authorization === expected
      ? gitBackend(directory, asked)
      : { status: 401, headers: { "www-authenticate": 'Basic realm="git"' } },
  );
};

/** git-http-backend(1) as CGI. */
async function gitBackend(directory, { method, url, headers, body }) {
  const { pathname, search } = new URL(url, "http://localhost");
  const env = {
    PATH: process.env.PATH,
    GIT_PROJECT_ROOT: directory,
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: pathname,
    QUERY_STRING: search.slice(1),
    REQUEST_METHOD: method,
    CONTENT_TYPE: headers["content-type"] ?? "",
    HTTP_CONTENT_ENCODING: headers["content-encoding"] ?? "",
    GIT_PROTOCOL: headers["git-protocol"] ?? "",
    REMOTE_USER: "me",
  };
  const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(body);
  const pieces = [];
  for await (const piece of child.stdout) pieces.push(piece);
  const answer = Buffer.concat(pieces);
  const end = answer.indexOf("\r\n\r\n");
  const fields = answer.subarray(0, end).toString("latin1").split("\r\n").map(fieldOf);
  const { status = "200", ...rest } = Object.fromEntries(fields);
  return { status: Number(status.split(" ")[0]), headers: rest, body: answer.subarray(end + 4) };
}

function fieldOf(line) {
  const at = line.indexOf(":");
  return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
}
