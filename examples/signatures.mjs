/** How a server finds out who asks: one way for each path, all written from the services' documentation. */
import { createHash, createHmac } from "node:crypto";

/** `keys`: what the server knows of the caller. */
export function isSigned({ method, url, headers, body }, keys) {
  const { pathname, searchParams } = new URL(url, "https://localhost");
  const [, area] = pathname.split("/");
  const given = headers.authorization ?? "";
  if (area === "v1") return given === `Bearer ${keys.stripe}`;
  if (area === "basic") return given === basic(`me:${keys.stripe}`);
  if (area === "header") return headers["x-api-key"] === keys.stripe;
  if (area === "query") return searchParams.get("key") === keys.stripe;
  if (area === "hmac") return headers["x-signature"] === createHmac("sha256", keys.stripe).update(body).digest("hex");
  if (area === "jwt") return isJwt(given, keys.stripe);
  if (area === "sigv4") return isSigv4({ method, url, headers, body }, keys.aws);
  if (area === "oauth") return given === basic(keys.client) && `${body}`.includes("grant_type=client_credentials");
  return area === "crm" && given === `Bearer ${keys.exchanged}`;
}

const basic = (pair) => `Basic ${Buffer.from(pair).toString("base64")}`;

/** RFC 7515, with HS256. */
function isJwt(given, key) {
  const [header = "", claims = "", signature] = given.replace(/^Bearer /, "").split(".");
  const isOurs = createHmac("sha256", key).update(`${header}.${claims}`).digest("base64url") === signature;
  return isOurs && JSON.parse(Buffer.from(claims, "base64url").toString()).iss === "agent";
}

/** AWS Signature Version 4; `pair` is `ID:SECRET`. */
function isSigv4({ method, url, headers, body }, pair) {
  const [id, secret] = pair.split(":");
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=(\S+?)\/(\d{8})\/(\S+?)\/(\S+?)\/aws4_request, SignedHeaders=(\S+?), Signature=(\w+)$/;
  const [, who, date, region, service, names = "", signature] = pattern.exec(headers.authorization ?? "") ?? [];
  const { pathname, search } = new URL(url, "https://localhost");
  const lines = names.split(";").map((name) => `${name}:${headers[name]}\n`);
  const canonical = [method, pathname, search.slice(1), lines.join(""), names, sha256(body)].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [date, region, service, "aws4_request"].reduce((last, part) => hmac(last, part ?? ""), `AWS4${secret}`);
  return who === id && hmac(key, text).toString("hex") === signature;
}

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const hmac = (key, data) => createHmac("sha256", key).update(data).digest();
