/** The host of a job's machine, asked directly: no function can name these operations, and the wall does not rest on that. */
import { MessageChannel } from "node:worker_threads";
import type { MachinePorts } from "@agent-run/vm";
import { describe, expect, it } from "vitest";
import { NO_EFFECTS } from "./block-calls.ts";
import { type JobMessage, SIGNAL_BYTES } from "./protocol.ts";
import { runJob } from "./run-job.ts";

const REFUSED = [
  "crypto.hash",
  "env.read",
  "env.names",
  "print",
  "exit",
  "seal.get",
  "release",
  "net.fetch",
  "fs",
  "fs.read.x",
  "x.fs.read",
];

/** What a script of the machine would be answered, and whether the other thread heard of it. */
function ask(op: string, maxCalls: number | null) {
  const { port1, port2 } = new MessageChannel();
  const heard: unknown[] = [];
  port1.on("message", (message) => heard.push(message));
  const settings = {
    directory: "",
    imageSha256: "",
    memoryBytes: 2 ** 24,
    port: port2,
    signal: new SharedArrayBuffer(SIGNAL_BYTES),
  };
  const job: JobMessage = {
    kind: "job",
    source: "() => 1",
    values: '{"inputs":[],"args":[]}',
    fuel: 1,
    outputBytes: 10,
    startMs: 0,
    maxCalls,
  };
  let answer: unknown;
  const machine = {
    run(_program: unknown, _setup: unknown, ports: MachinePorts) {
      answer = ports.call(JSON.stringify({ op, args: {}, id: 1 }));
      return { kind: "value" as const, json: "[]", reusable: true };
    },
  };
  runJob(machine, job, settings);
  const done = new Promise<unknown[]>((resolve) => setImmediate(() => setImmediate(() => resolve(heard))));
  return { answer, heard: done.finally(() => port1.close()) };
}

describe("the host of a compartment", () => {
  it.each(["fs.read", "net.request", "subprocess.exec", ...REFUSED])("refuses %s", async (op) => {
    const { answer, heard } = ask(op, null);
    expect(answer).toBe(NO_EFFECTS);
    expect(await heard).toEqual([]);
  });
});

describe("the host of a private block", () => {
  it.each(REFUSED)("refuses %s", async (op) => {
    const { answer, heard } = ask(op, 5);
    expect(answer).toBe(NO_EFFECTS);
    expect(await heard).toEqual([]);
  });

  it("hands calls of files, network and commands on", async () => {
    for (const op of ["fs.read", "net.request", "subprocess.exec"]) {
      const { answer, heard } = ask(op, 5);
      expect(answer).toBe('{"started":true}');
      expect(await heard).toEqual([{ kind: "call", op, args: {}, id: 1 }]);
    }
  });
});
