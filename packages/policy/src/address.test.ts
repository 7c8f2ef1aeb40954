import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalAddress, coveredBy, inRange, specialPurpose, specialPurposes } from "./address.ts";

const canonical = (text: string) => {
  const address = canonicalAddress(text);
  return address.ok ? address.value : address.failure.code;
};

describe("an address has one spelling", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["127.0.0.1.", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["127.0.1", "127.0.0.1"],
    ["127.65535", "127.0.255.255"],
    ["2130706433", "127.0.0.1"],
    ["0x7f000001", "127.0.0.1"],
    ["0X7F000001", "127.0.0.1"],
    ["0x7f.1", "127.0.0.1"],
    ["0x7f.0x0.0x0.0x1", "127.0.0.1"],
    ["0177.0.0.1", "127.0.0.1"],
    ["0177.0.0.01", "127.0.0.1"],
    ["00000177.1", "127.0.0.1"],
    ["017700000001", "127.0.0.1"],
    ["0x7f.0.0.01", "127.0.0.1"],
    ["0", "0.0.0.0"],
    ["0x", "0.0.0.0"],
    ["0.0", "0.0.0.0"],
    ["4294967295", "255.255.255.255"],
    ["2852039166", "169.254.169.254"],
    ["0xa9fea9fe", "169.254.169.254"],
    ["0251.0376.0251.0376", "169.254.169.254"],
    ["169.254.43518", "169.254.169.254"],
    ["8.8.8.8", "8.8.8.8"],
    ["::1", "::1"],
    ["[::1]", "::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["0000:0000:0000:0000:0000:0000:0000:0001", "::1"],
    ["::", "::"],
    ["::0.0.0.1", "::1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["[::ffff:127.0.0.1]", "127.0.0.1"],
    ["::ffff:7f00:1", "127.0.0.1"],
    ["::FFFF:7F00:0001", "127.0.0.1"],
    ["0:0:0:0:0:ffff:7f00:1", "127.0.0.1"],
    ["::ffff:8.8.8.8", "8.8.8.8"],
    ["::127.0.0.1", "::7f00:1"],
    ["::7f00:1", "::7f00:1"],
    ["64:ff9b::127.0.0.1", "64:ff9b::7f00:1"],
    ["2001:DB8::0:1", "2001:db8::1"],
    ["2606:4700:4700:0:0:0:0:1111", "2606:4700:4700::1111"],
    ["fe80::1", "fe80::1"],
  ])("%s is %s", (text, expected) => expect(canonical(text)).toBe(expected));

  test.each([
    "",
    " ",
    "localhost",
    "256.1.1.1",
    "1.2.3.4.5",
    "1..2",
    ".1.2.3.4",
    "08.0.0.1",
    "09",
    "0x7g",
    "-1",
    "1e3",
    "4294967296",
    "127.0.0.1/8",
    "127.0.0.1:80",
    "127.0.0.1 ",
    "127.0.0.1\0",
    "\uff11\uff12\uff17.0.0.1",
    "[127.0.0.1]",
    "[::1",
    "::1]",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "::1%",
    "1::2::3",
    "::ffff:300.0.0.1",
    "12345::",
    "g::1",
    ":::",
    "example.com",
  ])("%j is none", (text) => expect(canonical(text)).toBe("E_ARGUMENT"));

  test("canonicalization is idempotent", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4Extended(), fc.ipV6(), fc.string({ maxLength: 20 })), (text) => {
        const once = canonicalAddress(text);
        if (once.ok) expect(canonicalAddress(once.value)).toEqual(once);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a special-purpose range has a name", () => {
  test.each([
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["::1", "loopback"],
    ["0.0.0.0", "unspecified"],
    ["0.1.2.3", "unspecified"],
    ["::", "unspecified"],
    ["10.0.0.1", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["fc00::1", "private"],
    ["fd12:3456::1", "private"],
    ["fec0::1", "private"],
    ["169.254.1.1", "link-local"],
    ["fe80::1", "link-local"],
    ["febf::1", "link-local"],
    ["169.254.169.254", "metadata"],
    ["169.254.170.2", "metadata"],
    ["fd00:ec2::254", "metadata"],
    ["fd20:ce::254", "metadata"],
    ["100.100.100.200", "metadata"],
    ["168.63.129.16", "metadata"],
    ["192.0.0.192", "metadata"],
    ["100.64.0.1", "shared (carrier-grade NAT)"],
    ["100.127.255.255", "shared (carrier-grade NAT)"],
    ["192.0.0.1", "reserved"],
    ["192.31.196.1", "reserved"],
    ["192.52.193.1", "reserved"],
    ["192.175.48.1", "reserved"],
    ["192.0.2.1", "documentation"],
    ["198.51.100.1", "documentation"],
    ["203.0.113.255", "documentation"],
    ["2001:db8::1", "documentation"],
    ["3fff::1", "documentation"],
    ["198.18.0.1", "benchmarking"],
    ["198.19.255.255", "benchmarking"],
    ["2001:2::1", "benchmarking"],
    ["192.88.99.1", "6to4"],
    ["2002:7f00:1::", "6to4"],
    ["2002:808:808::1", "6to4"],
    ["224.0.0.1", "multicast"],
    ["239.255.255.255", "multicast"],
    ["ff02::1", "multicast"],
    ["240.0.0.1", "reserved"],
    ["255.255.255.254", "reserved"],
    ["255.255.255.255", "broadcast"],
    ["::7f00:1", "IPv4-compatible"],
    ["::808:808", "IPv4-compatible"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:10.0.0.1", "private"],
    ["::ffff:0:7f00:1", "IPv4-translated"],
    ["64:ff9b::a9fe:a9fe", "IPv4-translated"],
    ["64:ff9b::808:808", "IPv4-translated"],
    ["64:ff9b:1::1", "IPv4-translated"],
    ["2001::1", "Teredo"],
    ["2001:0:53aa:64c:0:0:80ff:fffe", "Teredo"],
    ["2001:10::1", "reserved"],
    ["2001:20::1", "reserved"],
    ["2620:4f:8000::1", "reserved"],
    ["100::1", "reserved"],
    ["5f00::1", "reserved"],
    ["4000::1", "reserved"],
    ["e000::1", "reserved"],
    ["2130706433", "loopback"],
    ["nonsense", "not an address"],
  ])("%s is %s", (address, name) => expect(specialPurpose(address)).toBe(name));

  test.each(["8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "100.63.255.255"])(
    "%s is public",
    (address) => expect(specialPurpose(address)).toBeNull(),
  );
  test.each([
    "100.128.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
  ])("%s is public", (address) => expect(specialPurpose(address)).toBeNull());
  test.each(["2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888", "::ffff:8.8.8.8"])(
    "%s is public",
    (address) => expect(specialPurpose(address)).toBeNull(),
  );

  test("an IPv4 address inside an IPv6 one is judged, too", () => {
    expect(specialPurposes("64:ff9b::a9fe:a9fe")).toEqual(["IPv4-translated", "metadata"]);
    expect(specialPurposes("64:ff9b:1::a9fe:a9fe")).toEqual(["IPv4-translated", "metadata"]);
    expect(specialPurposes("::ffff:0:a9fe:a9fe")).toEqual(["IPv4-translated", "metadata"]);
    expect(specialPurposes("2002:7f00:1::")).toEqual(["6to4", "loopback"]);
    expect(specialPurposes("::1")).toEqual(["loopback"]);
    expect(specialPurposes("::7f00:1")).toEqual(["IPv4-compatible", "loopback"]);
    expect(specialPurposes("2001:0:a00:1:0:0:80ff:fffe")).toEqual(["Teredo", "private", "loopback"]);
  });
});

describe("a range", () => {
  test.each([
    ["169.254.169.254", "169.254.0.0/16", true],
    ["::ffff:169.254.169.254", "169.254.0.0/16", true],
    ["64:ff9b::a9fe:a9fe", "169.254.0.0/16", true],
    ["2002:a9fe:a9fe::", "169.254.0.0/16", true],
    ["::a9fe:a9fe", "169.254.0.0/16", true],
    ["8.8.8.8", "8.8.8.8", true],
    ["8.8.8.8", "8.8.8.8/32", true],
    ["8.8.4.4", "8.8.8.8", false],
    ["10.1.2.3", "::ffff:10.0.0.0/104", true],
    ["2606:4700::1", "2606:4700::/32", true],
    ["2606:4701::1", "2606:4700::/32", false],
    ["8.8.8.8", "::/0", false],
    ["2606:4700::1", "0.0.0.0/0", false],
    ["8.8.8.8", "0.0.0.0/0", true],
    ["8.8.8.8", "nonsense/8", false],
    ["nonsense", "0.0.0.0/0", false],
  ])("with %s in %s is %s", (address, range, expected) => expect(inRange(address, range)).toBe(expected));

  test("covers an address only with the special addresses that are inside it", () => {
    expect(coveredBy("10.2.0.1", ["10.2.0.0/16"])).toBe(true);
    expect(coveredBy("10.3.0.1", ["10.2.0.0/16"])).toBe(false);
    expect(coveredBy("64:ff9b::a00:1", ["64:ff9b::/96"])).toBe(false);
    expect(coveredBy("64:ff9b::a00:1", ["64:ff9b::/96", "10.0.0.0/8"])).toBe(true);
    expect(coveredBy("64:ff9b::808:808", ["64:ff9b::/96"])).toBe(true);
    expect(coveredBy("10.2.0.1", [])).toBe(false);
  });
});
