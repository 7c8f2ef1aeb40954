/**
 * `http_*_allow` and `deny_hosts` entries to scheme, host, port and path. What this guards: a grant says exactly one
 * scheme and port (https unless it names another), loopback is never granted without a port, and a host has one
 * spelling (lower case, IDNA, addresses normalized), so that `0x7f.1`, `[::ffff:127.0.0.1]` and `127.0.0.1` are one.
 * A denial covers every scheme and port unless it names them, and everything below its path.
 */
import ipaddr from "ipaddr.js";
import { expandBraces, validateGlob } from "./glob-text.ts";
import type { HostPattern } from "./policy-data.ts";
import { type Misread, misread } from "./problem.ts";
import { CONTROL, shown } from "./spelling.ts";
import { canonicalUrl } from "./url.ts";

export type HostPatterns = { readonly ok: true; readonly patterns: readonly HostPattern[] } | Misread;

const EXAMPLE = "write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`";

export function compileHost(text: string, denies: boolean): HostPatterns {
  const parts = cut(text);
  if (!parts.ok) return parts;
  const host = canonicalHost(parts.host);
  if (typeof host !== "string") return host;
  const paths = compileUrlPath(parts.path);
  if (!paths.ok) return paths;
  const loopback = isLoopback(host);
  if (!denies && loopback && parts.port === null) {
    return misread(
      `\`${shown(host)}\` is this machine: a grant needs a port`,
      `write \`${host.includes(":") ? `[${host}]` : host}:PORT\``,
    );
  }
  const scheme = parts.scheme ?? (denies ? "*" : loopback ? "http" : "https");
  const port = parts.port ?? (denies ? "*" : scheme === "http" ? 80 : 443);
  return { ok: true, patterns: paths.paths.map((path) => ({ scheme, host, port, path })) };
}

/** A plain name, for the keys of `private_hosts`. */
export function compileHostName(text: string): { readonly ok: true; readonly host: string } | Misread {
  const host = /[*/:\s]/.test(text) ? null : canonicalHost(text);
  if (host === null)
    return misread(`\`${shown(text)}\` is not a host name`, "write the name alone, such as `status.internal`");
  if (typeof host !== "string") return host;
  if (ipaddr.isValid(host))
    return misread("an address can not be resolved further", "grant the address itself instead");
  return { ok: true, host };
}

/** What a host text names itself, its host as written. Null: it is no host text. */
export function hostParts(text: string): Omit<Parts, "ok"> | null {
  const parts = cut(text);
  return parts.ok ? parts : null;
}

interface Parts {
  readonly ok: true;
  readonly scheme: "http" | "https" | null;
  readonly host: string;
  readonly port: number | "*" | null;
  readonly path: string | null;
}

function cut(text: string): Parts | Misread {
  if (text === "") return misread("the host is empty", EXAMPLE);
  if (/[\s#]/.test(text) || CONTROL.test(text))
    return misread("a host pattern holds no white space and no `#`", EXAMPLE);
  const [, scheme = null, rest = ""] = /^(?:([^/:]*):\/\/)?(.*)$/.exec(text) ?? [];
  const known = scheme?.toLowerCase() ?? null;
  if (known !== null && known !== "http" && known !== "https") {
    return misread(`the scheme \`${shown(scheme ?? "")}\` is not supported`, "`http` and `https` are");
  }
  const slash = rest.indexOf("/");
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  const path = slash === -1 ? null : rest.slice(slash);
  if (authority.includes("@")) return misread("a host pattern holds no user name", EXAMPLE);
  if (ipaddr.IPv6.isValid(authority)) return { ok: true, scheme: known, host: authority, port: null, path };
  const found = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/.exec(authority);
  const port = readPort(found?.[2]);
  if (found === null || port === undefined) {
    return misread(`\`${shown(authority)}\` is not a host with a port`, "ports are 1 to 65535, or `*` for every port");
  }
  return { ok: true, scheme: known, host: found[1] ?? "", port, path };
}

function readPort(text: string | undefined): number | "*" | null | undefined {
  if (text === undefined) return null;
  if (text === "*") return "*";
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function canonicalHost(text: string): string | Misread {
  if (text === "*") return "*";
  const name = text.startsWith("*.") ? text.slice(2) : text;
  const host = canonicalName(name);
  if (host === null) return misread(`\`${shown(text)}\` is not a host`, EXAMPLE);
  if (name === text) return host;
  return ipaddr.isValid(host) ? misread("an address has no names below it", EXAMPLE) : `*.${host}`;
}

/** In the spelling in which URLs are decided. */
function canonicalName(name: string): string | null {
  if (PLAIN_NAME.test(name) && name.length <= 253) return name.toLowerCase();
  if (/[*?{}%\\]/.test(name)) return null;
  const url = canonicalUrl(`http://${name.includes(":") && !name.startsWith("[") ? `[${name}]` : name}/`);
  return url.ok ? url.value.host : null;
}

/** A name that the URL parser only makes lower case: no address in any spelling, nothing encoded. Starting that parser takes a millisecond. */
const PLAIN_NAME = /^(?:(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!xn--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** The unspecified addresses reach this machine too. */
function isLoopback(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return (
    !PLAIN_NAME.test(host) && ipaddr.isValid(host) && ["loopback", "unspecified"].includes(ipaddr.parse(host).range())
  );
}

/** Path globs as canonical URLs write paths: percent-encoded; null for every path. */
function compileUrlPath(
  text: string | null,
): { readonly ok: true; readonly paths: readonly (string | null)[] } | Misread {
  if (text === null) return { ok: true, paths: [null] };
  if (text.includes("?")) return misread("a query can not be matched", "end the pattern before the `?`, or use `*`");
  if (/%(?![0-9a-f]{2})/i.test(text)) {
    return misread("`%` begins an escape such as `%20`", "write `%25` for the character");
  }
  if (/\[[^\]]*(?:%|\P{ASCII})/u.test(text)) return misread("`[…]` in the path of a URL holds plain ASCII only");
  const path = normalizeEscapes(text.normalize("NFC"));
  const problem = validateGlob(path);
  if (problem !== null) return misread(`the path pattern ${problem}`);
  const paths: (string | null)[] = [];
  for (const one of expandBraces(path) ?? []) {
    const encoded = one.replace(/\/$/, "/**").replace(/\P{ASCII}+/gu, encodeURIComponent);
    paths.push(encoded === "/**" ? null : encoded);
  }
  return { ok: true, paths };
}

/** RFC 3986, section 6.2.2, as in the URLs that are decided: needless escapes undone, the rest in upper case. */
const normalizeEscapes = (path: string): string =>
  path.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : escaped.toUpperCase();
  });
