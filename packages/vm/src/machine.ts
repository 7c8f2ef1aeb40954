/**
 * Runs scripts: one VM, restored from the image before each run, driven to its end (jobs, started calls, timers). What
 * ends a run before its end is thrown through the VM and caught here and nowhere else (KILLABLE); after it the machine
 * is not reusable. Between clean runs the whole memory is put back, so a run finds nothing of the one before.
 */
import { type Code, FATAL_CODES, type FatalCode } from "@agent-run/gate";
import { Engine, PAGE } from "./engine.ts";
import { type DescribedError, guestError, type Program, plainError } from "./guest-error.ts";
import { decodeImage, type Entry, type Image, restoreImage } from "./image.ts";
import { MAX_DEPTH, nestsDeeper } from "./membrane.ts";
import { Rejections } from "./rejections.ts";
import type { Ended, EngineAssets, MachinePorts, MachineSize, RunEnd, RunSetup } from "./run.ts";
import { RunStop } from "./run-stop.ts";
import { seedState } from "./seed.ts";
import { EVALUATE_STRICT, type ValuePointer } from "./wasm-abi.ts";

export class Machine {
  readonly #engine: Engine;
  readonly #image: Image;
  readonly #maxStackBytes: number;
  readonly #rejections: Rejections;
  #ports: MachinePorts = NO_PORTS;
  #spent = false;

  private constructor(assets: EngineAssets, size: MachineSize) {
    this.#image = decodeImage(assets.image);
    this.#maxStackBytes = size.maxStackBytes;
    const { header } = this.#image;
    const maximumPages = Math.ceil((header.heapEnd + size.maxMemoryBytes) / PAGE);
    this.#engine = new Engine(assets.wasm, maximumPages, {
      call: (json) => this.#callHost(json),
      poll: () => this.#stopIfAsked(),
      refuseGrowth: () => new RunStop("E_LIMIT_MEMORY"),
      rejection: (promise, reason, handled) => this.#rejections.report(promise, reason, handled),
    });
    this.#rejections = new Rejections(this.#engine, header.context, header.scratch);
  }

  /** Instantiates the engine, in about a millisecond. Throws if the image is not one of ours. */
  static create(assets: EngineAssets, size: MachineSize): Machine {
    return new Machine(assets, size);
  }

  /** Restores the image and runs a program to its end. One at a time; again only if the end says `reusable`. */
  run(program: Program, setup: RunSetup, ports: MachinePorts): RunEnd {
    if (this.#spent) throw new Error("this machine's last run did not leave it reusable");
    this.#spent = true;
    this.#restore(setup);
    this.#ports = ports;
    try {
      this.#stopIfAsked();
      const end = this.#drive(program, setup);
      this.#spent = end.kind === "fatal" || this.#engine.hasGrown;
      return { ...end, reusable: !this.#spent };
    } catch (thrown) {
      return { ...this.#broken(thrown), reusable: false };
    } finally {
      this.#ports = NO_PORTS;
    }
  }

  #restore(setup: RunSetup): void {
    const { header } = this.#image;
    this.#rejections.clear();
    restoreImage(this.#engine, this.#image, this.#maxStackBytes);
    this.#engine.now = setup.startMs;
    this.#engine.writeLong(header.randomState, seedState(setup.seed));
    this.#engine.wasm.setMaxStackSize(header.runtime, this.#maxStackBytes);
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
    const settlement = this.#ports.nextSettlement();
    this.#stopIfAsked();
    if (settlement !== null) return this.#enter("settle", settlement);
    const fired = this.#invoke("fireTimer");
    return fired.thrown !== null || this.#isTrue(fired.value) ? fired : null;
  }

  /** Runs all jobs; what a job or an unhandled rejection threw, else null. */
  #drainJobs(): ValuePointer | null {
    const { wasm } = this.#engine;
    const { runtime, context, scratch } = this.#image.header;
    while (wasm.isJobPending(runtime) !== 0) {
      const ran = wasm.executeJobs(runtime, -1, scratch);
      if (Number.isNaN(wasm.getNumber(context, ran))) return ran;
      wasm.freeValue(context, ran);
    }
    return this.#rejections.first();
  }

  #finish(): Ended {
    const outcome = this.#invoke("finish");
    const text = this.#engine.text(this.#image.header.context, outcome.value);
    if (!text.startsWith("v")) return { kind: "error", error: plainError("Error", UNSETTLED) };
    const json = text.slice(1);
    if (!nestsDeeper(json, MAX_DEPTH)) return { kind: "value", json };
    return { kind: "error", error: plainError("AgentRunError", VALUE_TOO_DEEP, "E_ARGUMENT") };
  }

  /** An error that nobody caught. Running out of stack or memory inside the VM is a limit, not an error. */
  #uncaught(error: ValuePointer, program: Program, syntaxCode: Code | null = null): Ended {
    this.#ports = endedPorts(this.#ports);
    const text = this.#invoke("describe", error);
    if (text.thrown !== null) return { kind: "fatal", code: "E_LIMIT_STACK" };
    const described = JSON.parse(this.#engine.text(this.#image.header.context, text.value)) as DescribedError;
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

  #callHost(json: string): string {
    const answer = this.#ports.call(json);
    this.#stopIfAsked();
    if (answer.startsWith('{"fatal":')) throw new RunStop(fatalCode(answer));
    return answer;
  }

  #stopIfAsked(): void {
    const code = this.#ports.stop();
    if (code !== null) throw new RunStop(code);
  }

  #evaluate(program: Program): Outcome {
    const { wasm } = this.#engine;
    const code = this.#engine.putText(program.code);
    const name = this.#engine.putText(program.name.replaceAll("\0", "\ufffd"));
    const { context } = this.#image.header;
    return this.#outcome(wasm.evaluate(context, code.pointer, code.bytes, name.pointer, 0, EVALUATE_STRICT));
  }

  /** Calls a kernel function with a text. */
  #enter(entry: Entry, text: string): Outcome {
    const { context } = this.#image.header;
    const value = this.#engine.newText(context, text);
    const outcome = this.#invoke(entry, value);
    this.#engine.wasm.freeValue(context, value);
    return outcome;
  }

  /** Calls a kernel function. Results are not freed one by one: the restore takes them all. */
  #invoke(entry: Entry, value?: ValuePointer): Outcome {
    const { context, entries, scratch, undefinedValue } = this.#image.header;
    if (value !== undefined) this.#engine.writeWord(scratch, value);
    const count = value === undefined ? 0 : 1;
    return this.#outcome(this.#engine.wasm.call(context, entries[entry], undefinedValue, count, scratch));
  }

  #outcome(value: ValuePointer): Outcome {
    const thrown = this.#engine.wasm.takeException(this.#image.header.context, value);
    return { value, thrown: thrown === 0 ? null : thrown };
  }

  #isTrue(value: ValuePointer): boolean {
    return this.#engine.wasm.getNumber(this.#image.header.context, value) === 1;
  }
}

function fatalCode(answer: string): FatalCode {
  const { fatal } = JSON.parse(answer) as { fatal: unknown };
  return FATAL_CODES.find((code) => code === fatal) ?? "E_INTERRUPTED";
}

/** What a call into the VM gave: a value, or what it threw. */
interface Outcome {
  readonly value: ValuePointer;
  readonly thrown: ValuePointer | null;
}

const VALUE_TOO_DEEP = `the script's value is nested more than ${MAX_DEPTH} levels deep`;
const TOO_MANY_REJECTIONS = "too many promises were rejected without a handler at once";
const UNSETTLED = "the script ended while it was waiting for a promise that nothing settles";

const NO_PORTS: MachinePorts = { call: () => '{"ok":null}', nextSettlement: () => null, stop: () => null };

/** While an error is read: limits hold, but no effect happens any more (a proxy's trap could ask for one). */
const endedPorts = (ports: MachinePorts): MachinePorts => ({
  call: () => '{"error":{"code":"E_INTERRUPTED","message":"the run is over"}}',
  nextSettlement: () => null,
  stop: () => ports.stop(),
});
