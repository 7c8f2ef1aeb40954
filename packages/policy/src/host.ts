/**
 * Where a request may go. First the URL, lexically: scheme, host, port and path, so that a name is only resolved once
 * it is allowed. Then every address: nothing that is special-purpose (this machine, its network, the metadata service
 * of its cloud) unless the operator wrote that very address, `localhost`, or a range for that name. The second step
 * also runs on URLs that hold an address or `localhost`, so that `explain`, which never resolves, gives the same answer.
 */
import { canonicalAddress, coveredBy, inRange, LITERAL_ONLY, specialPurposes } from "./address.ts";
import { compileSegments } from "./glob.ts";
import type { HostPattern } from "./policy-data.ts";
import { fold } from "./spelling.ts";
import {
  type CanonicalUrl,
  canonicalUrl,
  DEFAULT_PORTS,
  decodedPattern,
  type PathReadings,
  type PlainPlaces,
  pathReadings,
  plainPlaces,
} from "./url.ts";

/** A URL that is about to be matched, read once. */
export interface UrlText extends CanonicalUrl {
  readonly readings: PathReadings | null;
}

/** Reads a URL target; null if its value is not canonical. */
export function urlText(value: string): UrlText | null {
  const plain = plainPlaces(value);
  if (plain !== null) return new PlainUrl(value, plain);
  const read = canonicalUrl(value);
  return read.ok && read.value.url === value ? { ...read.value, readings: pathReadings(read.value.path) } : null;
}

/** The usual URL: its path is cut out, and the readings of that are made, where a pattern asks for them. */
class PlainUrl implements UrlText {
  readonly url: string;
  readonly scheme: CanonicalUrl["scheme"];
  readonly host: string;
  readonly port: number;
  readonly isAddress = false;
  readonly #places: PlainPlaces;
  #readings: PathReadings | null | undefined;

  constructor(url: string, places: PlainPlaces) {
    const { scheme, slash } = places;
    this.url = url;
    this.scheme = scheme;
    this.host = url.slice(scheme.length + "://".length, slash);
    this.port = DEFAULT_PORTS[scheme];
    this.#places = places;
  }

  get path(): string {
    return this.url.slice(this.#places.slash, this.#places.end);
  }

  get readings(): PathReadings | null {
    if (this.#readings === undefined) this.#readings = pathReadings(this.path);
    return this.#readings;
  }
}

export interface HostGrant {
  /** The address that the pattern names literally, or null. */
  readonly address: string | null;
  readonly host: string;
  /** It names this machine, by a name or by an address. */
  readonly isThisMachine: boolean;
  /** For grants: every reading of the URL's path is meant. */
  matches(url: UrlText): boolean;
  /** For denials: some reading of it is, or something below it. */
  matchesLoosely(url: UrlText): boolean;
  /** The same place by another name: on that port, one of these addresses, or this machine if the pattern is. */
  isReached(url: UrlText, addresses: readonly string[]): boolean;
}

export function compileHostPattern(pattern: HostPattern): HostGrant {
  const literal = canonicalAddress(pattern.host);
  const address = literal.ok ? literal.value : null;
  const onHost = hostTest(address ?? pattern.host);
  const onPlace = (url: UrlText) => isAt(url, pattern.scheme, pattern.port) && onHost(url);
  const path = pattern.path === null ? null : compilePath(pattern.path);
  const isHere = isThisMachine(address ?? pattern.host);
  return {
    address,
    host: address ?? pattern.host,
    isThisMachine: isHere,
    matches: (url) => onPlace(url) && (path === null || path.meansAll(url.readings)),
    matchesLoosely: (url) => onPlace(url) && (path === null || path.meansSome(url.readings)),
    isReached: (url, addresses) =>
      (pattern.port === "*" || pattern.port === url.port) &&
      addresses.some((one) => one === address || (isHere && leadsHere(one))),
  };
}

/** By its scheme and its port, whatever its host is. */
export const isAt = (url: UrlText, scheme: HostPattern["scheme"], port: HostPattern["port"]): boolean =>
  (scheme === "*" || scheme === url.scheme) && (port === "*" || port === url.port);

/** What stands between a URL that a grant covers and an address that it leads to: the name of the range, or null. */
export function addressProblem(
  address: string,
  url: UrlText,
  grants: readonly HostGrant[],
  privateHosts: Readonly<Record<string, readonly string[]>>,
): string | null {
  if (url.isAddress && url.host !== address) return "not the address of the URL";
  const purposes = specialPurposes(address);
  const [purpose] = purposes;
  if (purpose === undefined || grants.some((grant) => grant.address === address)) return null;
  if (purposes.some((name) => LITERAL_ONLY.has(name)))
    return purposes.find((name) => LITERAL_ONLY.has(name)) ?? purpose;
  const loopback = purposes.every((name) => name === "loopback");
  if (loopback && grants.some((grant) => grant.host === "localhost")) return null;
  const ranges = Object.hasOwn(privateHosts, url.host) ? (privateHosts[url.host] ?? []) : [];
  return !url.isAddress && coveredBy(address, ranges) ? null : purpose;
}

/** The addresses that a URL names without any resolving: RFC 6761 makes `localhost` and everything below it loopback. */
export function lexicalAddresses(url: UrlText): readonly string[] {
  if (url.isAddress) return [url.host];
  return url.host === "localhost" || url.host.endsWith(".localhost") ? ["127.0.0.1"] : [];
}

/** The names and addresses under which this machine's own servers are granted. */
export const isThisMachine = (host: string): boolean =>
  host === "localhost" || host.endsWith(".localhost") || (canonicalAddress(host).ok && leadsHere(host));

/** The unspecified addresses reach this machine, too. */
const leadsHere = (address: string): boolean =>
  specialPurposes(address).some((name) => name === "loopback" || name === "unspecified");

/** `deny_ips`: IPv4 ranges also hold the IPv6 addresses that lead to them. */
export const inAnyRange = (address: string, ranges: readonly string[]): boolean =>
  ranges.some((range) => inRange(address, range));

function hostTest(host: string): (url: UrlText) => boolean {
  if (host === "*") return () => true;
  if (!host.startsWith("*.")) return (url) => url.host === host;
  const suffix = host.slice(1);
  // `*.0.0.1` is no way to write addresses.
  return (url) => !url.isAddress && url.host.endsWith(suffix) && url.host.length > suffix.length;
}

function compilePath(pattern: string) {
  const plain = compileSegments(decodedPattern(pattern), false);
  const folded = compileSegments(decodedPattern(pattern), true);
  return {
    meansAll: (readings: PathReadings | null) => readings?.every((segments) => plain.matches(segments, false)) ?? false,
    // Servers may take `/ADMIN` for `/admin`.
    meansSome: (readings: PathReadings | null) =>
      readings === null ||
      readings.some((segments) => plain.matches(segments, true) || folded.matches(segments.map(fold), true)),
  };
}
