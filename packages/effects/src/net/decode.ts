/**
 * Undoes the content coding of a response. A few kilobytes of gzip can hold gigabytes, so the decoder stops at the
 * run's limit and never holds more than that. Only one coding is undone: stacked ones multiply (1000 x 1000), and no
 * honest server that was offered single ones sends them.
 */
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions } from "node:zlib";
import { type Failure, fail, ok, type Result } from "@agent-run/gate";

/** A coding that we do not know is left as it is; the script sees it in `content-encoding`. */
export async function decodeBody(
  body: Uint8Array,
  coding: string,
  maxBytes: number,
  host: string,
): Promise<Result<Uint8Array>> {
  const decode = decoderFor(coding, body);
  if (decode === null || body.byteLength === 0) return ok(body);
  const outcome = await decode(body, { maxOutputLength: Math.max(1, maxBytes) });
  if (outcome instanceof Error) {
    const tooLarge = "code" in outcome && outcome.code === "ERR_BUFFER_TOO_LARGE";
    return fail(tooLarge ? responseTooLarge(host, maxBytes) : damaged(host));
  }
  if (outcome.byteLength > maxBytes) return fail(responseTooLarge(host, maxBytes));
  // A copy: zlib's buffers may share memory with others, and this one is sent to another thread.
  return ok(Uint8Array.from(outcome));
}

export const responseTooLarge = (host: string, maxBytes: number): Failure => ({
  code: "E_TOO_LARGE",
  message: `the response of \`${host}\` is larger than ${maxBytes} bytes`,
  hint: "ask for less, or raise `max_response` under [runtime]",
});

const damaged = (host: string): Failure => ({
  code: "E_NETWORK",
  message: `the compressed response of \`${host}\` is damaged or incomplete`,
});

/** Low half of the first byte of the zlib format (RFC 1950 section 2.2). */
const DEFLATE_METHOD = 8;

type Decoder = (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array | Error>;

function decoderFor(coding: string, body: Uint8Array): Decoder | null {
  switch (coding.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return asDecoder(gunzip);
    case "br":
      return asDecoder(brotliDecompress);
    case "deflate":
      // RFC 9110 section 8.4.1.2 means the zlib format, but some servers send raw deflate.
      return asDecoder(((body[0] ?? 0) & 0x0f) === DEFLATE_METHOD ? inflate : inflateRaw);
    default:
      return null;
  }
}

type ZlibCall = (body: Uint8Array, options: ZlibOptions, done: (error: Error | null, result: Buffer) => void) => void;

const asDecoder =
  (call: ZlibCall): Decoder =>
  (body, options) =>
    new Promise((settle) => call(body, options, (error, result) => settle(error ?? result)));
