/** Parking through the library: what a script saw before, it sees again. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ticket } from "@agent-run/approvals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openPolicy } from "../open-policy.ts";
import { Runtime, type RuntimeOptions } from "../runtime.ts";
import { findParked } from "./parked-run.ts";

let directory: string;
let server: Server;
let asked: string[];
beforeEach(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-parking-")));
  vi.stubEnv("XDG_STATE_HOME", join(directory, "state"));
  mkdirSync(join(directory, "out"));
  asked = [];
  server = createServer(({ url = "" }, response) => {
    asked.push(url);
    setTimeout(() => response.end(url), Number(url.slice(2)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

const port = () => (server.address() as AddressInfo).port;

async function withRuntime<T>(options: Partial<RuntimeOptions>, use: (runtime: Runtime) => Promise<T>): Promise<T> {
  const path = join(directory, "agent-run.toml");
  const origin = `http://127.0.0.1:${port()}`;
  writeFileSync(
    path,
    `version = 1\nrequires_approval = ["fs.write"]\n[filesystem]\nwrite_allow = ["out/**"]\n[network]\nhttp_get_allow = ["${origin}/"]\n[approvals]\nremember = "never"\n`,
  );
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  await using runtime = new Runtime({ policy: opened.data, audit: join(directory, "record"), ...options });
  return await use(runtime);
}

const park = (script: string, options: Partial<RuntimeOptions> = {}) =>
  withRuntime(options, (runtime) => runtime.run(script, { park: { note: { mine: 1 } } }));

const resume = (run: string, options: Partial<RuntimeOptions> = {}) => {
  const parked = findParked(join(directory, "record"), run);
  if (!parked.ok) throw new Error(parked.failure.message);
  expect(parked.value.head.note).toEqual({ mine: 1 });
  return withRuntime(options, (runtime) => runtime.resume(parked.value));
};

const yes: Partial<RuntimeOptions> = { approve: async () => "allow" };

test("answers that came out of order come in the same order again, and no request is sent twice", async () => {
  const script = `
    const get = async (path) => { const r = await fetch("http://127.0.0.1:${port()}" + path); print(await r.text()); };
    await Promise.all([get("/a300"), get("/b0"), get("/c150")]);
    fs.write("out/x", "x");
    await get("/d0");
    print("end");`;
  const first = await park(script);
  expect(first).toMatchObject({ exitCode: 7, stdout: "/b0\n/c150\n/a300\n" });
  const second = await resume(first.run, yes);
  expect(second).toMatchObject({ ok: true, stdout: "/b0\n/c150\n/a300\n/d0\nend\n" });
  expect(asked.sort()).toEqual(["/a300", "/b0", "/c150", "/d0"]);
});

test("what is under way when a run is parked comes to its end, so that nothing is in doubt", async () => {
  const script = `const slow = fetch("http://127.0.0.1:${port()}/s400"); await fetch("http://127.0.0.1:${port()}/f0"); fs.write("out/x", "x"); print(await (await slow).text());`;
  const first = await park(script);
  expect(first.exitCode).toBe(7);
  expect((await resume(first.run, yes)).stdout).toBe("/s400\n");
  expect(asked.sort()).toEqual(["/f0", "/s400"]);
});

test("a no that was said stays said, and is not asked about again", async () => {
  const script = 'try { fs.write("out/no", "") } catch (e) { print(e.code) } fs.write("out/x", "x");';
  const targets: string[] = [];
  const approve = async (ticket: Ticket) => {
    targets.push(ticket.target);
    if (ticket.target !== "out/no") throw new Error("nobody is here");
    return "deny" as const;
  };
  const first = await park(script, { approve });
  expect(first).toMatchObject({ exitCode: 7, stdout: "E_APPROVAL_DENIED\n" });
  const second = await resume(first.run, {
    approve: async (ticket) => {
      targets.push(ticket.target);
      return "allow";
    },
  });
  expect(second).toMatchObject({ ok: true, stdout: "E_APPROVAL_DENIED\n" });
  expect(targets).toEqual(["out/no", "out/x", "out/x"]);
  expect(readFileSync(join(directory, "out/x"), "utf8")).toBe("x");
});

test("a run without `park` ends where nobody answers", async () => {
  const report = await withRuntime({}, (runtime) => runtime.run('fs.write("out/x", "x")'));
  expect(report).toMatchObject({ exitCode: 4, error: { code: "E_APPROVAL_UNAVAILABLE" } });
});
