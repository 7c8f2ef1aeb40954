/** A bound on what is held at once, by whatever it is counted. */
export class Room {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** False: there is no room for it now. What alone is more than all the room is let in when nothing else is there. */
  take(size: number): boolean {
    if (this.#taken > 0 && this.#taken + size > this.#most) return false;
    this.#taken += size;
    return true;
  }

  give(size: number): void {
    this.#taken -= size;
  }
}
