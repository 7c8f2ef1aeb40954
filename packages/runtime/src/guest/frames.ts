/**
 * What the two sides of `isolation = "process"` say to each other over pipes: frames of a letter, a length and UTF-8.
 * The texts in them are those that cross between VM and host anyway (JSON-ABI). The guest's frames are as hostile as its
 * script: the host bounds their length and believes nothing in them.
 */
import type { MachineSize, Program, RunSetup } from "@agent-run/vm";

/** Host to guest. */
export const TO_GUEST = { run: "r", answer: "a", text: "s", nothing: "z" } as const;
/** Guest to host. */
export const FROM_GUEST = { ready: "g", call: "c", next: "n", end: "e" } as const;

/** The guest's ends of its pipes. The third only ever closes: when the host is gone, so is the guest. */
export const GUEST_FD = { fromHost: 3, toHost: 4, lifeline: 5 } as const;

/** How the guest's process ends when its V8 heap was not enough; its WASM memory has a limit of its own. */
export const HEAP_EXHAUSTED = 86;

export interface GuestRun {
  readonly program: Program;
  readonly setup: RunSetup;
  readonly size: MachineSize;
}

const HEAD = 5;

export function frame(letter: string, text: string): Buffer {
  const head = Buffer.alloc(HEAD);
  const body = Buffer.from(text, "utf8");
  head.write(letter, 0, "latin1");
  head.writeUInt32LE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Takes whole frames out of bytes that come in pieces. */
export class FrameReader {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #held = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#held += piece.length;
  }

  /** Null: not whole yet. Throws for a frame above the limit. */
  take(): { readonly letter: string; readonly text: string } | null {
    if (this.#held < HEAD) return null;
    const [first = Buffer.alloc(0)] = this.#pieces;
    const head = first.length >= HEAD ? first : this.#joined();
    const length = head.readUInt32LE(1);
    if (length > this.#maxBytes) throw new RangeError("a frame of the guest is larger than its memory");
    if (this.#held < HEAD + length) return null;
    const bytes = this.#joined();
    const rest = bytes.subarray(HEAD + length);
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#held = rest.length;
    return { letter: bytes.toString("latin1", 0, 1), text: bytes.toString("utf8", HEAD, HEAD + length) };
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && this.#pieces.length === 1) return first;
    const joined = Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }
}
