/** Bounds the time of a job; it stands still while the vault performs a call for it. */
export class WallClock {
  readonly #onTime: () => void;
  #left: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, onTime: () => void) {
    this.#left = ms;
    this.#onTime = onTime;
  }

  go(): void {
    this.stop();
    this.#since = performance.now();
    this.#timer = setTimeout(this.#onTime, Math.max(0, this.#left));
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left -= performance.now() - this.#since;
  }
}
