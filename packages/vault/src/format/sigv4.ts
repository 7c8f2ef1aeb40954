/**
 * AWS Signature Version 4, as "Create a signed AWS API request" of the IAM User Guide has it. Signed are the host, the
 * content type and every `x-amz-` field; what others on the way may change is not.
 */
import { createHash, createHmac } from "node:crypto";
import { type Attempt, done, failed } from "../plain.ts";
import { percentEncoded } from "../substitute/splice.ts";
import type { AwsCredentials } from "./aws-credentials.ts";
import type { HeaderFields, SlotRequest } from "./slot-request.ts";

export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

/** Set here and nowhere else; what a script typed there is dropped. */
const OURS = ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
const UNSIGNED = "UNSIGNED-PAYLOAD";

/** The headers of the request with those of the signature; its URL and body stay as they are. */
export function signedHeaders(
  request: SlotRequest,
  scope: SigningScope,
  credentials: AwsCredentials,
  nowMs: number,
): Attempt<HeaderFields> {
  const url = new URL(request.url);
  const path = canonicalPath(url.pathname, scope.service);
  const query = canonicalQuery(url.search);
  if (!path.ok) return path;
  if (!query.ok) return query;
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const payload = payloadHash(request, url, scope);
  const headers = [
    ...request.headers.filter(([name]) => !OURS.includes(name.toLowerCase())),
    ["x-amz-date", time] as const,
    ...(credentials.sessionToken === null ? [] : [["x-amz-security-token", credentials.sessionToken] as const]),
    // S3 alone asks for it; elsewhere the hash stands in the canonical request only.
    ...(scope.service === "s3" ? [["x-amz-content-sha256", payload] as const] : []),
  ];
  const signed = canonicalHeaders(url.host, headers);
  const names = signed.map(([name]) => name).join(";");
  const fields = signed.map(([name, value]) => `${name}:${value}\n`).join("");
  const canonical = [request.method, path.value, query.value, fields, names, payload].join("\n");
  const place = [time.slice(0, 8), scope.region, scope.service, "aws4_request"];
  const toSign = ["AWS4-HMAC-SHA256", time, place.join("/"), sha256(canonical)].join("\n");
  const signature = mac(signingKey(credentials, place), toSign).toString("hex");
  const credential = `${credentials.accessKeyId}/${place.join("/")}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return done([...headers, ["authorization", authorization]]);
}

function signingKey(credentials: AwsCredentials, place: readonly string[]): Buffer {
  return place.reduce<Buffer>((key, step) => mac(key, step), Buffer.from(`AWS4${credentials.secretAccessKey}`, "utf8"));
}

/** S3 takes a script's word that its payload is not signed, which TLS makes up for. */
function payloadHash(request: SlotRequest, url: URL, scope: SigningScope): string {
  const typed = request.headers.some(([name, value]) => name.toLowerCase() === OURS[3] && value === UNSIGNED);
  if (typed && scope.service === "s3" && url.protocol === "https:") return UNSIGNED;
  return sha256(request.body ?? "");
}

/** S3: every segment encoded once, as keys may hold anything. Others: what is sent, encoded again, slashes merged. */
function canonicalPath(path: string, service: string): Attempt<string> {
  if (service !== "s3")
    return done(
      path
        .replace(/\/{2,}/g, "/")
        .split("/")
        .map(percentEncoded)
        .join("/"),
    );
  const segments = path.split("/").map(reencoded);
  const bad = segments.find((segment) => !segment.ok);
  return bad ?? done(segments.map((segment) => (segment.ok ? segment.value : "")).join("/"));
}

/** Sorted by name, then value, as encoded. A bare plus is a plus to some and a blank to others. */
function canonicalQuery(search: string): Attempt<string> {
  if (search.includes("+")) return failed("a plus in the query cannot be signed; write %20 or %2B");
  const pairs: [string, string][] = [];
  for (const piece of search.slice(1).split("&")) {
    if (piece === "") continue;
    const [, rawName = "", rawValue = ""] = /^([^=]*)=?(.*)$/s.exec(piece) ?? [];
    const name = reencoded(rawName);
    const value = reencoded(rawValue);
    if (!name.ok) return name;
    if (!value.ok) return value;
    pairs.push([name.value, value.value]);
  }
  pairs.sort(([a, x], [b, y]) => order(a, b) || order(x, y));
  return done(pairs.map(([name, value]) => `${name}=${value}`).join("&"));
}

function canonicalHeaders(host: string, headers: HeaderFields): [string, string][] {
  const fields = new Map([["host", [host]]]);
  for (const [typed, value] of headers) {
    const name = typed.toLowerCase();
    if (name !== "content-type" && !name.startsWith("x-amz-")) continue;
    fields.set(name, [...(fields.get(name) ?? []), value.trim().replace(/ +/g, " ")]);
  }
  return [...fields].map(([name, list]): [string, string] => [name, list.join(",")]).sort(([a], [b]) => order(a, b));
}

function reencoded(text: string): Attempt<string> {
  try {
    return done(percentEncoded(decodeURIComponent(text)));
  } catch {
    return failed("the URL holds an escape that is no UTF-8 and cannot be signed");
  }
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const mac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text, "utf8").digest();
