/**
 * The guest process of `isolation = "process"`: it holds the VM and nothing else. Gate, record and effects are in the
 * process that started it; what the script asks for goes there as text and comes back as text. Its main thread only
 * watches the lifeline, so that the process ends with its host whatever the VM's thread is busy with (KILLABLE).
 */
import { readSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { isMainThread, Worker } from "node:worker_threads";
import { Machine } from "@agent-run/vm";
import { loadEngine } from "../engine.ts";
import { MAX_HEAP_MB } from "../heap.ts";
import { FROM_GUEST, FrameReader, frame, GUEST_FD, type GuestRun, HEAP_EXHAUSTED, TO_GUEST } from "./frames.ts";

function watch(): void {
  const die = (): boolean => process.kill(process.pid, "SIGKILL");
  new Socket({ fd: GUEST_FD.lifeline }).on("close", die).on("error", die).resume();
  const limits = { stackSizeMb: 32, maxOldGenerationSizeMb: MAX_HEAP_MB };
  const thread = new Worker(__filename, { resourceLimits: limits, env: {}, execArgv: [], argv: [] });
  thread.on("error", ({ code }: NodeJS.ErrnoException) => {
    process.exit(code === "ERR_WORKER_OUT_OF_MEMORY" ? HEAP_EXHAUSTED : 1);
  });
}

/** One run: everything after the first frame is an answer to what this thread asked. */
async function serve(): Promise<void> {
  const { assets } = loadEngine();
  const host = new Host();
  host.tell(FROM_GUEST.ready, "");
  const { program, setup, size } = JSON.parse(host.hear().text) as GuestRun;
  const machine = await Machine.create(assets, size);
  const end = machine.run(program, setup, {
    call(json) {
      const { letter, text } = host.ask(FROM_GUEST.call, json);
      return letter === TO_GUEST.text ? { mark: "s", text } : text;
    },
    nextSettlement() {
      const { letter, text } = host.ask(FROM_GUEST.next, "");
      return letter === TO_GUEST.nothing ? null : text;
    },
    // Whoever wants this run to stop ends its process.
    stop: () => null,
  });
  host.tell(FROM_GUEST.end, JSON.stringify(end));
}

/** The pipes, read and written by blocking: while the host works, the VM waits. */
class Host {
  readonly #reader = new FrameReader(2 ** 32);
  readonly #buffer = Buffer.alloc(64 * 1024);

  ask(letter: string, text: string): { readonly letter: string; readonly text: string } {
    this.tell(letter, text);
    return this.hear();
  }

  tell(letter: string, text: string): void {
    const bytes = frame(letter, text);
    for (let done = 0; done < bytes.length; ) done += writeSync(GUEST_FD.toHost, bytes, done);
  }

  hear(): { readonly letter: string; readonly text: string } {
    for (;;) {
      const heard = this.#reader.take();
      if (heard !== null) return heard;
      const got = readSync(GUEST_FD.fromHost, this.#buffer);
      if (got === 0) process.exit(1);
      this.#reader.add(Buffer.from(this.#buffer.subarray(0, got)));
    }
  }
}

if (isMainThread) watch();
else void serve();
