import { STOP } from "./protocol.ts";

/** The run's clock; it stands still while a person is asked. */
export class RunClock {
  readonly #onTime: (stop: number) => void;
  #left: number;
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #paused = 0;

  constructor(ms: number, onTime: (stop: number) => void) {
    this.#left = ms;
    this.#onTime = onTime;
    this.#arm();
  }

  pause(): void {
    if (this.#paused++ > 0) return;
    this.#left -= performance.now() - this.#since;
    this.clear();
  }

  resume(): void {
    if (--this.#paused === 0) this.#arm();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#onTime(STOP.time), Math.max(0, this.#left));
  }
}
