/** What the script prints: passed on at once (a killed run keeps what it printed) and cut at `max_output` bytes. */
import { type GateAnswer, isJsonObject, type Json } from "@agent-run/gate";

export class Output {
  readonly #max: number;
  readonly #send: (text: string) => void;
  #bytes = 0;
  #truncated = false;

  constructor(maxBytes: number, send: (text: string) => void) {
    this.#max = maxBytes;
    this.#send = send;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  print(args: Json): GateAnswer {
    const text = isJsonObject(args) && typeof args.text === "string" ? args.text : "";
    const left = this.#max - this.#bytes;
    const size = Buffer.byteLength(text);
    this.#bytes += size;
    if (size <= left) {
      if (size > 0) this.#send(text);
      return { ok: null };
    }
    this.#truncated = true;
    if (left > 0) this.#send(wholeCharacters(Buffer.from(text), left));
    return { fatal: "E_LIMIT_OUTPUT" };
  }
}

/** The longest prefix of at most `max` bytes that does not cut a character. */
function wholeCharacters(bytes: Uint8Array, max: number): string {
  let end = max;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return new TextDecoder().decode(bytes.subarray(0, end));
}
