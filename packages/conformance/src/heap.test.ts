/**
 * Heap snapshots of the command's own process, of each of its threads, and the memory of the script's VM, in a run that
 * does everything with a secret: nothing in them is the secret, in any usual encoding. The same run with the plaintext
 * given to the script shows that the search finds what is there.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { COMMAND, Workplace } from "./command.ts";

/** Two values that share no part with anything else in a process. */
const DATA = "Zq7vKx2mWt9bRf4yLc6n";
const KEY = "sk-Hj3pXw8dVg5sTz1aQe0u";

/** What a value looks like in memory. */
function forms(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((pad) => {
    const text = Buffer.concat([Buffer.alloc(pad), bytes]).toString("base64");
    // What stands for these bytes alone, whatever is before and behind them.
    return text.slice(Math.ceil((pad * 8) / 6), Math.floor(((pad + bytes.length) * 8) / 6));
  });
  const texts = [
    secret,
    ...base64,
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    [...secret].reverse().join(""),
  ];
  return texts.flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")]);
}

const NEEDLES = [...forms(DATA), ...forms(KEY)];

/** Preloaded in every thread. The needles come with all bits turned over, so that they are in no heap by themselves. */
const HOOK = `
const { isMainThread, MessagePort, threadId } = require("node:worker_threads");
const { appendFileSync, readFileSync } = require("node:fs");
const { writeHeapSnapshot } = require("node:v8");
const place = __dirname + "/";
const snapshot = () => writeHeapSnapshot(place + "thread-" + threadId + ".heapsnapshot");
if (isMainThread) {
  process.on("exit", snapshot);
  // Threads are started without what this one was given.
  const threads = require("node:worker_threads");
  threads.Worker = class extends threads.Worker {
    constructor(file, options) {
      super(file, { ...options, execArgv: ["--require", __filename] });
    }
  };
} else {
  const needles = readFileSync(place + "needles", "latin1").split("\\n").map((line) => Buffer.from(line, "hex").map((byte) => byte ^ 255));
  const memories = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...args) {
    const instance = new Instance(...args);
    const given = Object.values(args[1] ?? {}).flatMap((names) => Object.values(names));
    memories.push(...[...given, ...Object.values(instance.exports)].filter((one) => one instanceof WebAssembly.Memory));
    return instance;
  };
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (message, ...rest) {
    for (const { buffer } of memories) {
      const bytes = Buffer.from(buffer);
      appendFileSync(place + "memory", bytes.length + (needles.some((needle) => bytes.includes(needle)) ? " found\\n" : " nothing\\n"));
    }
    if (message.kind === "end") snapshot();
    return postMessage.call(this, message, ...rest);
  };
}
`;

let place: Workplace;
let server: Server;
beforeEach(async () => {
  server = createServer((_request, response) => response.end("an answer"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  place = new Workplace({ "notes/a.json": JSON.stringify({ field: DATA }), "hook/hook.cjs": HOOK });
  writeFileSync(
    join(place.directory, "hook/needles"),
    NEEDLES.map((needle) => Buffer.from(needle.map((byte) => byte ^ 255)).toString("hex")).join("\n"),
  );
});
afterEach(async () => {
  place.remove();
  await new Promise((resolve) => server.close(resolve));
});

const port = (): number => (server.address() as AddressInfo).port;

const policy = (mode: "sealed" | "redact"): string => `version = 1
[local_only]
mode = "${mode}"
settle = ["3s", "20s"]
[filesystem]
local_only_read = ["notes/**"]
local_only_write = ["notes/**"]
[environment]
local_only_vars = ["DATA"]
${mode === "redact" ? "" : secret()}`;

const secret = (): string => `[[secret]]
name = "key"
env = "KEY"
[[secret.use]]
host = "127.0.0.1:${port()}"
methods = ["GET"]
paths = ["/**"]
slot = "header:authorization"
format = "Bearer {}"
response = "public"
`;

const SEALED = (at: number): string => `
const data = env.read("DATA"), key = env.read("KEY"), file = JSON.parse(fs.read("notes/a.json"));
const answer = net.httpGet("http://127.0.0.1:${at}/", { headers: { Authorization: \`Bearer \${key}\` } });
fs.write("notes/b.txt", \`\${data} \${file.field} \${btoa(data)}\`);
fs.write("notes/c.txt", data.map((text) => [...text].reverse().join("")));
print(data, key, file, answer.text());
return data;
`;

interface Searched {
  readonly stdout: string;
  /** Names of snapshots, and whether one of the forms is in each. */
  readonly heaps: Readonly<Record<string, boolean>>;
  readonly memory: readonly string[];
}

async function search(mode: "sealed" | "redact", script: string): Promise<Searched> {
  place.write("p.toml", policy(mode));
  place.write("s.js", script);
  const hook = join(place.directory, "hook/hook.cjs");
  const env = { PATH: process.env.PATH ?? "", HOME: place.home, XDG_STATE_HOME: place.state, DATA, KEY };
  const words = ["--require", hook, COMMAND, "--policy", "p.toml", "s.js"];
  const options = { cwd: place.directory, env, extendEnv: false, reject: false } as const;
  const { stdout, stderr, exitCode } = await execa(process.execPath, words, options);
  expect({ stderr, exitCode }).toMatchObject({ exitCode: 0 });
  const directory = join(place.directory, "hook");
  const names = readdirSync(directory).filter((name) => name.endsWith(".heapsnapshot"));
  const found = (name: string): boolean => {
    const bytes = readFileSync(join(directory, name));
    return NEEDLES.some((needle) => bytes.includes(needle));
  };
  const heaps = Object.fromEntries(
    names.map((name) => [name.replace(/-\d+\..*$/, name.includes("-0.") ? " 0" : ""), found(name)]),
  );
  const memory = [
    ...new Set(
      readFileSync(join(directory, "memory"), "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(" ")[1] ?? ""),
    ),
  ];
  return { stdout, heaps, memory };
}

/** Snapshots of all threads are written and read. */
describe("after a run with sealed values", { timeout: 180_000 }, () => {
  test("no heap of the process and no memory of the VM has held them, in any encoding", async () => {
    const { stdout, heaps, memory } = await search("sealed", SEALED(port()));
    expect(stdout).toContain("[sealed env:DATA] [sealed secret:key]");
    expect(stdout).toContain("an answer");
    expect(place.read("notes/b.txt")).toBe(`${DATA} ${DATA} ${btoa(DATA)}`);
    expect(place.read("notes/c.txt")).toBe([...DATA].reverse().join(""));
    expect(heaps).toEqual({ "thread 0": false, thread: false });
    expect(memory).toEqual(["nothing"]);
  });

  test("which such a search would have found", async () => {
    const { heaps, memory } = await search(
      "redact",
      'const kept = { data: env.read("DATA") }; print(kept.data); return kept',
    );
    expect(heaps.thread).toBe(true);
    expect(memory).toContain("found");
  });
});
