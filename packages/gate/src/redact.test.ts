/** Every form that is scrubbed, and what chunks change of it. (Longer than other files: a case a form.) */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redactor, WITHHELD } from "./redact.ts";

const KEY = "sk_Live-7f3K/q9+Zx";
const MARK = "[redacted env:KEY]";

function redactorOf(...values: readonly string[]): Redactor {
  const redactor = new Redactor();
  for (const [at, value] of values.entries()) redactor.register(value, at === 0 ? "env:KEY" : `env:KEY${at + 1}`);
  return redactor;
}

const bytes = (text: string): number[] => [...new TextEncoder().encode(text)];
const hex = (codes: readonly number[]): string => Buffer.from(codes).toString("hex");
const reversed = (text: string): string => [...text].reverse().join("");
const xored = (text: string, key: number): number[] => bytes(text).map((byte) => byte ^ key);
const rot13 = (text: string): string =>
  text.replace(/[a-z]/gi, (c) => {
    const first = c <= "Z" ? 65 : 97;
    return String.fromCharCode(((c.charCodeAt(0) - first + 13) % 26) + first);
  });

describe("forms", () => {
  const codes = bytes(KEY);
  const forms: Record<string, string> = {
    raw: KEY,
    "upper case": KEY.toUpperCase(),
    "lower case": KEY.toLowerCase(),
    "mixed case": KEY.replace(/[aeiou]/g, (c) => c.toUpperCase()),
    reversed: reversed(KEY),
    "hex, lower": hex(codes),
    "hex, upper": hex(codes).toUpperCase(),
    "hex of the reversed": hex(bytes(reversed(KEY))),
    base64: btoa(KEY),
    base64url: Buffer.from(KEY).toString("base64url"),
    "percent, component": encodeURIComponent(KEY),
    "percent, URL": encodeURI(KEY),
    "percent, every byte": codes.map((code) => `%${hex([code])}`).join(""),
    "form encoding": new URLSearchParams({ "": KEY }).toString().slice(1),
    "unicode escapes": codes.map((code) => `\\u00${hex([code])}`).join(""),
    "hex escapes": codes.map((code) => `\\x${hex([code])}`).join(""),
    "escaped slash": KEY.replace("/", "\\/"),
    rot13: rot13(KEY),
    "xor, hex": hex(xored(KEY, 0x5a)),
    "xor with 255, hex": hex(xored(KEY, 255)),
    "xor, printable": String.fromCharCode(...xored(KEY, 1)),
    "UTF-16 hex, little endian": Buffer.from(KEY, "utf16le").toString("hex"),
    "UTF-16 hex, big endian": Buffer.from(KEY, "utf16le").swap16().toString("hex"),
    "one character a line": [...KEY].join("\n"),
    "spaced out": [...KEY].join(" "),
    "an array of characters": JSON.stringify([...KEY]).slice(1, -1),
    "entities, decimal": codes.map((code) => `&#${code};`).join(""),
    "entities, hex": codes.map((code) => `&#x${code.toString(16)};`).join(""),
  };
  for (const separator of [", ", " ", ",", "\n"]) {
    forms[`decimal codes by ${JSON.stringify(separator)}`] = codes.join(separator);
    forms[`hex codes by ${JSON.stringify(separator)}`] = codes.map((code) => hex([code])).join(separator);
    forms[`0x codes by ${JSON.stringify(separator)}`] = codes.map((code) => `0x${hex([code])}`).join(separator);
  }

  for (const [name, form] of Object.entries(forms)) {
    test(`${name} is found as a whole`, () => {
      expect(redactorOf(KEY).scrub(`before {${form}} after`)).toBe(`before {${MARK}} after`);
    });
  }

  test("every rotation is found", () => {
    const redactor = redactorOf("hunterhunter");
    for (let by = 1; by <= 25; by += 1) {
      const text = [..."hunterhunter"]
        .map((c) => String.fromCharCode(((c.charCodeAt(0) - 97 + by) % 26) + 97))
        .join("");
      expect(redactor.scrub(text)).toBe(MARK);
    }
  });

  test("every single-byte XOR is found in hex, and raw where all of it is printable", () => {
    const redactor = redactorOf(KEY);
    for (let key = 1; key <= 255; key += 1) {
      expect(redactor.contains(hex(xored(KEY, key)))).toBe(true);
      const raw = xored(KEY, key);
      const printable = raw.every((code) => (code >= 0x20 && code < 0x7f) || code >= 0xa0);
      if (printable) expect(redactor.scrub(String.fromCharCode(...raw))).toBe(MARK);
    }
  });

  test("base64 is found at each offset, but for the characters that it shares with its neighbours", () => {
    const redactor = redactorOf(KEY);
    for (const before of ["", "a", "ab", "me:"]) {
      for (const after of ["", "z", "zz", "zzz"]) {
        const text = btoa(before + KEY + after);
        const scrubbed = redactor.scrub(text);
        expect(scrubbed).toContain(MARK);
        const left = scrubbed.replace(MARK, "").replace(/=/g, "").length;
        expect(left).toBeLessThanOrEqual(Math.ceil((before.length * 4) / 3) + Math.ceil((after.length * 4) / 3) + 1);
      }
    }
  });

  test("what JSON and HTML escape is found escaped, once and twice", () => {
    const value = `a"b\\c<d>&'e\tf`;
    const redactor = redactorOf(value);
    for (const form of [
      JSON.stringify(value).slice(1, -1),
      JSON.stringify(JSON.stringify(value)).slice(3, -3),
      "a&quot;b\\c&lt;d&gt;&amp;&#39;e\tf",
      "a&quot;b\\c&lt;d&gt;&amp;&apos;e\tf",
      "a\"b\\c&lt;d&gt;&amp;'e\tf",
    ])
      expect(redactor.scrub(form)).toBe(MARK);
  });

  test("letters beyond ASCII are found in UTF-8, in Latin-1 and with another length in upper case", () => {
    const redactor = redactorOf("grüße-schlüssel");
    for (const form of [
      "GRÜSSE-SCHLÜSSEL",
      "grÜße-SCHLüssel",
      bytes("grüße-schlüssel").join(", "),
      Buffer.from("grüße-schlüssel", "latin1").join(","),
      btoa("grüße-schlüssel"),
      Buffer.from("grüße-schlüssel").toString("base64"),
      encodeURIComponent("grüße-schlüssel"),
      "gr\\u00fc\\u00dfe-schl\\u00fcssel",
    ])
      expect(redactor.scrub(form)).toBe(MARK);
    const signs = redactorOf("🔑🗝🔒🔓");
    expect(signs.scrub("🔓🔒🗝🔑")).toBe(MARK);
    expect(signs.scrub("🔑🗝🔒🔓".split("").reverse().join(""))).toBe(MARK);
  });
});

describe("what is registered", () => {
  test("a value of fewer than four characters is counted, not looked for", () => {
    const redactor = redactorOf("abc", " xy ", "");
    expect(redactor.scrub("abc xy")).toBe("abc xy");
    expect(redactor.counts).toMatchObject({ values: 0, skipped: 3, reduced: 0, withheld: false });
    expect(redactorOf("abcd").scrub("abcd")).toBe(MARK);
  });

  test("white space around a value is not part of it", () => {
    expect(redactorOf(`${KEY}\n`).scrub(`(${KEY})`)).toBe(`(${MARK})`);
  });

  test("each longer line of a text is looked for, rules and short lines are not", () => {
    const redactor = redactorOf("first line\r\nshort\nsecond line\n----------\n");
    expect(redactor.scrub("a first line, second line, short, ----------")).toBe(
      `a ${MARK}, ${MARK}, short, ----------`,
    );
  });

  test("the right side of a setting is looked for", () => {
    const redactor = redactorOf(`A=1\nexport TOKEN="tok-12345678"\nname: 'quoted-value'\nplain = plain-value`);
    for (const value of ["tok-12345678", "quoted-value", "plain-value"])
      expect(redactor.scrub(`<${value}>`)).toBe(`<${MARK}>`);
  });

  test("strings in JSON are looked for at any depth, with their lines", () => {
    const pem = "-----BEGIN KEY-----\nMIIBVgIBADANBg\n-----END KEY-----";
    const redactor = redactorOf(
      JSON.stringify({ db: [{ password: "correct horse" }], pem, user: "short", n: 12345678 }),
    );
    expect(redactor.scrub("correct horse | MIIBVgIBADANBg | short")).toBe(`${MARK} | ${MARK} | short`);
    expect(redactor.scrub(btoa(pem))).toBe(MARK);
    expect(() => redactorOf("[".repeat(100_000) + "]".repeat(100_000))).not.toThrow();
  });

  test("text that only begins as JSON is text", () => {
    expect(redactorOf("{not json at all").scrub("{not json at all")).toBe(MARK);
  });

  test("a value that was registered before adds nothing, and its first name stays", () => {
    const redactor = redactorOf(KEY, KEY);
    expect(redactor.scrub(KEY)).toBe(MARK);
  });
});

describe("matches", () => {
  test("of values that contain each other the longer is replaced", () => {
    const redactor = redactorOf("hunter", "my-hunter2-key");
    expect(redactor.scrub("my-hunter2-key, hunter2")).toBe(`[redacted env:KEY2], ${MARK}2`);
    expect(redactorOf("hunter", "hunter-two").scrub("hunter-two")).toBe("[redacted env:KEY2]");
  });

  test("values that overlap are replaced as one, so nothing of the second stays", () => {
    const redactor = redactorOf("abcdef", "defghi");
    expect(redactor.scrub("1abcdefghi2")).toBe(`1${MARK}2`);
  });

  test("values side by side are replaced one by one", () => {
    expect(redactorOf("wxyz").scrub("wxyzwxyz.wxyz")).toBe(`${MARK}${MARK}.${MARK}`);
  });

  test("a beginning of a longer value does not hide a shorter one inside it", () => {
    expect(redactorOf("xsecretyz", "secret").scrub("xsecret!")).toBe("x[redacted env:KEY2]!");
  });

  test("the text that replaces a value is not looked at again", () => {
    const redactor = redactorOf("redacted", "env:");
    expect(redactor.scrub("redacted")).toBe("[redacted]");
  });

  test("a name that holds another value is not shown", () => {
    const redactor = new Redactor();
    redactor.register("first-value", "file:notes/hunter2.md");
    expect(redactor.scrub("first-value")).toBe("[redacted file:notes/hunter2.md]");
    redactor.register("hunter2", "env:PASSWORD");
    expect(redactor.scrub("first-value")).toBe("[redacted]");
    expect(redactor.scrub("hunter2")).toBe("[redacted env:PASSWORD]");
  });

  test("text without a value stays as it is", () => {
    const redactor = redactorOf("a value that is nowhere");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(redactor.scrub(text)).toBe(text);
      }),
    );
    expect(new Redactor().scrub("anything")).toBe("anything");
  });

  test("`contains` says what `scrub` would change", () => {
    const redactor = redactorOf(KEY);
    expect(redactor.contains(`x${btoa(KEY)}`)).toBe(true);
    expect(redactor.contains(KEY.slice(1))).toBe(false);
  });
});

/** By the definition: every place of every value, those that overlap joined. Values have no other forms that occur. */
function scrubbedByDefinition(text: string, values: readonly string[]): string {
  const matches = values
    .flatMap((value, at) => placesOf(value, text).map((start) => ({ start, end: start + value.length, at })))
    .sort((a, b) => a.start - b.start || b.end - a.end || a.at - b.at);
  let out = "";
  let done = 0;
  for (const { start, end, at } of matches) {
    if (start >= done || out === "") out += `${text.slice(done, start)}[redacted v${at}]`;
    done = Math.max(done, end);
  }
  return out + text.slice(done);
}

const placesOf = (value: string, text: string): number[] =>
  [...text].map((_, at) => at).filter((at) => text.startsWith(value, at));

/** Without case, and no XOR of each other by one byte: the only form of a value that occurs is the value. */
const letter = fc.constantFrom("一", "大", "海");
const values = fc.uniqueArray(
  fc.array(letter, { minLength: 4, maxLength: 7 }).map((letters) => letters.join("")),
  { minLength: 1, maxLength: 3 },
);
/** Forwards and backwards the same: the reversed form is no pattern of its own. */
const palindromes = values.map((all) => [...new Set(all.map((value) => value + reversed(value)))]);

const named = (all: readonly string[]): Redactor => {
  const redactor = new Redactor();
  for (const [at, value] of all.entries()) redactor.register(value, `v${at}`);
  return redactor;
};

const texts = (all: readonly string[]) =>
  fc.array(fc.oneof(letter, fc.constantFrom(...all), fc.constantFrom(...all.map((value) => value.slice(0, 5)))), {
    maxLength: 30,
  });

describe("streams", () => {
  test("what is replaced is every place of every value, and nothing else", () => {
    const cases = palindromes.chain((all) => texts(all).map((parts) => ({ all, text: parts.join("") })));
    fc.assert(
      fc.property(cases, ({ all, text }) => {
        expect(named(all).scrub(text)).toBe(scrubbedByDefinition(text, all));
      }),
      { numRuns: 60 },
    );
  });

  test("however a text is cut into chunks, the same comes out", () => {
    const cases = values.chain((all) => texts(all).map((chunks) => ({ all, chunks })));
    fc.assert(
      fc.property(cases, ({ all, chunks }) => {
        const redactor = named(all);
        const stream = redactor.stream();
        const streamed = chunks.map((chunk) => stream.push(chunk)).join("") + stream.end();
        expect(streamed).toBe(redactor.scrub(chunks.join("")));
      }),
      { numRuns: 60 },
    );
  });

  test("every split of every form is found", () => {
    const redactor = redactorOf(KEY);
    for (const form of [KEY, btoa(KEY), hex(bytes(KEY)), [...KEY].join("\n"), bytes(KEY).join(", ")]) {
      const text = `say ${form}!`;
      for (let at = 0; at <= text.length; at += 1) {
        const stream = redactor.stream();
        expect(stream.push(text.slice(0, at)) + stream.push(text.slice(at)) + stream.end()).toBe(`say ${MARK}!`);
      }
    }
  });

  test("a value printed one character a line is found across its prints", () => {
    const stream = redactorOf(KEY).stream();
    const printed = [...KEY].map((character) => stream.push(`${character}\n`)).join("");
    expect(printed + stream.end()).toBe(`${MARK}\n`);
  });

  test("a line that begins no pattern goes out at once", () => {
    const stream = redactorOf(KEY).stream();
    expect(stream.push("an ordinary line\n")).toBe("an ordinary line\n");
    expect(stream.push(`half of it: ${KEY.slice(0, 6)}`)).toBe("half of it: ");
    expect(stream.push(" was that\n")).toBe(`${KEY.slice(0, 6)} was that\n`);
  });

  test("a stream goes on after its end", () => {
    const stream = redactorOf(KEY).stream();
    expect(stream.push(KEY.slice(0, 6)) + stream.end()).toBe(KEY.slice(0, 6));
    expect(stream.push(KEY.slice(6)) + stream.end()).toBe(KEY.slice(6));
    expect(stream.push(KEY) + stream.end()).toBe(MARK);
  });

  test("a value registered while text is held back is found in what is held", () => {
    const redactor = redactorOf("alpha-beta-gamma");
    const stream = redactor.stream();
    const first = stream.push("see alpha-beta");
    redactor.register("alpha-beta!", "env:NEW");
    expect(first + stream.push("! and alpha-beta-gamma") + stream.end()).toBe(`see [redacted env:NEW] and ${MARK}`);
  });

  test("a value registered in the middle of a match leaves the match whole", () => {
    const redactor = redactorOf("aXaXaXaXb", "aXaX");
    const stream = redactor.stream();
    const first = stream.push("-aXaXaXaXaXaXaXaX");
    redactor.register("something else", "env:NEW");
    expect(first + stream.push("aX-something else") + stream.end()).toBe("-[redacted env:KEY2]-[redacted env:NEW]");
  });

  test("of a match that a value was registered in the middle of, nothing held back goes out", () => {
    const redactor = redactorOf("akdmef", "efzijkql");
    const stream = redactor.stream();
    const first = stream.push("akdmefz");
    redactor.register("something else", "env:NEW");
    expect(first + stream.push("!") + stream.end()).toBe(`${MARK}z!`);
  });

  test("values registered one by one between prints are all found", () => {
    const redactor = new Redactor();
    const stream = redactor.stream();
    let out = "";
    for (let at = 0; at < 40; at += 1) {
      redactor.register(`value-number-${at}-`, `n${at}`);
      out += stream.push(`value-number-${at}-;`);
    }
    expect(out + stream.end()).toBe(Array.from({ length: 40 }, (_, at) => `[redacted n${at}];`).join(""));
    for (let at = 0; at < 40; at += 1)
      expect(redactor.scrub(btoa(`value-number-${at}-`))).toContain(`[redacted n${at}]`);
  });
});

describe("bounds", () => {
  test("the work is linear in the text, whatever the patterns are", () => {
    const hard = redactorOf(`${"a".repeat(200)}b`, "aaaa");
    hard.scrub("");
    const work = (text: string): number => {
      const before = hard.lookups;
      hard.scrub(text);
      return hard.lookups - before;
    };
    const [short, long] = [work("a".repeat(20_000)), work("a".repeat(80_000))];
    expect(short).toBeGreaterThan(20_000);
    expect(long).toBeLessThan(4.2 * short);
    expect(long).toBeLessThan(80_000 * 8);
  });

  test("chunks of one character are no more work than one text", () => {
    const work = (length: number): number => {
      const redactor = redactorOf(`${"a".repeat(200)}b`);
      redactor.scrub("");
      const before = redactor.lookups;
      const stream = redactor.stream();
      for (const character of "a".repeat(length)) stream.push(character);
      return redactor.lookups - before;
    };
    expect(work(8000)).toBeLessThan(8000 * 4);
  });

  test("what a match covers is not held until it ends", () => {
    const redactor = redactorOf("abab");
    const stream = redactor.stream();
    expect(stream.push(`-${"ab".repeat(50_000)}`)).toBe("-");
    redactor.register("something else", "env:NEW");
    expect(stream.push("!") + stream.end()).toBe(`${MARK}!`);
    // The new patterns had to be looked for in what was still held.
    expect(redactor.lookups).toBeLessThan(100);
  });

  test("however many values come between prints, a character is looked up in few automata", () => {
    const redactor = new Redactor();
    for (let at = 0; at < 64; at += 1) {
      redactor.register(`value ${at}`, `n${at}`);
      redactor.scrub("");
    }
    const before = redactor.lookups;
    redactor.scrub("Q".repeat(1000));
    expect(redactor.lookups - before).toBeLessThan(20 * 1000);
  });

  test("past the first bound a value is found as it is, in base64 and in hex, and counted", () => {
    const redactor = new Redactor({ full: 20_000, all: 100_000 });
    redactor.register(KEY, "env:KEY");
    redactor.register("another-key-0123", "env:OTHER");
    redactor.register("another-key-0123", "env:OTHER");
    expect(redactor.counts).toMatchObject({ values: 3, skipped: 0, reduced: 1, withheld: false });
    expect(redactor.scrub(reversed(KEY))).toBe(MARK);
    const other = "another-key-0123";
    for (const form of [other, btoa(other).replace(/=/g, ""), hex(bytes(other))])
      expect(redactor.scrub(form)).toBe("[redacted env:OTHER]");
    expect(redactor.contains(reversed(other))).toBe(false);
  });

  test("past the second bound everything is withheld", () => {
    const redactor = new Redactor({ full: 20_000, all: 40_000 });
    redactor.register(KEY, "env:KEY");
    const stream = redactor.stream();
    const before = stream.push("fine\n");
    redactor.register("long ".repeat(10_000), "file:big");
    expect(redactor.counts.withheld).toBe(true);
    expect([before, stream.push("more\n"), stream.push("more\n"), stream.end()]).toEqual([
      "fine\n",
      `${WITHHELD}\n`,
      "",
      "",
    ]);
    expect(redactor.scrub("text")).toBe(WITHHELD);
    expect(redactor.scrub("")).toBe("");
    expect(redactor.contains("text")).toBe(true);
    redactor.register("later-value", "env:LATER");
    expect(redactor.scrub("later-value")).toBe(WITHHELD);
    expect(redactor.counts.units).toBe(0);
  });

  test("a value longer than ciphers are tried on is found in its other forms", () => {
    const long = "a long value of many words; ".repeat(12).trim();
    const redactor = redactorOf(long);
    expect(redactor.scrub(reversed(long))).toBe(MARK);
    expect(redactor.contains(rot13(long))).toBe(false);
  });
});
