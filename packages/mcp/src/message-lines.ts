/**
 * Standard input as whole messages of bounded size. A message is one line; one that is longer than the bound is passed
 * over without being kept in memory, and the connection goes on.
 */
import { Transform, type TransformCallback } from "node:stream";

/** Largest message, in bytes. Scripts and inputs that a run could not hold in memory anyway stay below it. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Enough of both ends of a message to find its id there. */
const END_BYTES = 256;

const NEWLINE = 0x0a;

export class MessageLines extends Transform {
  readonly #onTooLong: (id: string | number | null) => void;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Of a message that is too long: its first and its latest bytes. */
  #skipped: { readonly head: Buffer; tail: Buffer } | null = null;

  /** `onTooLong` gets the id of the request that was passed over, if it could be found. */
  constructor(onTooLong: (id: string | number | null) => void, maxBytes = MAX_MESSAGE_BYTES) {
    super();
    this.#onTooLong = onTooLong;
    this.#maxBytes = maxBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end + 1));
      this.#endLine();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    done();
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#skipped !== null) {
      this.#skipped.tail = lastOf(Buffer.concat([this.#skipped.tail, lastOf(part)]));
    } else if (this.#bytes <= this.#maxBytes) {
      this.#parts.push(part);
    } else {
      const all = Buffer.concat([...this.#parts, part]);
      this.#skipped = { head: Buffer.from(all.subarray(0, END_BYTES)), tail: Buffer.from(lastOf(all)) };
      this.#parts = [];
    }
  }

  #endLine(): void {
    const [parts, skipped] = [this.#parts, this.#skipped];
    this.#parts = [];
    this.#skipped = null;
    this.#bytes = 0;
    if (skipped === null) this.push(Buffer.concat(parts));
    else this.#onTooLong(idOf(skipped.head.toString("latin1"), skipped.tail.toString("latin1")));
  }
}

const lastOf = (bytes: Buffer): Buffer => bytes.subarray(Math.max(0, bytes.length - END_BYTES));

/** The id where clients write it: among the first members, before anything nested, or as the very last one. */
function idOf(head: string, tail: string): string | number | null {
  const text = FIRST_ID.exec(head)?.[1] ?? LAST_ID.exec(tail)?.[1];
  return text === undefined ? null : (JSON.parse(text) as string | number);
}

/** A number or a plain text that JSON surely reads. */
const ID = /"id"\s*:\s*(0|-?[1-9]\d{0,14}|"[\w.:+/ -]{0,100}")/.source;
const FIRST_ID = new RegExp(`^\\s*\\{(?:\\s*"(?:jsonrpc|method)"\\s*:\\s*"[^"\\\\]*"\\s*,)*\\s*${ID}\\s*,`);
const LAST_ID = new RegExp(`[,{]\\s*${ID}\\s*\\}\\s*$`);
