/**
 * URLs as they are decided, and as they are sent: what comes out here is the only URL of the call (CHECKED-IS-USED).
 * The WHATWG parser reads it, so every spelling of an address, IDNA, dot segments (`%2e` too) and backslashes are
 * resolved once. Refused: other schemes, userinfo (`https://good.com@evil.com`), control characters and blanks
 * (the parser would drop them silently), host names that are none. The fragment is dropped; it is never sent.
 */
import { canonicalAddress } from "./address.ts";
import { escapeGlob } from "./glob-text.ts";
import { fail, ok, type Result } from "./result.ts";
import { hasLoneSurrogate, shown } from "./spelling.ts";

export interface CanonicalUrl {
  /** The whole URL as it is sent; the port only where it is not the scheme's. */
  readonly url: string;
  readonly scheme: "http" | "https";
  /** Lower case, IDNA, no trailing dot; an address as `canonicalAddress` writes it, without brackets. */
  readonly host: string;
  /** Always a number: 80 and 443 where the URL names none. */
  readonly port: number;
  /** Without the query; unreserved characters unescaped, escapes in upper case. */
  readonly path: string;
  /** The host is an address, not a name. */
  readonly isAddress: boolean;
}

/** UTF-16 units; more than any server takes. */
const MAX_LENGTH = 16_384;
/** Characters; RFC 1035. */
const MAX_HOST = 253;
const MAX_LABEL = 63;

/** `E_ARGUMENT` for everything that is not one clear http(s) URL. */
export function canonicalUrl(text: string): Result<CanonicalUrl> {
  const plain = plainUrl(text);
  return plain === null ? parsedUrl(text) : ok(plain);
}

export function parsedUrl(text: string): Result<CanonicalUrl> {
  const problem = textProblem(text);
  if (problem !== null) return refuse(text, problem);
  const url = parse(text);
  if (url === null) return refuse(text, "is not an absolute URL");
  const scheme = url.protocol === "https:" ? "https" : url.protocol === "http:" ? "http" : null;
  if (scheme === null) return refuse(text, "has another scheme than http and https");
  // An empty userinfo (`http://@host`) leaves no trace in the parsed URL, so the text is asked, too.
  if (url.username !== "" || url.password !== "" || authorityOf(text).includes("@")) {
    return refuse(
      `${scheme}://${url.hostname}`,
      "holds a user name or password before its host; send a header instead",
    );
  }
  const address = canonicalAddress(url.hostname);
  const host = address.ok ? address.value : canonicalName(url.hostname);
  if (host === null) return refuse(text, "has a host that is no name and no address");
  const port = url.port === "" ? DEFAULT_PORTS[scheme] : Number(url.port);
  // Port 0 means "the default" to HTTP clients, so it would be decided as one port and used as another.
  if (port === 0) return refuse(text, "has the port 0");
  const path = canonicalUrlPath(url.pathname);
  const authority = `${host.includes(":") ? `[${host}]` : host}${url.port === "" ? "" : `:${port}`}`;
  return ok({ url: `${scheme}://${authority}${path}${url.search}`, scheme, host, port, path, isAddress: address.ok });
}

/**
 * A URL that is canonical already, seen by its letters alone: nothing in it that the URL parser would read in any other
 * way than it stands there. Null: it has to be read (a test holds the two together). Starting the parser costs more than
 * all the rest of a decision.
 */
export function plainUrl(text: string): CanonicalUrl | null {
  const places = plainPlaces(text);
  if (places === null) return null;
  const { scheme, slash, end } = places;
  const host = text.slice(scheme.length + "://".length, slash);
  const path = text.slice(slash, end);
  return { url: text, scheme, host, port: DEFAULT_PORTS[scheme], path, isAddress: false };
}

export const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/** Where the path of a plain URL begins and ends, its query left out. */
export interface PlainPlaces {
  readonly scheme: CanonicalUrl["scheme"];
  readonly slash: number;
  readonly end: number;
}

export function plainPlaces(text: string): PlainPlaces | null {
  const scheme = text.charCodeAt(4) === SMALL_S ? "https" : "http";
  if (text.length > MAX_LENGTH || !text.startsWith(scheme === "https" ? "https://" : "http://")) return null;
  const slash = plainHostEnd(text, scheme.length + "://".length);
  if (slash === null) return null;
  const end = plainPathEnd(text, slash);
  return end === null ? null : { scheme, slash, end };
}

/** Where the `/` stands behind a name of labels whose last begins with a letter, so it is no address; no port. */
function plainHostEnd(text: string, start: number): number | null {
  const end = Math.min(text.length, start + MAX_HOST + 1);
  let label = start;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (BEYOND_LABEL[code] === 0) continue;
    if ((code !== DOT && code !== SLASH) || !isPlainLabel(text, label, at)) return null;
    if (code === SLASH) return text.charCodeAt(label) >= SMALL_A ? at : null;
    label = at + 1;
  }
  return null;
}

function isPlainLabel(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start);
  if (end === start || end - start > MAX_LABEL || first === DASH || text.charCodeAt(end - 1) === DASH) return false;
  return first !== SMALL_X || !text.startsWith("xn--", start);
}

/** Where its query begins, or its end. Null: some of it is not plain, or an empty query or a fragment. */
function plainPathEnd(text: string, slash: number): number | null {
  let query = 0;
  for (let at = slash; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (BEYOND_WORD[code] === 0 || code === SLASH) continue;
    if (code === QUESTION && query === 0) query = at;
    // Segments that begin with a dot are left to the parser, and such a query with them.
    else if (code === DOT ? text.charCodeAt(at - 1) === SLASH : query === 0 || (code !== EQUALS && code !== AND))
      return null;
  }
  if (query === 0) return text.length;
  return query === text.length - 1 ? null : query;
}

const [DASH, DOT, SLASH, QUESTION, EQUALS, AND] = [0x2d, 0x2e, 0x2f, 0x3f, 0x3d, 0x26];
const [SMALL_A, SMALL_S, SMALL_X] = [0x61, 0x73, 0x78];

/** By code of ASCII: 0 for the letters of these. */
const beyond = (letters: RegExp): Uint8Array =>
  Uint8Array.from({ length: 128 }, (_, code) => (letters.test(String.fromCharCode(code)) ? 0 : 1));

const BEYOND_LABEL = beyond(/[a-z0-9-]/);
const BEYOND_WORD = beyond(/[A-Za-z0-9_~-]/);

/**
 * The readings that servers on the way may give a path, cut at `/`: escapes resolved; then also backslashes as slashes,
 * `;parameters` cut off, empty and dot segments worked in. A grant must match all of them, a denial any.
 * Null: bytes that no path pattern can speak about (encoded slash, backslash, NUL or percent sign, invalid UTF-8).
 * They never match a grant with a path and always match a denial with one.
 */
export type PathReadings = readonly (readonly string[])[];

export function pathReadings(path: string): PathReadings | null {
  if (/%(?:2f|5c|00|25)/i.test(path)) return null;
  const decoded = decode(path);
  if (decoded === null) return null;
  const segments: string[] = [];
  for (const segment of decoded.replaceAll("\\", "/").split("/")) {
    const name = segment.replace(/;.*$/s, "");
    if (name === "..") segments.pop();
    else if (name !== "" && name !== ".") segments.push(name);
  }
  if (segments.length > 0 && decoded.endsWith("/")) segments.push("");
  return [decoded === "/" ? [] : decoded.slice(1).split("/"), segments];
}

/** A path pattern, which is percent-encoded, as those readings are: what an escape stands for is literal. */
export const decodedPattern = (pattern: string): string =>
  pattern.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => escapeGlob(decode(escapes) ?? escapes));

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** What stands between the scheme and the path, as the URL parser cuts it. */
function authorityOf(text: string): string {
  const rest = text.slice(text.indexOf(":") + 1).replace(/^[/\\]+/, "");
  return rest.slice(0, rest.search(/[/\\?#]|$/));
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function textProblem(text: string): string | null {
  if (text === "") return "is empty";
  if (text.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (/[\p{Cc}\p{Z}]/u.test(text)) return "holds a blank or a control character; write it percent-encoded";
  return hasLoneSurrogate(text) ? "is not valid Unicode" : null;
}

/** As the URL parser left it, without the dot at the end; null for what resolvers would guess about. */
function canonicalName(hostname: string): string | null {
  const host = hostname.replace(/\.$/, "");
  if (host.length > MAX_HOST || !/^[a-z0-9._-]+$/.test(host)) return null;
  const labels = host.split(".");
  return labels.every((label) => label !== "" && label.length <= MAX_LABEL) ? host : null;
}

/** RFC 3986 section 6.2.2: unreserved characters unescaped, escapes upper case, a lone `%` escaped. */
function canonicalUrlPath(pathname: string): string {
  const escaped = pathname.replace(/%(?![0-9a-f]{2})/gi, "%25");
  return escaped.replace(/%[0-9a-f]{2}/gi, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : code.toUpperCase();
  });
}

function refuse(text: string, problem: string): Result<never> {
  return fail({ code: "E_ARGUMENT", message: `the URL \`${shown(text)}\` ${problem}`, target: text });
}
