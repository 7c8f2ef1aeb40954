/**
 * The host side of operations that have no effect: not gated, not recorded, not counted, since all they know is their
 * argument. They exist because the host does the same work much faster, or with the parser that the policy uses. What
 * comes in is hostile: each checks its argument, bounds its work and never throws.
 */
import { createHash, createHmac } from "node:crypto";
import { type Failure, fail, isJsonObject, type Json, ok, type Result } from "@agent-run/gate";

export const PURE: ReadonlyMap<string, (args: Json) => Result<Json>> = new Map([
  ["url.parse", parseUrl],
  ["url.set", setUrl],
  ["crypto.hash", hash],
  ["crypto.hmac", hmac],
]);

/** Characters of an address, and bytes of what is hashed. The VM's own memory is the nearer bound. */
const MAX_URL = 1_000_000;
const MAX_DATA = 256 * 1024 * 1024;

/** The parts of a URL, or null where it is none. */
function parseUrl(args: Json): Result<Json> {
  const members = readTexts("url.parse", args, ["url"], ["base"]);
  if (!members.ok) return members;
  const { url = "", base } = members.value;
  if (url.length + (base?.length ?? 0) > MAX_URL) return fail(tooLarge("url.parse"));
  return ok(partsOf(URL.canParse(url, base) ? new URL(url, base) : null));
}

const SETTABLE = [
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;

/** The parts after one of them was set; null where the URL would be none. */
function setUrl(args: Json): Result<Json> {
  const members = readTexts("url.set", args, ["href", "key", "value"], []);
  if (!members.ok) return members;
  const { href = "", key = "", value = "" } = members.value;
  if (href.length + value.length > MAX_URL) return fail(tooLarge("url.set"));
  const part = SETTABLE.find((name) => name === key);
  if (part === undefined) return fail(wrong(`\`key\` of \`url.set\` must be one of ${SETTABLE.join(", ")}`));
  if (!URL.canParse(href) || (part === "href" && !URL.canParse(value))) return ok(null);
  const url = new URL(href);
  url[part] = value;
  return ok(partsOf(url));
}

function partsOf(url: URL | null): Json {
  if (url === null) return null;
  const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash: fragment } = url;
  return { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash: fragment };
}

const ALGORITHMS: readonly string[] = ["sha256", "sha1", "sha384", "sha512", "md5"];

function hash(args: Json): Result<Json> {
  const members = readTexts("crypto.hash", args, ["algorithm", "output"], ["data", "dataBase64"]);
  if (!members.ok) return members;
  const data = bytesOf("crypto.hash", "data", members.value);
  if (!data.ok) return data;
  return digest("crypto.hash", members.value, (algorithm) => createHash(algorithm).update(data.value).digest());
}

function hmac(args: Json): Result<Json> {
  const optional = ["data", "dataBase64", "key", "keyBase64"];
  const members = readTexts("crypto.hmac", args, ["algorithm", "output"], optional);
  if (!members.ok) return members;
  const key = bytesOf("crypto.hmac", "key", members.value);
  if (!key.ok) return key;
  const data = bytesOf("crypto.hmac", "data", members.value);
  if (!data.ok) return data;
  return digest("crypto.hmac", members.value, (algorithm) =>
    createHmac(algorithm, key.value).update(data.value).digest(),
  );
}

function digest(operation: string, { algorithm = "", output = "" }: Texts, make: (algorithm: string) => Buffer) {
  if (!ALGORITHMS.includes(algorithm)) {
    return fail(wrong(`\`algorithm\` of \`${operation}\` must be one of ${ALGORITHMS.join(", ")}`));
  }
  if (output !== "hex" && output !== "base64") {
    return fail(wrong(`\`output\` of \`${operation}\` must be \`hex\` or \`base64\``));
  }
  return ok(make(algorithm).toString(output));
}

type Texts = Readonly<Partial<Record<string, string>>>;

/** The bytes of `name` (UTF-8) or of `nameBase64`; exactly one of them. */
function bytesOf(operation: string, name: string, texts: Texts): Result<Buffer> {
  const text = texts[name];
  const base64 = texts[`${name}Base64`];
  if ((text === undefined) === (base64 === undefined)) {
    return fail(wrong(`\`${operation}\` takes either \`${name}\` or \`${name}Base64\``));
  }
  if ((text ?? base64 ?? "").length > MAX_DATA) return fail(tooLarge(operation));
  return ok(text === undefined ? Buffer.from(base64 ?? "", "base64") : Buffer.from(text, "utf8"));
}

/** Exactly the named members, all strings. */
function readTexts(
  operation: string,
  args: Json,
  required: readonly string[],
  optional: readonly string[],
): Result<Texts> {
  if (!isJsonObject(args)) return fail(wrong(`\`${operation}\` takes an object of arguments`));
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(args)) {
    if (!required.includes(name) && !optional.includes(name)) {
      return fail(wrong(`\`${operation}\` has no member \`${name.slice(0, 40)}\``));
    }
    if (typeof value !== "string") return fail(wrong(`\`${name}\` of \`${operation}\` must be a string`));
    texts[name] = value;
  }
  const missing = required.find((name) => texts[name] === undefined);
  return missing === undefined ? ok(texts) : fail(wrong(`\`${operation}\` needs \`${missing}\``));
}

const wrong = (message: string): Failure => ({ code: "E_ARGUMENT", message });

const tooLarge = (operation: string): Failure => ({
  code: "E_TOO_LARGE",
  message: `the argument of \`${operation}\` is too large`,
});
