import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inBody, inBodyBytes } from "./body.ts";
import { anyText, json, loneSurrogate, OTHER, TOKEN, text, values } from "./testing/secrets.ts";

const FORM = "application/x-www-form-urlencoded";
const PARTS = "multipart/form-data; boundary=XbX";

const filled = (type: string | null, body: string, secret: Parameters<typeof values>[0]): string => {
  const answer = inBody(type, body, values(secret));
  if (!answer.ok) throw new Error(answer.why);
  return answer.value;
};

describe("a value in JSON", () => {
  const template = `{ "a" : "x ${TOKEN} y", "${TOKEN}!" :[1.0, "\\u0041\\"${TOKEN}"],\n"n": null}`;

  test("comes back exactly, lone surrogates too, and nothing else changes", () => {
    fc.assert(
      fc.property(anyText, (secret) => {
        const body = filled("application/json; charset=utf-8", template, secret);
        expect(JSON.parse(body)).toEqual({ a: `x ${secret} y`, [`${secret}!`]: [1, `A"${secret}`], n: null });
        expect(body.startsWith('{ "a" : "x ') && body.endsWith('],\n"n": null}')).toBe(true);
      }),
    );
  });

  test("is the value itself where a string is exactly its token", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(filled("application/json", `{"a":"${TOKEN}","b":["${TOKEN}"]}`, value))).toEqual({
          a: value,
          b: [value],
        });
        expect(JSON.parse(filled("application/json", `"${TOKEN}"`, value))).toEqual(value);
      }),
    );
  });

  test("comes back exactly from JSON that is a text in JSON, as deep as it lies", () => {
    fc.assert(
      fc.property(anyText, (secret) => {
        const inner = JSON.stringify({ b: `x ${TOKEN}`, c: [JSON.stringify([TOKEN, `${TOKEN}!`])] });
        const { a, n } = JSON.parse(filled(null, JSON.stringify({ a: inner, n: 1 }), secret)) as {
          a: string;
          n: number;
        };
        const { b, c } = JSON.parse(a) as { b: string; c: [string] };
        expect([n, b, JSON.parse(c[0])]).toEqual([1, `x ${secret}`, [secret, `${secret}!`]]);
      }),
    );
  });

  test("is not put where an escape of the outer JSON spells its token in the inner", () => {
    const spelled = `\\u0073${TOKEN.slice(1)}`;
    const body = `{"a":"[\\"${spelled}\\", \\"${OTHER}\\"]"}`;
    const { a } = JSON.parse(filled(null, body, "secret")) as { a: string };
    expect(JSON.parse(a)).toEqual([TOKEN, "the other value"]);
  });

  test("stays a text as a member's name and beside other text", () => {
    expect(filled("application/json", `{"${TOKEN}" : "${TOKEN} of it"}`, 5)).toBe(`{"5" : "5 of it"}`);
  });

  test.each([`{"a": ${TOKEN}}`, `${TOKEN}`, `{"a": "${TOKEN}"`, `{"a": "x"} ${TOKEN}`])(
    "is refused in %s, which is none",
    (body) => {
      expect(inBody("application/json", body, values('"x"'))).toMatchObject({ ok: false });
      expect(inBody("application/problem+json", body, values("1"))).toMatchObject({ ok: false });
    },
  );

  test("is refused where it is undefined", () => {
    expect(inBody("application/json", `["${TOKEN}"]`, values(undefined))).toMatchObject({ ok: false });
    expect(inBody("application/json", `["a ${TOKEN}"]`, values(undefined))).toMatchObject({ ok: false });
  });

  test("is not put where an escape spells its token", () => {
    const body = `["\\u0073${TOKEN.slice(1)}", "${OTHER}"]`;
    expect(JSON.parse(filled("application/json", body, "secret"))).toEqual([TOKEN, "the other value"]);
  });

  test("needs no content type", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(null, "text/plain", "application/octet-stream"), (secret, type) => {
        expect(JSON.parse(filled(type, `[{"k":"${TOKEN}"}]`, secret))).toEqual([{ k: secret }]);
      }),
    );
  });
});

describe("a value in a form", () => {
  test("comes back exactly, and nothing else changes", () => {
    fc.assert(
      fc.property(text, (secret) => {
        const body = filled(FORM, `a=1+2&k=x${TOKEN}&${TOKEN}=v&z=%26`, secret);
        expect([...new URLSearchParams(body)]).toEqual([
          ["a", "1 2"],
          ["k", `x${secret}`],
          [secret, "v"],
          ["z", "&"],
        ]);
      }),
    );
  });

  test("has a plus for a blank", () => {
    expect(filled(`${FORM};charset=UTF-8`, `k=${TOKEN}`, "a b!'()*")).toBe("k=a+b%21%27%28%29%2A");
  });

  test("is refused where it is half a surrogate pair", () => {
    expect(inBody(FORM, `k=${TOKEN}`, values(loneSurrogate))).toMatchObject({ ok: false });
  });
});

describe("a value in parts", () => {
  const part = (content: string, name = "k") =>
    `--XbX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n--XbX\r\nContent-Disposition: form-data; name="z"\r\n\r\nlast\r\n--XbX--\r\n`;

  test("comes back exactly, and nothing else changes", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (secret) => {
        const answer = inBody(PARTS, part(`<${TOKEN}>`), values(secret));
        if (!answer.ok) return expect(secret).toContain("XbX");
        const form = await new Response(answer.value, { headers: { "content-type": PARTS } }).formData();
        expect([...form]).toEqual([
          ["k", `<${secret}>`],
          ["z", "last"],
        ]);
        return undefined;
      }),
    );
  });

  test.each([
    [part(TOKEN), "a\r\n--XbX--"],
    [part(TOKEN), "XbX"],
    [part(`--Xb${TOKEN}`), "X"],
    [part(`${TOKEN}bX`), "X"],
    [`--XbX\r\n\r\n${TOKEN}XbX--`, "Xb"],
  ])("brings no boundary into %j", (body, secret) => {
    expect(inBody(PARTS, body, values(secret))).toMatchObject({ ok: false });
  });

  test.each(['a"; filename="b', "a\r\nX: 1", "a\n\nb", "\0"])("%j does not stand above a part", (secret) => {
    expect(inBody(PARTS, part("c", TOKEN), values(secret))).toMatchObject({ ok: false });
    expect(inBody(PARTS, part(TOKEN), values(secret))).toMatchObject({ ok: true });
  });

  test("may name a part", () => {
    expect(filled(PARTS, part("c", TOKEN), "a b")).toBe(part("c", "a b"));
  });

  test("is never sent as its token, even where the boundary occurs in that", () => {
    const [short = ""] = TOKEN.slice(-1);
    const answer = inBody(`multipart/form-data; boundary=${short}`, `--${short}\r\n\r\n${TOKEN}\r\n`, values("s"));
    expect(answer.ok && answer.value).toBe(false);
  });

  test("needs a boundary, and none that is sealed", () => {
    expect(inBody("multipart/form-data", part(TOKEN), values("s"))).toMatchObject({ ok: false });
    const sealed = `multipart/form-data; boundary=${TOKEN}`;
    expect(inBody(sealed, `--${TOKEN}\r\n\r\n\r\n--${TOKEN}--`, values("s"))).toMatchObject({ ok: false });
    const quoted = 'multipart/form-data; a=b; boundary="X b"';
    expect(filled(quoted, `--X b\r\n\r\n${TOKEN}`, "s")).toBe("--X b\r\n\r\ns");
    expect(inBody(quoted, `--X b\r\n\r\n${TOKEN}`, values("X b"))).toMatchObject({ ok: false });
  });
});

describe("a value in other text", () => {
  test("is what it is", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(null, "text/plain", "application/xml", ""), (secret, type) => {
        expect(filled(type, `{"a": <${TOKEN}>`, secret)).toBe(`{"a": <${secret}>`);
      }),
    );
  });

  test("is refused where it is half a surrogate pair", () => {
    expect(inBody(null, `<${TOKEN}>`, values(loneSurrogate))).toMatchObject({ ok: false });
  });
});

describe("a value in bytes", () => {
  const bytesOf = (type: string | null, body: Uint8Array, secret: string): Buffer => {
    const answer = inBodyBytes(type, body, values(secret));
    if (!answer.ok) throw new Error(answer.why);
    return Buffer.from(answer.value);
  };

  test("follows the rules of their text", () => {
    fc.assert(
      fc.property(text, (secret) => {
        const body = Buffer.from(`{"é":"${TOKEN}"}`);
        expect(JSON.parse(bytesOf("application/json", body, secret).toString())).toEqual({ é: secret });
        expect(bytesOf(null, Buffer.from(`\ufeffé${TOKEN}`), secret)).toEqual(Buffer.from(`\ufeffé${secret}`));
      }),
    );
  });

  test("leaves bytes that are no text as they are", () => {
    const picture = Buffer.from([0xff, 0xd8, 0x00, 0xc3]);
    const around = (middle: string) => Buffer.concat([picture, Buffer.from(middle), picture]);
    fc.assert(
      fc.property(text, (secret) => {
        expect(bytesOf("image/jpeg", around(TOKEN), secret)).toEqual(around(secret));
      }),
    );
    const body = (middle: string) => around(`\r\n--XbX\r\nA: b\r\n\r\n${middle}\r\n--XbX--`);
    expect(bytesOf(PARTS, body(TOKEN), "é😀")).toEqual(body("é😀"));
    expect(inBodyBytes(PARTS, body(TOKEN), values("XbX"))).toMatchObject({ ok: false });
    expect(inBodyBytes("image/jpeg", around(TOKEN), values(loneSurrogate))).toMatchObject({ ok: false });
  });

  test("is refused where JSON or a form is no UTF-8", () => {
    const body = Buffer.concat([Buffer.from(`k=${TOKEN}`), Buffer.from([0xff])]);
    expect(inBodyBytes(FORM, body, values("s"))).toMatchObject({ ok: false });
    expect(inBodyBytes("application/json", body, values("s"))).toMatchObject({ ok: false });
  });

  test("of a part of a larger buffer are those of the part", () => {
    const whole = Buffer.from(`xx${TOKEN}yy`);
    expect(bytesOf(null, new Uint8Array(whole.buffer, whole.byteOffset + 2, TOKEN.length), "s").toString()).toBe("s");
  });
});

test("a value that is a live token stays text, in every kind of body", () => {
  expect(filled("application/json", `["${TOKEN}"]`, OTHER)).toBe(`["${OTHER}"]`);
  expect(filled(FORM, `k=${TOKEN}`, OTHER)).toBe(`k=${OTHER}`);
  expect(filled(null, TOKEN, OTHER)).toBe(OTHER);
});

test("a body without a live token stays as it is, whatever it is", () => {
  expect(inBody("application/json", "{", values("s"))).toEqual({ ok: true, value: "{" });
  const bytes = Buffer.from([0xff]);
  expect(inBodyBytes("application/json", bytes, values("s"))).toEqual({ ok: true, value: bytes });
});
