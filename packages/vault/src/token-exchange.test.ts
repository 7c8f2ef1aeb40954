import { createErrands } from "@agent-run/effects/errands";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exchangeToken } from "./token-exchange.ts";
import { Place } from "./vault.fixture.ts";

let place: Place;
let seen: string[];
let origin: string;
let status: number;
let location: string | null;
beforeEach(async () => {
  place = new Place();
  seen = [];
  status = 200;
  location = null;
  origin = await place.serve((request, response, body) => {
    const { authorization = "", "content-type": type = "" } = request.headers;
    seen.push(`${request.method} ${request.url} ${authorization} ${type} ${body}`);
    response.statusCode = status;
    if (location !== null) response.setHeader("location", location);
    response.end('{"access_token":"t"}');
  });
});
afterEach(() => place.remove());

function exchange(secret: string, url = `http://${origin}/token`, names: Readonly<Record<string, string>> = {}) {
  const errands = createErrands({
    lookup: async (name) => [{ address: names[name] ?? "127.0.0.1", family: 4 }],
  });
  return exchangeToken(url, secret, 5000, errands, new AbortController().signal);
}

const FORM = "application/x-www-form-urlencoded grant_type=client_credentials";

describe("an exchange", () => {
  test("sends `id:secret` as Basic credentials, and anything else as a bearer token", async () => {
    expect(await exchange("id:pw")).toEqual({ ok: true, value: '{"access_token":"t"}' });
    expect(await exchange("opaque")).toMatchObject({ ok: true });
    expect(seen).toEqual([`POST /token Basic ${btoa("id:pw")} ${FORM}`, `POST /token Bearer opaque ${FORM}`]);
  });

  test("with a secret that would break the header sends nothing", async () => {
    for (const secret of ["a\r\nx", "a\0b", "a\nb"]) expect(await exchange(secret)).toMatchObject({ ok: false });
    expect(seen).toEqual([]);
  });

  test("whose answer is no 200 gives none, and no redirect is followed with the secret", async () => {
    for (const code of [401, 302, 307, 500]) {
      status = code;
      location = `http://${origin}/elsewhere`;
      expect(await exchange("opaque")).toEqual({ ok: false, why: `the token endpoint answered ${code}` });
    }
    expect(seen.some((request) => request.includes("/elsewhere"))).toBe(false);
  });

  test("goes to an address that the operator wrote, and to `localhost`; a name may lead to no special range", async () => {
    const [, port] = origin.split(":");
    expect(await exchange("x", `http://localhost:${port}/token`)).toMatchObject({ ok: true });
    const before = seen.length;
    for (const address of ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
      expect(await exchange("x", `http://auth.example:${port}/`, { "auth.example": address })).toEqual({
        ok: false,
        why: "`auth.example` leads nowhere",
      });
    expect(seen).toHaveLength(before);
  });

  test("that cannot be made gives none", async () => {
    const [, port] = origin.split(":");
    await place.remove();
    place = new Place();
    expect(await exchange("x", `http://127.0.0.1:${port}/`)).toMatchObject({ ok: false });
  });
});
