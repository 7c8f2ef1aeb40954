/**
 * The host's side of `isolation = "process"`: a machine whose VM is in a process of its own, for one run. Where
 * bubblewrap works, that process sees the system's libraries and our installation, and no file, no network and no process
 * of this machine; whoever breaks out of the engine is there. What it asks for meets the same gate as from a thread.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { coverings, detectJail, jailWords } from "@agent-run/effects";
import type { FatalCode } from "@agent-run/gate";
import {
  MAX_DEPTH,
  type MachinePorts,
  type MachineSize,
  nestsDeeper,
  type Program,
  type RunEnd,
  type RunSetup,
  TOO_DEEP,
  WEIGHT_FACTOR,
  weight,
} from "@agent-run/vm";
import { assetsDirectory } from "../assets.ts";
import { endOf } from "./end.ts";
import { FROM_GUEST, FrameReader, frame, GUEST_FD, type GuestRun, HEAP_EXHAUSTED, TO_GUEST } from "./frames.ts";

/** Milliseconds between two looks at whether the run must stop. */
const LOOK_MS = 10;
/** A text of a VM is at most as large as its memory, twice over as UTF-8. */
const FRAME_FACTOR = 3;

export class GuestMachine {
  readonly #size: MachineSize;
  readonly #oneShot: boolean;
  readonly #start: StartGuest;
  /** Started ahead of the next run. */
  #next: Guest | null;

  private constructor(size: MachineSize, oneShot: boolean, start: StartGuest) {
    this.#size = size;
    this.#oneShot = oneShot;
    this.#start = start;
    this.#next = this.#newGuest();
  }

  /** Ready once the first guest is: starting it is not the script's time. */
  static async create(size: MachineSize, oneShot: boolean, start: StartGuest = startGuest): Promise<GuestMachine> {
    const machine = new GuestMachine(size, oneShot, start);
    await machine.#next?.started;
    return machine;
  }

  async run(program: Program, setup: RunSetup, ports: MachinePorts): Promise<RunEnd> {
    const guest = this.#next ?? this.#newGuest();
    this.#next = null;
    const { code, name, firstLineOffset = 0 } = program;
    const end = await guest.run({ program: { code, name, firstLineOffset }, setup, size: this.#size }, ports);
    if (!this.#oneShot) this.#next = this.#newGuest();
    return end;
  }

  #newGuest(): Guest {
    return new Guest(this.#start(), FRAME_FACTOR * this.#size.maxMemoryBytes);
  }
}

/** Starts a process with the pipes of `GUEST_FD`. */
export type StartGuest = () => ChildProcess;

class Guest {
  /** It said something, or is gone. */
  readonly started: Promise<void>;
  readonly #process: ChildProcess;
  readonly #reader: FrameReader;
  readonly #toGuest: Writable;
  #heard: () => void = () => undefined;
  #isRunning = false;
  #gone: Gone | null = null;

  constructor(process: ChildProcess, maxFrameBytes: number) {
    this.#reader = new FrameReader(maxFrameBytes);
    this.#process = process;
    this.started = new Promise((resolve) => {
      this.#heard = resolve;
    });
    this.#toGuest = this.#process.stdio[GUEST_FD.fromHost] as Writable;
    const fromGuest = this.#process.stdio[GUEST_FD.toHost] as Readable;
    fromGuest.on("data", (piece: Buffer) => {
      this.#reader.add(piece);
      this.#heard();
    });
    for (const stream of this.#process.stdio) stream?.on("error", () => undefined);
    this.#process.once("error", (error) => this.#leave({ exit: null, says: error.message }));
    this.#process.once("close", (exit, signal) => this.#leave({ exit, says: signal ?? `exit code ${exit}` }));
  }

  run(run: GuestRun, ports: MachinePorts): Promise<RunEnd> {
    return new Promise((resolve) => {
      const finish = (end: RunEnd): void => {
        clearInterval(looking);
        this.#heard = () => undefined;
        this.#process.kill("SIGKILL");
        resolve(end);
      };
      const attend = (): void => {
        const end = this.#attend(run, ports);
        if (end !== null) finish(end);
      };
      const looking = setInterval(attend, LOOK_MS);
      this.#heard = attend;
      attend();
    });
  }

  /** Answers what was asked by now; the end once there is one. */
  #attend(run: GuestRun, ports: MachinePorts): RunEnd | null {
    try {
      for (let heard = this.#reader.take(); heard !== null; heard = this.#reader.take()) {
        const end = this.#answer(heard.letter, heard.text, run, ports);
        if (end !== null) return end;
      }
    } catch (error) {
      // Frames above the limit, and calls that are no JSON.
      if (error instanceof RangeError || error instanceof SyntaxError) return broken("it said what no guest says");
      throw error;
    }
    const stop = ports.stop();
    if (stop !== null) return fatal(stop);
    return this.#gone === null ? null : endOfGone(this.#gone);
  }

  #answer(letter: string, text: string, run: GuestRun, ports: MachinePorts): RunEnd | null {
    const maxWeight = WEIGHT_FACTOR * run.size.maxMemoryBytes;
    // An honest guest reads each answer before it goes on.
    if (this.#toGuest.writableLength > FRAME_FACTOR * run.size.maxMemoryBytes) return broken("it reads no answers");
    if (letter === FROM_GUEST.ready && !this.#isRunning) {
      this.#isRunning = true;
      this.#tell(TO_GUEST.run, JSON.stringify(run));
    } else if (letter === FROM_GUEST.call) {
      // A whole VM has checked both itself.
      if (weight(text) > maxWeight) return fatal("E_LIMIT_MEMORY");
      const answer = nestsDeeper(text, MAX_DEPTH) ? TOO_DEEP : ports.call(text);
      const stop = ports.stop();
      if (stop !== null) return fatal(stop);
      if (typeof answer === "string") this.#tell(TO_GUEST.answer, answer);
      else this.#tell(TO_GUEST.text, answer.text);
    } else if (letter === FROM_GUEST.next) {
      const settlement = ports.nextSettlement();
      this.#tell(settlement === null ? TO_GUEST.nothing : TO_GUEST.answer, settlement ?? "");
    } else if (letter === FROM_GUEST.end)
      return endOf(text, { maxDepth: MAX_DEPTH, maxWeight }) ?? broken("its end cannot be read");
    else return broken("it said what no guest says");
    return null;
  }

  #tell(letter: string, text: string): void {
    this.#toGuest.write(frame(letter, text));
  }

  #leave(gone: Gone): void {
    this.#gone ??= gone;
    this.#heard();
  }
}

interface Gone {
  readonly exit: number | null;
  readonly says: string;
}

function endOfGone({ exit, says }: Gone): RunEnd {
  if (exit === HEAP_EXHAUSTED || says === "SIGABRT") return fatal("E_LIMIT_MEMORY");
  return broken(`it ended by itself (${says})`);
}

const fatal = (code: FatalCode): RunEnd => ({ kind: "fatal", code, reusable: true });

function broken(why: string): RunEnd {
  const none = { code: null, capability: null, target: null, rule: null, hint: null, line: null, column: null };
  const message = `the script's process failed: ${why}`;
  return { kind: "error", error: { name: "EngineError", message, causes: [], frames: [], ...none }, reusable: true };
}

const GUEST_PIPES = Object.keys(GUEST_FD).length;

let jail: ReturnType<typeof detectJail> | undefined;

function startGuest(): ChildProcess {
  const assets = assetsDirectory();
  const node = realpathSync(process.execPath);
  const words = [join(assets, "guest.cjs")];
  jail ??= detectJail();
  const start = jail.ok
    ? { file: jail.bwrap, words: [...jailOf(jail.bwrap, [node, assets]), "--", node, ...words] }
    : { file: node, words };
  return spawn(start.file, start.words, {
    cwd: "/",
    env: {},
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe", "pipe", ...coverings(GUEST_PIPES)],
  });
}

const jailOf = (bwrap: string, readOnly: readonly string[]): readonly string[] =>
  jailWords({ bwrap, readOnly, readWrite: [], hidden: [], links: [], network: false }, "/");
