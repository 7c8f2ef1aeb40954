import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterEach, describe, expect, it } from "vitest";
import { createErrands } from "../errands.ts";
import { during, pinned, sendFailing, sendOk, textOf } from "./fixtures/send.ts";
import { cannedServer, fixture, httpsServer, rawServer } from "./fixtures/servers.ts";

const trusted = { ca: fixture("ca.pem") };

describe("https", () => {
  it.each([
    ["localhost", "127.0.0.1", "127.0.0.1"],
    ["pinned.test", "127.0.0.1", "127.0.0.1"],
    ["pinned.test", "::1", "::1"],
    ["127.0.0.1", "127.0.0.1", "127.0.0.1"],
    ["[::1]", "::1", "::1"],
  ])("answers for `%s` at %s, with SNI and Host of the URL", async (host, address, listen) => {
    const server = await during(
      httpsServer(
        (request, response) => {
          const { servername } = request.socket as unknown as { servername: string | false };
          response.end(JSON.stringify([request.headers.host, servername, request.httpVersion]));
        },
        "server.pem",
        listen,
      ),
    );
    const answer = await sendOk(pinned(`https://${host}:${server.port}/`, { addresses: [address] }), trusted);
    const isName = !/^[[0-9]/.test(host);
    expect(JSON.parse(textOf(answer))).toEqual([`${host}:${server.port}`, isName ? host : false, "1.1"]);
  });

  it.each([
    ["a certificate for another name", "wrong.test", "server.pem", trusted, "is for another name"],
    ["a certificate for another address", "127.0.0.2", "server.pem", trusted, "is for another name"],
    ["a certificate that has expired", "localhost", "expired.pem", trusted, "has expired"],
    ["a certificate of an unknown CA", "localhost", "server.pem", {}, "comes from an unknown CA"],
    [
      "a CA that was not the one",
      "localhost",
      "server.pem",
      { ca: fixture("other-ca.pem") },
      "comes from an unknown CA",
    ],
  ])("%s is E_NETWORK, and nothing is sent", async (_name, host, certificate, options, says) => {
    let requests = 0;
    const server = await during(
      httpsServer((_request, response) => {
        requests += 1;
        response.end();
      }, certificate),
    );
    const failure = await sendFailing(pinned(`https://${host}:${server.port}/`), options);
    expect(failure).toBe(`E_NETWORK: the certificate of \`${host}:${server.port}\` ${says}`);
    expect([requests, server.connections()]).toEqual([0, 1]);
  });

  it("a server without TLS is E_NETWORK", async () => {
    const server = await during(cannedServer("HTTP/1.1 200 OK\r\n\r\n"));
    expect(await sendFailing(pinned(`https://localhost:${server.port}/`), trusted)).toContain("E_NETWORK");
  });

  it("a server that never completes the handshake is E_TIMEOUT", async () => {
    const server = await during(rawServer(() => {}));
    const failure = await sendFailing(pinned(`https://localhost:${server.port}/`, { timeoutMs: 200 }), trusted);
    expect(failure).toContain("E_TIMEOUT");
    await expect.poll(() => server.open()).toBe(0);
  });

  it("a server that closes during the handshake is E_NETWORK", async () => {
    const server = await during(rawServer((socket) => socket.end()));
    expect(await sendFailing(pinned(`https://localhost:${server.port}/`), trusted)).toContain("TLS handshake");
  });

  it("a CA that was added for one set of errands is not trusted by another", async () => {
    const server = await during(httpsServer((_request, response) => response.end("ok")));
    const request = pinned(`https://localhost:${server.port}/`);
    expect(textOf(await sendOk(request, trusted))).toBe("ok");
    expect(await sendFailing(request)).toContain("unknown CA");
  });
});

describe("NODE_TLS_REJECT_UNAUTHORIZED", () => {
  afterEach(() => {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  });

  it("does not switch verification off", async () => {
    const server = await during(httpsServer((_request, response) => response.end("ok")));
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    expect(await sendFailing(pinned(`https://localhost:${server.port}/`))).toContain("unknown CA");
    expect(await sendFailing(pinned(`https://wrong.test:${server.port}/`), trusted)).toContain("another name");
  });
});

describe("NODE_EXTRA_CA_CERTS", () => {
  it("is the operator's and holds beside a CA given as an option", async () => {
    const server = await during(httpsServer((_request, response) => response.end("ok")));
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: fileURLToPath(new URL("fixtures/ca.pem", import.meta.url)) };
    const bundle = await bundleErrands();
    const request = JSON.stringify(pinned(`https://localhost:${server.port}/`));
    const args = ["-e", SEND_ONCE, bundle, fixture("other-ca.pem"), request];
    const child = await promisify(execFile)(process.execPath, args, { env });
    expect(child.stdout).toBe("200");
  });
});

/** One file that plain Node runs: the child must start with the variable in its environment, as Node reads it once. */
async function bundleErrands(): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), "errands-")), "errands.cjs");
  temporary.push(dirname(outfile));
  await build({
    entryPoints: [fileURLToPath(new URL("../errands.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "cjs",
    outfile,
    external: ["*/subprocess/exec.ts"],
    logLevel: "silent",
  });
  return outfile;
}

const temporary: string[] = [];
afterEach(() => {
  for (const directory of temporary.splice(0)) rmSync(directory, { recursive: true });
});

const SEND_ONCE = `
  const [bundle, ca, request] = process.argv.slice(1);
  const work = { kind: "http", request: JSON.parse(request) };
  require(bundle).createErrands({ ca }).perform(work, new AbortController().signal)
    .then((answer) => process.stdout.write(answer.ok ? String(answer.value.status) : answer.failure.message));
`;

describe("an errand for a run that ended", () => {
  it("does not even connect", async () => {
    const server = await during(httpsServer((_request, response) => response.end()));
    const errands = createErrands(trusted);
    const answer = await errands.perform(
      { kind: "http", request: pinned(`https://localhost:${server.port}/`) },
      AbortSignal.abort(),
    );
    expect(answer).toMatchObject({ ok: false, failure: { code: "E_INTERRUPTED" } });
  });
});
