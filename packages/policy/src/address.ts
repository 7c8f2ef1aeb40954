/**
 * Addresses as they are decided: one spelling each, and a name for every range that does not lead to the public
 * internet. What this guards against is SSRF: a script that reaches this machine, its network or the metadata service
 * of its cloud through a spelling nobody thought of (`0x7f.1`, `[::ffff:7f00:1]`, `::7f00:1`) or through an IPv6
 * address that a translator turns into an IPv4 one. ipaddr.js parses; the ranges are ours, from the IANA registries
 * of special-purpose addresses (RFC 6890 and its updates), because its own list takes `::/96` for public.
 */
import ipaddr from "ipaddr.js";
import { fail, ok, type Result } from "./result.ts";
import { shown } from "./spelling.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

/** Only these are never opened by `private_hosts`: nothing but the literal address in a grant reaches them. */
export const LITERAL_ONLY: ReadonlySet<string> = new Set(["link-local", "metadata"]);

/** First match names the range, so services of clouds come before the ranges they lie in. */
const SPECIAL: readonly (readonly [name: string, ranges: readonly string[]])[] = [
  // AWS (also IPv6), Google, Azure, Oracle, Alibaba, Tencent.
  ["metadata", ["169.254.169.254/32", "169.254.169.253/32", "169.254.170.2/32", "169.254.170.23/32", "fd00:ec2::/32"]],
  ["metadata", ["fd20:ce::254/128", "168.63.129.16/32", "192.0.0.192/32", "100.100.100.200/32", "169.254.0.23/32"]],
  ["unspecified", ["0.0.0.0/8", "::/128"]],
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["link-local", ["169.254.0.0/16", "fe80::/10"]],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"]],
  ["shared (carrier-grade NAT)", ["100.64.0.0/10"]],
  ["broadcast", ["255.255.255.255/32"]],
  ["multicast", ["224.0.0.0/4", "ff00::/8"]],
  ["benchmarking", ["198.18.0.0/15", "2001:2::/48"]],
  ["documentation", ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"]],
  ["IPv4-compatible", ["::/96"]],
  ["IPv4-mapped", ["::ffff:0:0/96"]],
  ["IPv4-translated", ["::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48"]],
  ["6to4", ["2002::/16", "192.88.99.0/24"]],
  ["Teredo", ["2001::/32"]],
  ["reserved", ["192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24", "240.0.0.0/4"]],
  ["reserved", ["2001::/23", "2620:4f:8000::/48"]],
];

/** Everything that IANA has given out to the public internet; the rest of IPv6 is not ours to guess about. */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");
const OWN = ipaddr.parseCIDR("::/127");

/** Where an IPv6 address of a range carries an IPv4 one: index of its two 16-bit parts. */
const EMBEDDED: readonly (readonly [range: string, part: number, inverted?: "inverted"])[] = [
  ["::/96", 6],
  ["::ffff:0:0/96", 6],
  ["::ffff:0:0:0/96", 6],
  ["64:ff9b::/96", 6],
  ["64:ff9b:1::/48", 6],
  ["2002::/16", 1],
  // RFC 4380: server in the clear, client with its bits inverted.
  ["2001::/32", 2],
  ["2001::/32", 6, "inverted"],
];

/**
 * The one spelling of an address: IPv4 as four decimal numbers, whatever it was (decimal, octal, hexadecimal, short,
 * IPv4-mapped), IPv6 by RFC 5952 without brackets. `E_ARGUMENT` for anything else, zone ids included.
 */
export function canonicalAddress(text: string): Result<string> {
  const address = parse(text);
  if (address !== null) return ok(address.toString());
  return fail({ code: "E_ARGUMENT", message: `\`${shown(text)}\` is not an address`, target: text });
}

/** The name of the special-purpose range that an address (or an IPv4 address inside it) lies in; null for public ones. */
export function specialPurpose(text: string): string | null {
  const address = parse(text);
  return address === null ? "not an address" : (specialRange(address) ?? null);
}

/** Does a range (CIDR or single address) hold the address, or an IPv4 address that is embedded in it? */
export function inRange(text: string, range: string): boolean {
  const address = parse(text);
  const cidr = parseRange(range);
  return address !== null && cidr !== null && [address, ...embedded(address)].some((one) => holds(cidr, one));
}

/** The first and the last address of a range, and the two beside them: between such places, nothing changes. */
export function rangeEnds(range: string): readonly string[] {
  const cidr = parseRange(range);
  if (cidr === null) return [];
  const [address, bits] = cidr;
  const size = isV6(address) ? 128 : 32;
  const number = address.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const span = 1n << BigInt(size - bits);
  const first = (number / span) * span;
  const ends = [first, first + span - 1n, first + span, first - 1n];
  return ends.filter((one) => one >= 0n && one < 1n << BigInt(size)).map((one) => addressOf(one, size));
}

/** Of every special-purpose range. */
export const specialRangeEnds = (): readonly string[] => SPECIAL.flatMap(([, ranges]) => ranges.flatMap(rangeEnds));

function addressOf(number: bigint, size: number): string {
  const bytes = Array.from({ length: size / 8 }, (_, at) => Number((number >> BigInt(size - 8 * (at + 1))) & 0xffn));
  return parse(ipaddr.fromByteArray(bytes).toString())?.toString() ?? "";
}

/** Is the address itself, and every IPv4 address embedded in it that is special, in one of the ranges? */
export function coveredBy(text: string, ranges: readonly string[]): boolean {
  const address = parse(text);
  if (address === null) return false;
  const cidrs = ranges.map(parseRange).filter((cidr) => cidr !== null);
  const parts = [address, ...embedded(address).filter((one) => specialRange(one) !== null)];
  return parts.every((one) => cidrs.some((cidr) => holds(cidr, one)));
}

/** The ranges that lie in both lists. Of two ranges one holds the other, or they have nothing in common. */
export function meetRanges(some: readonly string[], others: readonly string[]): readonly string[] {
  const pairs = some.flatMap((one) => others.map((other) => [one, other] as const));
  return [...new Set(pairs.flatMap(([one, other]) => innerRange(one, other)))];
}

function innerRange(one: string, other: string): readonly string[] {
  const [first, second] = [parseRange(one), parseRange(other)];
  if (first === null || second === null) return [];
  const [narrow, wide, text] = first[1] >= second[1] ? [first, second, one] : [second, first, other];
  return holds(wide, narrow[0]) ? [text] : [];
}

/** Names of all special ranges that the address and the IPv4 addresses inside it lie in. */
export function specialPurposes(text: string): readonly string[] {
  const address = parse(text);
  if (address === null) return ["not an address"];
  return [address, ...embedded(address)].map(specialRange).filter((name) => name !== null);
}

function specialRange(address: Address): string | null {
  for (const [name, ranges] of PARSED_SPECIAL) {
    if (ranges.some((range) => holds(range, address))) return name;
  }
  return address.kind() === "ipv6" && !holds(GLOBAL_UNICAST, address) ? "reserved" : null;
}

function embedded(address: Address): readonly Address[] {
  // `::` and `::1` are themselves, not 0.0.0.0 and 0.0.0.1.
  if (!isV6(address) || holds(OWN, address)) return [];
  const found: Address[] = [];
  for (const [range, part, inverted] of PARSED_EMBEDDED) {
    if (!holds(range, address)) continue;
    const mask = inverted === undefined ? 0 : 0xffff;
    const high = (address.parts[part] ?? 0) ^ mask;
    const low = (address.parts[part + 1] ?? 0) ^ mask;
    found.push(new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]));
  }
  return found;
}

const isV6 = (address: Address): address is ipaddr.IPv6 => address.kind() === "ipv6";

/** As the URL parser reads hosts, so that what is decided is what a connection would go to. */
function parse(text: string): Address | null {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (bare.includes(":")) return parseV6(bare);
  if (bare !== text || !/^[0-9a-fx.]+$/i.test(bare)) return null;
  // A dot at the end is a spelling, too: `127.0.0.1.`
  const url = URL.canParse(`http://${bare}/`) ? new URL(`http://${bare}/`).hostname : "";
  return ipaddr.IPv4.isValidFourPartDecimal(url) ? ipaddr.IPv4.parse(url) : null;
}

function parseV6(text: string): Address | null {
  if (!/^[0-9a-f:.]+$/i.test(text) || !URL.canParse(`http://[${text}]/`)) return null;
  const address = ipaddr.IPv6.parse(new URL(`http://[${text}]/`).hostname.slice(1, -1));
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function holds([range, bits]: Range, address: Address): boolean {
  if (isV6(range)) return isV6(address) && address.match(range, bits);
  return !isV6(address) && address.match(range, bits);
}

const PARSED_SPECIAL = SPECIAL.map(([name, ranges]) => [name, ranges.map((range) => ipaddr.parseCIDR(range))] as const);
const PARSED_EMBEDDED = EMBEDDED.map(([range, part, inverted]) => [ipaddr.parseCIDR(range), part, inverted] as const);

/** A range in a policy: CIDR, or one address. Mapped IPv4 ranges are IPv4 ranges. */
function parseRange(text: string): Range | null {
  if (!text.includes("/")) {
    const single = parse(text);
    return single === null ? null : [single, isV6(single) ? 128 : 32];
  }
  if (!ipaddr.isValidCIDR(text)) return null;
  const [address, bits] = ipaddr.parseCIDR(text);
  if (isV6(address) && address.isIPv4MappedAddress() && bits >= 96) return [address.toIPv4Address(), bits - 96];
  return [address, bits];
}
