/**
 * Runs scripts: one VM, restored from the image before each run, driven to its end (jobs, started calls, timers). What
 * ends a run before its end is thrown through the VM and caught here and nowhere else (KILLABLE); after it the machine
 * is not reusable. Between clean runs the whole memory is put back, so a run finds nothing of the one before.
 */
import type { Code } from "@agent-run/gate";
import {
  type JSContextPointerPointer,
  type QuickJSHandle,
  StaticLifetime,
  type VmCallResult,
} from "quickjs-emscripten-core";
import { Engine } from "./engine.ts";
import { PAGE } from "./engine-memory.ts";
import { type DescribedError, guestError, type Program, plainError } from "./guest-error.ts";
import { assertSamePlaces, decodeImage, type Entry, type Image, restoreImage } from "./image.ts";
import { MAX_DEPTH, nestsDeeper, WEIGHT_FACTOR, weight } from "./membrane.ts";
import { Rejections } from "./rejections.ts";
import type { Ended, EngineAssets, MachinePorts, MachineSize, RunEnd, RunSetup } from "./run.ts";
import { RunDesk } from "./run-desk.ts";
import { RunStop } from "./run-stop.ts";
import { seedState } from "./seed.ts";

export class Machine {
  readonly #engine: Engine;
  readonly #image: Image;
  readonly #desk: RunDesk;
  readonly #maxStackBytes: number;
  readonly #rejections: Rejections;
  #spent = false;

  private constructor(engine: Engine, image: Image, desk: RunDesk, maxStackBytes: number) {
    this.#engine = engine;
    this.#image = image;
    this.#desk = desk;
    this.#maxStackBytes = maxStackBytes;
    this.#rejections = new Rejections(engine, image.header.scratch + 16);
  }

  /** Boots an engine, in a few milliseconds. Rejects if the image is not one of ours or not this engine's. */
  static async create(assets: EngineAssets, { maxMemoryBytes, maxStackBytes }: MachineSize): Promise<Machine> {
    const image = decodeImage(assets.image);
    const maximumPages = Math.ceil((image.header.heapEnd + maxMemoryBytes) / PAGE);
    const desk = new RunDesk(WEIGHT_FACTOR * maxMemoryBytes);
    const engine = await Engine.boot(assets.wasm, maximumPages, desk);
    assertSamePlaces(engine, image);
    return new Machine(engine, image, desk, maxStackBytes);
  }

  /** Restores the image and runs a program to its end. One at a time; again only if the end says `reusable`. */
  run(program: Program, setup: RunSetup, ports: MachinePorts): RunEnd {
    if (this.#spent) throw new Error("this machine's last run did not leave it reusable");
    this.#spent = true;
    this.#restore(setup);
    this.#desk.open(ports, this.#rejections);
    try {
      this.#desk.poll();
      const end = this.#drive(program, setup);
      this.#spent = end.kind === "fatal" || this.#engine.memory.hasGrown;
      return { ...end, reusable: !this.#spent };
    } catch (thrown) {
      return { ...this.#broken(thrown), reusable: false };
    } finally {
      this.#desk.close();
    }
  }

  #restore(setup: RunSetup): void {
    const { header } = this.#image;
    this.#rejections.clear();
    restoreImage(this.#engine, this.#image, this.#maxStackBytes);
    this.#engine.clock.now = setup.startMs;
    this.#engine.memory.writeLong(header.randomState, seedState(setup.seed));
    this.#engine.runtime.setMaxStackSize(this.#maxStackBytes);
  }

  /** The run's loop: jobs first, then answers of started calls, then timers; nothing left is the end. */
  #drive(program: Program, setup: RunSetup): Ended {
    const started = this.#enter("start", JSON.stringify({ grants: null, ...setup }));
    if (started.thrown !== null) return this.#uncaught(started.thrown, program);
    const script = this.#evaluate(program);
    if (script.thrown !== null) return this.#uncaught(script.thrown, program, "E_SYNTAX");
    let step: Outcome | null = this.#invoke("begin", script.value);
    while (step !== null) {
      const uncaught = step.thrown ?? this.#drainJobs();
      if (uncaught !== null) return this.#uncaught(uncaught, program);
      if (this.#rejections.isOverflowing) return { kind: "error", error: plainError("Error", TOO_MANY_REJECTIONS) };
      step = this.#nextStep();
    }
    return this.#finish();
  }

  /** Settles one started call, or else fires one timer; null when neither is left. */
  #nextStep(): Outcome | null {
    const settlement = this.#desk.nextSettlement();
    if (settlement !== null) return this.#enter("settle", settlement);
    const fired = this.#invoke("fireTimer");
    return fired.thrown !== null || this.#engine.context.getNumber(fired.value) === 1 ? fired : null;
  }

  /**
   * Runs all jobs; what a job or an unhandled rejection threw, else null. Not with the core's `executePendingJobs`: it
   * keeps a view of the memory across the jobs, and when the memory grew meanwhile it makes a second context.
   */
  #drainJobs(): QuickJSHandle | null {
    const { runtime, context, places, loaded } = this.#engine;
    const scratch = this.#image.header.scratch as JSContextPointerPointer;
    while (runtime.hasPendingJob()) {
      const ran = this.#engine.own(loaded.ffi.QTS_ExecutePendingJob(places.runtime, ALL, scratch));
      if (Number.isNaN(context.getNumber(ran))) return ran;
      ran.dispose();
    }
    return this.#rejections.first();
  }

  #finish(): Ended {
    const { value } = this.#invoke("finish");
    const text = value === null ? "" : this.#engine.texts.read(value.value);
    if (!text.startsWith("v")) return { kind: "error", error: plainError("Error", UNSETTLED) };
    const json = text.slice(1);
    if (nestsDeeper(json, MAX_DEPTH)) return valueError(VALUE_TOO_DEEP, "E_ARGUMENT");
    if (json.length > MAX_VALUE || weight(json) > WEIGHT_FACTOR * MAX_VALUE)
      return valueError(VALUE_TOO_LARGE, "E_TOO_LARGE");
    return { kind: "value", json };
  }

  /** An error that nobody caught. Running out of stack or memory inside the VM is a limit, not an error. */
  #uncaught(error: QuickJSHandle, program: Program, syntaxCode: Code | null = null): Ended {
    this.#desk.allowNoEffects();
    const text = this.#invoke("describe", error);
    if (text.thrown !== null) return { kind: "fatal", code: "E_LIMIT_STACK" };
    const described = JSON.parse(this.#engine.texts.read(text.value.value)) as DescribedError;
    if (described.overflow) return { kind: "fatal", code: "E_LIMIT_STACK" };
    if (described.exhausted) return { kind: "fatal", code: "E_LIMIT_MEMORY" };
    const shown = guestError(described, program);
    return { kind: "error", error: described.name === "SyntaxError" ? { ...shown, code: syntaxCode } : shown };
  }

  /** What came out of the wasm as a host exception. A trap is not the script's to cause, but it costs only this run. */
  #broken(thrown: unknown): Ended {
    if (thrown instanceof RunStop) return { kind: "fatal", code: thrown.code };
    if (thrown instanceof RangeError) return { kind: "fatal", code: "E_LIMIT_STACK" };
    if (thrown instanceof WebAssembly.RuntimeError) {
      return { kind: "error", error: plainError("EngineError", `the script engine failed: ${thrown.message}`) };
    }
    throw thrown;
  }

  #evaluate(program: Program): Outcome {
    const name = wellFormed(program.name.slice(0, MAX_NAME).replaceAll("\0", "\ufffd"));
    return outcome(this.#engine.context.evalCode(wellFormed(program.code), name, { strict: true }));
  }

  /** Calls a kernel function with a text. */
  #enter(entry: Entry, text: string): Outcome {
    return this.#engine.newText(text).consume((value) => this.#invoke(entry, value));
  }

  /** Calls a kernel function. Results are not freed one by one: the restore takes them all. */
  #invoke(entry: Entry, ...values: readonly QuickJSHandle[]): Outcome {
    const { context, runtime } = this.#engine;
    const kernelFunction = new StaticLifetime(this.#image.header.entries[entry], runtime);
    return outcome(context.callFunction(kernelFunction, context.undefined, [...values]));
  }
}

/** What a call into the VM gave: a value, or what it threw. */
type Outcome =
  | { readonly value: QuickJSHandle; readonly thrown: null }
  | { readonly value: null; readonly thrown: QuickJSHandle };

const outcome = (result: VmCallResult<QuickJSHandle>): Outcome =>
  result.error ? { value: null, thrown: result.error } : { value: result.value, thrown: null };

const ALL = -1;

/** The library miscounts the bytes of a lone surrogate, so the code would be cut off behind one. Same length in units. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");

/** The library passes the name on the wasm's stack without a look at its end; no frame with a longer one is shown. */
const MAX_NAME = 1000;

const valueError = (message: string, code: Code): Ended => ({
  kind: "error",
  error: plainError("AgentRunError", message, code),
});

/** UTF-16 units of a run's value as JSON: it is held by the host, whatever `max_memory` says. */
const MAX_VALUE = 64 * 1024 * 1024;
const VALUE_TOO_LARGE = "the script's value is larger than 64 MiB as JSON; write it to a file";
const VALUE_TOO_DEEP = `the script's value is nested more than ${MAX_DEPTH} levels deep`;
const TOO_MANY_REJECTIONS = "too many promises were rejected without a handler at once";
const UNSETTLED = "the script ended while it was waiting for a promise that nothing settles";
