/**
 * The three servers of a lane. The public one is what an attacker sees: it logs each request whole and answers the same
 * to all. The local-only one depends on the secret in every dimension. The brokered one checks the credential, takes
 * a time that depends on it, and quotes what it was given wherever a script could get it to.
 */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { fileURLToPath } from "node:url";

const FIXTURES = new URL("../../packages/effects/src/net/fixtures/", import.meta.url);
/** What the launched command is told to trust (NODE_EXTRA_CA_CERTS). */
export const CA_FILE = fileURLToPath(new URL("ca.pem", FIXTURES));

/** `state()` gives `{ raw, behaviour, credential, second, log, reached }` of the run that is under way. */
export async function startServers(state) {
  const tls = {
    cert: readFileSync(new URL("server.pem", FIXTURES)),
    key: readFileSync(new URL("server.key", FIXTURES)),
  };
  const servers = {
    public: createServer(answering(publicAnswer, state)),
    local: createServer(answering(noting("local", localAnswer), state)),
    broker: createTlsServer(tls, answering(noting("broker", brokeredAnswer), state)),
  };
  const ports = {};
  for (const [name, server] of Object.entries(servers)) {
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports[name] = server.address().port;
  }
  const close = async () => {
    for (const server of Object.values(servers)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };
  return { ports, close };
}

/** Reads the whole request, then answers after `delayMs`; `Date` would differ from run to run. */
const answering = (answerTo, state) => (request, response) => {
  const chunks = [];
  response.sendDate = false;
  request.on("error", () => {});
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const answer = answerTo(request, body, state());
    const send = () => {
      if (answer.reset) return request.socket.destroy();
      response.writeHead(answer.status ?? 200, answer.headers ?? {});
      response.end(request.method === "HEAD" ? undefined : (answer.body ?? ""));
    };
    setTimeout(send, answer.delayMs ?? 0);
  });
};

/** What got to a server that the agent does not see: evidence that an attempt happened at all. */
const noting = (name, answerTo) => (request, body, state) => {
  state.reached.push(`${name} ${request.method} ${request.url}\n${body}`);
  return answerTo(request, body, state);
};

function publicAnswer(request, body, { log }) {
  const headers = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    headers.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
  }
  const text = [`${request.method} ${request.url}`, ...headers, "", body.toString("latin1")].join("\n");
  log.push({ text, at: performance.now() });
  if (request.url.startsWith("/echo")) return { body };
  return { delayMs: request.url.startsWith("/slow") ? 100 : 0, body: "public\n" };
}

function localAnswer(request, body, { raw, behaviour, publicPort, onCrash }) {
  const { bit, delayMs, longDelayMs, status, bytes, count, reset, redirect, state } = behaviour;
  const [, name, rest] = request.url.split(/[/?]/);
  if (name === "long") return { delayMs: longDelayMs[Number(rest)], body: "late" };
  if (name === "crash") onCrash(bit);
  if (name === "reset" && reset) return { delayMs, reset: true };
  if (name === "redirect" && redirect) {
    const location = `http://127.0.0.1:${publicPort}/?k=${encodeURIComponent(raw)}`;
    return { delayMs, status: 302, headers: { location } };
  }
  if (name === "echo") return { delayMs, body };
  // Released: the member that a rule selects is the same for all secrets, and in time for the first tick, since G asks for
  // that (what has not settled is `withheld`); all else is not.
  const chosen = name === "state" ? { state: "green", real: state } : { value: raw, bit: bit === 1, state };
  const text = JSON.stringify({ ...chosen, list: Array(count).fill("item"), padding: "x".repeat(bytes) });
  const headers = { "x-secret": Buffer.from(raw).toString("hex"), "set-cookie": `s=${bit}`, "x-count": String(count) };
  return {
    delayMs: name === "state" ? delayMs / 4 : delayMs,
    status: name === "state" ? 200 : status,
    headers,
    body: text,
  };
}

/** Paths say where the credential is looked for and what is done with it: `/v1/echo?as=hex`. */
function brokeredAnswer(request, body, { credential, second, push, behaviour, publicPort }) {
  const { delayMs } = behaviour;
  const { pathname, searchParams } = new URL(request.url, "https://localhost");
  const [, area, what] = pathname.split("/");
  if (area === "git") return gitAnswer(request, searchParams, { push, delayMs });
  const given = givenAt(area, request, searchParams);
  if (!isRight(area, given, credential, second, body)) {
    // What a server says of a credential that it does not know: more than a tripwire can find.
    const error = `bad credential: ${given.length} characters, beginning with ${given.slice(0, 15)}`;
    return { delayMs, status: 401, body: JSON.stringify({ error }) };
  }
  if (what === "echo") return { delayMs, ...reflected(given, searchParams.get("as")) };
  if (what === "redirect") {
    return {
      delayMs,
      status: 302,
      headers: { location: `http://127.0.0.1:${publicPort}/?k=${encodeURIComponent(given)}` },
    };
  }
  if (what === "moved") return { delayMs, status: 302, headers: { location: "/v1/charges" } };
  // Stored, and told to whoever asks.
  if (what === "notes") return { delayMs, body: JSON.stringify({ stored: body.toString("utf8") }) };
  // A place that no policy of ours clears says what it was given, in parts.
  if (area === "admin") return { delayMs, body: JSON.stringify({ user: given.slice(0, 15), length: given.length }) };
  if (area === "sealed") {
    const { status, bytes, bit } = behaviour;
    return {
      delayMs,
      status,
      headers: { "x-bit": String(bit) },
      body: JSON.stringify({ bit, pad: "x".repeat(bytes) }),
    };
  }
  const answer = { data: [{ id: "ch_1" }, { id: "ch_2" }], method: request.method, path: pathname };
  return { delayMs, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) };
}

/** An empty repository that takes every push of who brings the token (gitprotocol-http(5)). */
function gitAnswer({ headers }, query, { push, delayMs }) {
  const wanted = `Basic ${Buffer.from(`x-access-token:${push}`).toString("base64")}`;
  if (headers.authorization !== wanted)
    return { delayMs, status: 401, headers: { "www-authenticate": 'Basic realm="git"' } };
  const line = (text) => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;
  const isAdvert = query.get("service") === "git-receive-pack";
  const type = { "content-type": `application/x-git-receive-pack-${isAdvert ? "advertisement" : "result"}` };
  if (!isAdvert) return { delayMs, headers: type, body: `${line("unpack ok\n")}${line("ok refs/heads/main\n")}0000` };
  const refs = `${"0".repeat(40)} capabilities^{}\0report-status\n`;
  return { delayMs, headers: type, body: `${line("# service=git-receive-pack\n")}0000${line(refs)}0000` };
}

function givenAt(area, { headers }, query) {
  if (area === "query") return query.get("key") ?? "";
  if (area === "second") return headers["x-api-key"] ?? "";
  if (area === "signed") return headers["x-signature"] ?? "";
  return headers.authorization ?? "";
}

function isRight(area, given, credential, second, body) {
  if (area === "query") return given === credential;
  if (area === "second") return given === second;
  if (area === "signed") return given === createHmac("sha256", credential).update(body).digest("hex");
  if (area === "basic") return given === `Basic ${Buffer.from(`me:${credential}`).toString("base64")}`;
  return given === `Bearer ${credential}`;
}

/** The whole credential in the answer: what a tripwire must withhold, whatever the secret is. */
function reflected(given, as) {
  const key = given.replace(/^Bearer /, "");
  const bytes = Buffer.from(key);
  if (as === "header") return { headers: { "x-echo": key }, body: "in the header" };
  if (as === "base64") return { body: `token=${bytes.toString("base64")}` };
  if (as === "shifted") return { body: Buffer.from(`x${key}x`).toString("base64") };
  if (as === "hex") return { body: bytes.toString("hex") };
  if (as === "reversed") return { body: [...key].reverse().join("") };
  if (as === "percent") return { body: encodeURIComponent(key) };
  if (as === "json") return { body: JSON.stringify({ deep: [{ key }] }) };
  if (as === "status") return { status: 500, body: `cannot parse ${given}` };
  return { body: `you sent ${given}` };
}
