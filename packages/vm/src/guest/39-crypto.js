/*
 * crypto: hashes, and identifiers from the run's own seeded stream (SAME-AGAIN: the record holds the seed, so a random
 * identifier is no secret). Hashing is pure work of the host, which is much faster at it; bytes cross as base64.
 */

const { bytes, seals, take } = kernel;
const { MathRandom } = kernel.primordials;
const ALGORITHMS = ["sha256", "sha1", "sha384", "sha512", "md5"];

/** `{data}` or `{dataBase64}`, as the host wants it. */
const payload = (value, call, name, as = "data") => {
  if (typeof value === "string" || seals.is(value)) return { [as]: `${value}` };
  const view = bytes.view(value);
  if (view === null) return take.wrong(call, name, "a string or bytes", value);
  const { text, base64 } = seals.payload(view);
  return text === undefined ? { [`${as}Base64`]: base64 } : { [as]: text };
};

const hash = (algorithm, value, output, call) => {
  const given = payload(value, call, "data");
  if (seals.inText(given.data)) seals.unavailable("a hash", "crypto.hmac(key, data), or send the value as it is");
  return kernel.call("crypto.hash", { algorithm, ...given, output });
};

/** With a sealed key or sealed data the vault computes it, and the result is sealed. */
const hmac = (algorithm, key, value, output, call) => {
  const secret = payload(key, call, "key", "key");
  const given = payload(value, call, "data");
  if (!seals.inText(secret.key) && !seals.inText(given.data)) {
    return kernel.call("crypto.hmac", { algorithm, ...secret, ...given, output });
  }
  return kernel.call("seal.hmac", {
    algorithm,
    key: secret.key ?? textBeside(secret.keyBase64),
    data: given.data ?? textBeside(given.dataBase64),
    output,
  });
};

/** Bytes beside a sealed value, which can go as text only. */
const textBeside = (base64) =>
  bytes.utf8Decode(bytes.fromBase64(base64), () =>
    take.refuse("beside a sealed value, key and data of an HMAC must be text", "give both as strings"),
  );

const outputOf = (options, call) => {
  const { encoding } = take.options(typeof options === "string" ? { encoding: options } : options, call, ["encoding"]);
  return encoding === undefined ? "hex" : take.oneOf(encoding, call, "encoding", ["hex", "base64"]);
};

const algorithmOf = (value, call) => {
  const name = take.text(value, call, "algorithm").toLowerCase().replace("-", "");
  return take.oneOf(name, call, "algorithm", ALGORITHMS);
};

const randomUUID = () => {
  const random = new Uint8Array(16);
  for (let index = 0; index < 16; index++) random[index] = Math.floor(MathRandom() * 256);
  random[6] = (random[6] & 15) | 64;
  random[8] = (random[8] & 63) | 128;
  return bytes.toHex(random).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

const noSecret = (name) =>
  kernel.native(name, 1, () =>
    kernel.throwError("E_SUBSET", `\`crypto.${name}\` is not there: a run has no secret randomness`, {
      hint: "for an identifier use `crypto.randomUUID()`, for numbers `Math.random()`; both repeat in a replay",
    }),
  );

const digest = async (algorithm, data) => {
  const call = "crypto.subtle.digest";
  const name = typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm;
  const view = bytes.view(data);
  if (view === null) return take.wrong(call, "data", "bytes (Uint8Array or ArrayBuffer)", data);
  return bytes.fromBase64(hash(algorithmOf(name, call), view, "base64", call)).buffer;
};

/** Node's streaming form: pieces are kept, the host hashes them at once in `digest`. */
class Hash {
  #pieces = [];
  #finish;
  #done = false;

  constructor(finish) {
    this.#finish = finish;
  }

  update(data, encoding = undefined) {
    if (this.#done) return take.refuse("the hash is already finished", "make a new one");
    this.#pieces.push(kernel.encoding.toBytes(data, encoding, "hash.update"));
    return this;
  }

  digest(encoding = undefined) {
    if (this.#done) return take.refuse("the hash is already finished", "make a new one");
    this.#done = true;
    const made = this.#finish(joined(this.#pieces), encoding === "hex" ? "hex" : "base64");
    if (seals.is(made)) return encoding === "hex" || encoding === "base64" ? made : sealedDigest();
    const result = encoding === "hex" ? bytes.fromHex(made) : bytes.fromBase64(made);
    return encoding === undefined || encoding === "buffer"
      ? kernel.Buffer.from(result)
      : kernel.encoding.toText(result, encoding, "hash.digest");
  }
}

const sealedDigest = () => seals.unavailable("this form of a digest", '.digest("hex") or .digest("base64")');

const joined = (pieces) => {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
};

const copyOf = (key, call) => (bytes.view(key) ?? take.wrong(call, "key", "a string or bytes", key)).slice();

const createHash = (algorithm) => {
  const name = algorithmOf(algorithm, "createHash");
  return new Hash((data, output) => hash(name, data, output, "createHash"));
};

const createHmac = (algorithm, key) => {
  const name = algorithmOf(algorithm, "createHmac");
  const secret = typeof key === "string" || seals.is(key) ? `${key}` : copyOf(key, "createHmac");
  return new Hash((data, output) => hmac(name, secret, data, output, "createHmac"));
};

const crypto = {
  sha256: kernel.native("sha256", 1, (data, options = undefined) =>
    hash("sha256", data, outputOf(options, "crypto.sha256"), "crypto.sha256"),
  ),
  hmac: kernel.native("hmac", 2, (key, data, options = undefined) =>
    hmac("sha256", key, data, outputOf(options, "crypto.hmac"), "crypto.hmac"),
  ),
  randomUUID: kernel.native("randomUUID", 0, randomUUID),
  subtle: { digest: kernel.native("digest", 2, digest) },
  createHash: kernel.native("createHash", 1, createHash),
  createHmac: kernel.native("createHmac", 2, createHmac),
  getRandomValues: noSecret("getRandomValues"),
  randomBytes: noSecret("randomBytes"),
  randomInt: noSecret("randomInt"),
};

kernel.bytes.joined = joined;
kernel.harden(Hash);
kernel.define("crypto", crypto);
kernel.addModule("crypto", { ...crypto, webcrypto: crypto });
