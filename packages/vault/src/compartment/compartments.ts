/**
 * Runs functions of scripts on plaintext, in the vault: each job in a VM that holds the values and the function and
 * nothing of the job before, in a thread that can be killed. A compartment has no effects; a private block has those that
 * `io` performs for it. However a job ends, it ends as a value, and the next one finds everything as it was.
 */
import type { BlockIo, ComputeJob, ComputeResult } from "./job.ts";
import type { JobMessage } from "./protocol.ts";
import { CompartmentThread, type ThreadPlace } from "./thread.ts";

export interface CompartmentSettings {
  /** Folder of the built parts. */
  readonly directory: string;
  /** Hex SHA-256 of the engine's image. */
  readonly imageSha256: string;
  /** Calls that one private block may make. */
  readonly maxCalls: number;
}

export class Compartments {
  readonly #place: ThreadPlace;
  readonly #maxCalls: number;
  #thread: CompartmentThread | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor({ directory, imageSha256, maxCalls }: CompartmentSettings) {
    this.#place = { directory, imageSha256 };
    this.#maxCalls = maxCalls;
  }

  /** Starts a thread ahead of its first job. */
  warm(memoryBytes: number): void {
    if (!this.#closed) this.#threadOf(memoryBytes);
  }

  compute(job: ComputeJob): Promise<ComputeResult> {
    return this.#inTurn(job, null);
  }

  /** The function gets `io` (`fs`, `net`, `subprocess`) after its inputs. */
  block(job: ComputeJob, io: BlockIo): Promise<ComputeResult> {
    return this.#inTurn(job, io);
  }

  /** Kills a job that is on; those that wait fail. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread?.close();
    await this.#last;
  }

  /** One job at a time. */
  #inTurn(job: ComputeJob, io: BlockIo | null): Promise<ComputeResult> {
    const result = this.#last.then(() => this.#run(job, io));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #run(job: ComputeJob, io: BlockIo | null): Promise<ComputeResult> {
    if (this.#closed) return { ok: false, why: "the vault closed" };
    const message = messageOf(job, io === null ? null : this.#maxCalls);
    if (message === null) return { ok: false, why: "the inputs cannot be written as JSON" };
    const { wallMs, memoryBytes } = job.limits;
    const result = await this.#threadOf(memoryBytes).run(message, wallMs, io);
    this.warm(memoryBytes);
    return result;
  }

  /** The warm thread if it is alive and of this size, else a new one. */
  #threadOf(memoryBytes: number): CompartmentThread {
    const warm = this.#thread;
    if (warm !== null && !warm.dead && warm.memoryBytes === memoryBytes) return warm;
    void warm?.close();
    this.#thread = new CompartmentThread(this.#place, memoryBytes);
    return this.#thread;
  }
}

/** Null where the inputs nest too deeply for JSON, or are longer than any text. */
function messageOf({ source, inputs, args, limits, startMs }: ComputeJob, maxCalls: number | null): JobMessage | null {
  const { fuel, outputBytes } = limits;
  const boxed = inputs.map((value) => (value === undefined ? [] : [value]));
  try {
    const values = JSON.stringify({ inputs: boxed, args });
    return { kind: "job", source, values, fuel, outputBytes, startMs, maxCalls };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
