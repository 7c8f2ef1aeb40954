/** The hook's standard streams: input with an end in time and size, output that says whether it arrived. */
import { fstatSync, readSync, writeSync } from "node:fs";
import { Socket } from "node:net";

export type Input = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

/** `maxBytes`: what is more is refused, not cut. Must be UTF-8. */
export async function inputWithin(milliseconds: number, maxBytes: number): Promise<Input> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const take = (chunk: Uint8Array): boolean => {
    chunks.push(chunk);
    length += chunk.length;
    return length <= maxBytes;
  };
  const problem = fstatSync(0).isFile() ? fromFile(take) : await fromPipe(take, milliseconds);
  return problem === null ? decoded(chunks) : { ok: false, problem };
}

const TOO_LONG = "the host's input is too long";

function fromFile(take: (chunk: Uint8Array) => boolean): string | null {
  for (;;) {
    const chunk = new Uint8Array(65536);
    const read = readSync(0, chunk);
    if (read === 0) return null;
    if (!take(chunk.subarray(0, read))) return TOO_LONG;
  }
}

/** A host that never closes its end must not hold the call open: some let it proceed when their own time is over. */
function fromPipe(take: (chunk: Uint8Array) => boolean, milliseconds: number): Promise<string | null> {
  return new Promise((resolve) => {
    const stream = new Socket({ fd: 0, readable: true, writable: false });
    const end = (problem: string | null) => {
      clearTimeout(timer);
      stream.destroy();
      resolve(problem);
    };
    const timer = setTimeout(() => end("the host's input did not come in time"), milliseconds);
    stream.on("data", (chunk: Uint8Array) => {
      if (!take(chunk)) end(TOO_LONG);
    });
    stream.on("end", () => end(null));
    stream.on("error", () => end("the host's input could not be read"));
  });
}

function decoded(chunks: readonly Uint8Array[]): Input {
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return { ok: false, problem: "the host's input is not UTF-8" };
  }
}

/** False: not all of it was taken. */
export function writeOut(text: string): boolean {
  return write(1, text);
}

export const writeError = (text: string): boolean => write(2, text);

function write(fd: 1 | 2, text: string): boolean {
  const bytes = Buffer.from(text, "utf8");
  try {
    for (let done = 0; done < bytes.length; ) {
      try {
        done += writeSync(fd, bytes, done);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    }
    return true;
  } catch {
    return false;
  }
}
