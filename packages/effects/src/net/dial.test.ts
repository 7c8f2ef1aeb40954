import * as inspector from "node:inspector";
import { connect } from "node:net";
import { createSecureContext } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { startDeadline } from "./deadline.ts";
import { dial } from "./dial.ts";
import { during, pinned, send, sendFailing, sendOk, textOf } from "./fixtures/send.ts";
import { closedPort, httpServer, rawServer } from "./fixtures/servers.ts";
import { ownPortRefusal } from "./own-port.ts";

describe("the connection", () => {
  it("goes to the decided address, whatever the name resolves to", async () => {
    const server = await during(httpServer((request, response) => response.end(request.headers.host)));
    const answer = await sendOk(pinned(`http://does-not-exist.invalid:${server.port}/`));
    expect(textOf(answer)).toBe(`does-not-exist.invalid:${server.port}`);
  });

  it("goes to the decided address even if the URL names another one", async () => {
    const server = await during(httpServer((_request, response) => response.end("decided")));
    // 192.0.2.1 is reserved for documentation; nothing answers there.
    expect(textOf(await sendOk(pinned(`http://192.0.2.1:${server.port}/`)))).toBe("decided");
  });

  it("goes to IPv6 addresses, too", async () => {
    const server = await during(httpServer((request, response) => response.end(request.headers.host), "::1"));
    const answer = await sendOk(pinned(`http://[::1]:${server.port}/`, { addresses: ["::1"] }));
    expect(textOf(answer)).toBe(`[::1]:${server.port}`);
  });

  it("tries the addresses in order until one accepts", async () => {
    const second = await during(httpServer((_request, response) => response.end("second"), "127.0.0.2"));
    const addresses = ["127.0.0.3", "127.0.0.2", "127.0.0.1"];
    const answer = await sendOk(pinned(`http://pinned.test:${second.port}/`, { addresses }));
    expect(textOf(answer)).toBe("second");
    expect(second.connections()).toBe(1);
  });

  it("is not tried elsewhere once a server answered, however badly", async () => {
    const bad = await during(rawServer((socket) => socket.end("nonsense\r\n")));
    const addresses = ["127.0.0.1", "127.0.0.1"];
    expect(await sendFailing(pinned(`http://pinned.test:${bad.port}/`, { addresses }))).toContain("not HTTP/1.1");
    expect(bad.connections()).toBe(1);
  });

  it.each([
    ["no address", []],
    ["a name for an address", ["localhost"]],
    ["a path for an address", ["/tmp/socket"]],
    ["an empty address", [""]],
  ])("is not made to %s", async (_name, addresses) => {
    const server = await during(httpServer((_request, response) => response.end()));
    const failure = await sendFailing(pinned(`http://localhost:${server.port}/`, { addresses }));
    expect(failure).toBe(`E_NETWORK: \`localhost:${server.port}\` could not be reached`);
    expect(server.connections()).toBe(0);
  });

  it("says nothing of the addresses when it fails", async () => {
    const port = await closedPort();
    const answer = await send(pinned(`http://pinned.test:${port}/`, { addresses: ["127.0.0.1", "::1"] }));
    expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|::1/);
  });

  it("is neither handed out nor left open once the run has ended", async () => {
    const server = await during(rawServer(() => {}));
    const deadline = startDeadline("the request", 5000, AbortSignal.abort());
    const options = { secureContext: () => createSecureContext(), listeners: [] };
    const outcome = await dial(new URL(`http://a.test:${server.port}/`), ["127.0.0.1"], options, deadline);
    deadline.end();
    expect(outcome).toMatchObject({ ok: false, failure: { code: "E_INTERRUPTED" } });
    // Accepted after it, so it would be there by now.
    const other = connect(server.port, "127.0.0.1");
    await expect.poll(() => server.open()).toBeGreaterThan(0);
    other.destroy();
    await expect.poll(() => server.open()).toBe(0);
  });

  it("is not made for a URL that reads differently the second time", async () => {
    const server = await during(httpServer((_request, response) => response.end()));
    const failure = await sendFailing(pinned(`http://pinned.test:${server.port}/a/../b`));
    expect(failure).toBe("E_ARGUMENT: the URL is not in its canonical form");
    expect(server.connections()).toBe(0);
  });
});

describe("the debugger of this process", () => {
  afterEach(() => inspector.close());

  it.each(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"])(
    "is out of reach at %s",
    async (address) => {
      const port = openInspector();
      const answer = await send(pinned(`http://debug.test:${port}/json/version`, { addresses: [address] }));
      expect(answer).toMatchObject({
        ok: false,
        failure: { code: "E_POLICY_DENIED", rule: { id: "builtin.debugger" } },
      });
    },
  );

  it("is out of reach if any of the addresses is its own", async () => {
    const port = openInspector();
    const addresses = ["192.0.2.1", "127.0.0.1"];
    expect(await sendFailing(pinned(`http://debug.test:${port}/`, { addresses }))).toContain("E_POLICY_DENIED");
  });

  it("really listens, so that the refusal is ours", async () => {
    const port = openInspector();
    await new Promise<void>((settle, reject) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        settle();
      });
      socket.on("error", reject);
    });
  });

  it("closes no other port", () => {
    const port = openInspector();
    expect([refusal("127.0.0.1", port + 1), refusal("8.8.8.8", port)]).toEqual([null, null]);
  });

  it("is nothing to refuse while it is off", () => {
    const port = openInspector();
    inspector.close();
    expect(refusal("127.0.0.1", port)).toBeNull();
  });
});

describe("a port on which agent-run itself listens", () => {
  it.each(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"])(
    "is out of reach at %s, and nothing is dialled",
    async (address) => {
      const server = await during(httpServer((_request, response) => response.end("reached")));
      const request = pinned(`http://own.test:${server.port}/`, { addresses: ["192.0.2.1", address] });
      expect(await send(request, { listeners: [server.port] })).toMatchObject({
        ok: false,
        failure: { code: "E_POLICY_DENIED", rule: { id: "builtin.listener" } },
      });
      expect(server.connections()).toBe(0);
    },
  );

  it("closes no other port of this machine, and not that port of others", async () => {
    const server = await during(httpServer((_request, response) => response.end("reached")));
    const request = pinned(`http://own.test:${server.port}/`);
    expect(textOf(await sendOk(request, { listeners: [server.port + 1] }))).toBe("reached");
    expect(refusal("8.8.8.8", server.port, [server.port])).toBeNull();
  });
});

const refusal = (address: string, port: number, listeners: readonly number[] = []) =>
  ownPortRefusal(new URL("http://a.test/"), [address], port, listeners);

function openInspector(): number {
  inspector.open(0, "127.0.0.1", false);
  return Number(new URL(inspector.url() ?? "").port);
}
