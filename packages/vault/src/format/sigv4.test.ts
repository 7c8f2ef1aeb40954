/**
 * Signatures against published ones: AWS's Signature Version 4 test suite (`AKIDEXAMPLE`), its ListUsers example, and the
 * examples of the S3 API reference.
 */
import { describe, expect, test } from "vitest";
import { awsCredentials } from "./aws-credentials.ts";
import { signedHeaders } from "./sigv4.ts";
import type { HeaderFields } from "./slot-request.ts";

const SUITE = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const SUITE_TIME = Date.UTC(2015, 7, 30, 12, 36, 0);
const S3 = "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const S3_TIME = Date.UTC(2013, 4, 24);
const SESSION =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

interface Case {
  readonly method?: string;
  readonly url: string;
  readonly headers?: HeaderFields;
  readonly body?: string;
  readonly service?: string;
  readonly secret?: string;
}

function sign({ method = "GET", url, headers = [], body, service = "service", secret }: Case) {
  const credentials = awsCredentials(secret ?? (service === "s3" ? S3 : SUITE));
  if (!credentials.ok) throw new Error(credentials.why);
  const request = { method, url, headers, body: body === undefined ? null : Buffer.from(body) };
  const time = service === "s3" ? S3_TIME : SUITE_TIME;
  const answer = signedHeaders(request, { region: "us-east-1", service }, credentials.value, time);
  if (!answer.ok) throw new Error(answer.why);
  const fields = new Map(answer.value);
  const [, names, signature] = /SignedHeaders=(.*), Signature=(.*)$/.exec(fields.get("authorization") ?? "") ?? [];
  return { fields, names, signature };
}

const HOST = "https://example.amazonaws.com";
const UNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const FORM = "application/x-www-form-urlencoded";

describe("a signature is the published one", () => {
  test.each<[string, Case, string]>([
    ["get-vanilla", { url: `${HOST}/` }, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    ["get-slashes", { url: `${HOST}//` }, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    [
      "get-unreserved",
      { url: `${HOST}/${UNRESERVED}` },
      "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ],
    [
      "get-vanilla-empty-query-key",
      { url: `${HOST}/?Param1=value1` },
      "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
    ],
    [
      "get-vanilla-query-order-key-case",
      { url: `${HOST}/?Param2=value2&Param1=value1` },
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    [
      "get-vanilla-query-unreserved",
      { url: `${HOST}/?${UNRESERVED}=${UNRESERVED}` },
      "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
    ],
    [
      "get-vanilla-utf8-query",
      { url: `${HOST}/?%E1%88%B4=bar` },
      "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
    ],
    [
      "post-vanilla",
      { method: "POST", url: `${HOST}/` },
      "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ],
    [
      "post-vanilla-query-nonunreserved",
      { method: "POST", url: `${HOST}/?@%23$%25^=&%2B=/,?><\`%22;:\\|][{}` },
      "66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e",
    ],
    [
      "post-x-www-form-urlencoded",
      { method: "POST", url: `${HOST}/`, headers: [["Content-Type", FORM]], body: "Param1=value1" },
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ],
    [
      "post-sts-header-before",
      { method: "POST", url: `${HOST}/`, secret: `${SUITE}:${SESSION}` },
      "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    ],
    [
      "ListUsers",
      {
        url: "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
        headers: [["content-type", `${FORM}; charset=utf-8`]],
        service: "iam",
      },
      "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    ],
    [
      "GET bucket lifecycle",
      { url: "https://examplebucket.s3.amazonaws.com/?lifecycle", service: "s3" },
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      "GET bucket",
      { url: "https://examplebucket.s3.amazonaws.com/?prefix=J&max-keys=2", service: "s3" },
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ])("%s", (_name, given, expected) => {
    expect(sign(given).signature).toBe(expected);
  });
});

test("a session token is sent and signed", () => {
  const { fields, names } = sign({ url: `${HOST}/`, secret: `${SUITE}:${SESSION}` });
  expect([fields.get("x-amz-security-token"), names]).toEqual([SESSION, "host;x-amz-date;x-amz-security-token"]);
});

test("what a script typed in the place of our headers is dropped, and not signed", () => {
  const headers = [
    ["Authorization", "x"],
    ["X-Amz-Date", "x"],
    ["X-Amz-Security-Token", "x"],
    ["X-Amz-Content-SHA256", "x"],
  ] as const;
  const typed = sign({ url: `${HOST}/`, headers });
  expect([...typed.fields]).toEqual([...sign({ url: `${HOST}/` }).fields]);
});

test("blanks in a header are signed as one, fields of one name as one, names without their case", () => {
  const spread = [
    ["X-Amz-Meta-A", " a   b "],
    ["x-amz-meta-a", "c"],
  ] as const;
  const one = sign({ url: `${HOST}/`, headers: [["x-amz-meta-a", "a b,c"]] });
  expect(sign({ url: `${HOST}/`, headers: spread })).toMatchObject({ names: one.names, signature: one.signature });
});

test("fields that others on the way change are not signed", () => {
  expect(sign({ url: `${HOST}/`, headers: [["user-agent", "a"]] }).names).toBe("host;x-amz-date");
});

test("the body is signed; S3 over TLS takes a script's word that it is not", () => {
  const put = { method: "PUT", url: "https://b.s3.amazonaws.com/k", service: "s3" };
  const unsigned = [["x-amz-content-sha256", "UNSIGNED-PAYLOAD"]] as const;
  expect(sign({ ...put, body: "a" }).signature).not.toBe(sign({ ...put, body: "b" }).signature);
  const [a, b] = ["a", "b"].map((body) => sign({ ...put, body, headers: unsigned }));
  expect([a?.signature, a?.fields.get("x-amz-content-sha256")]).toEqual([b?.signature, "UNSIGNED-PAYLOAD"]);
  const plain = { ...put, url: "http://b.s3.amazonaws.com/k", body: "a", headers: unsigned };
  expect(sign(plain).fields.get("x-amz-content-sha256")).toMatch(/^[0-9a-f]{64}$/);
  const other = { method: "PUT", url: `${HOST}/`, body: "a" };
  expect(sign({ ...other, headers: unsigned }).signature).toBe(sign(other).signature);
});

test("a path is encoded again, but for S3, where every spelling of a key is one", () => {
  const [escaped, plain] = ["k%2Ab", "k*b"].map((key) =>
    sign({ url: `https://b.s3.amazonaws.com/${key}`, service: "s3" }),
  );
  expect(escaped?.signature).toBe(plain?.signature);
  expect(sign({ url: `${HOST}/k%2Ab` }).signature).not.toBe(sign({ url: `${HOST}/k*b` }).signature);
  expect(sign({ url: "https://b.s3.amazonaws.com/a//b", service: "s3" }).signature).not.toBe(
    sign({ url: "https://b.s3.amazonaws.com/a/b", service: "s3" }).signature,
  );
});

test.each([`${HOST}/?a=b+c`, `${HOST}/?a=%zz`, `${HOST}/?%ff=a`])("%s cannot be signed", (url) => {
  expect(() => sign({ url })).toThrow("signed");
});

test("a key of S3 that is no UTF-8 cannot be signed", () => {
  expect(() => sign({ url: "https://b.s3.amazonaws.com/%ff", service: "s3" })).toThrow("signed");
});

describe("credentials", () => {
  const parts = { accessKeyId: "A", secretAccessKey: "b/+", sessionToken: null };

  test.each([
    ["A:b/+", parts],
    ["A:b/+:c==", { ...parts, sessionToken: "c==" }],
    ['{"access_key_id":"A","secret_access_key":"b/+"}', parts],
    [' {"access_key_id":"A","secret_access_key":"b/+","session_token":null}', parts],
    [
      { access_key_id: "A", secret_access_key: "b/+", session_token: "c", more: 1 },
      { ...parts, sessionToken: "c" },
    ],
  ])("%j", (secret, expected) => {
    expect(awsCredentials(secret)).toEqual({ ok: true, value: expected });
  });

  test.each([
    "A",
    "A:",
    ":b",
    "A:b:c:d",
    "A:b:",
    "A:b\r\nX: 1",
    "A:b\n",
    "{",
    '{"access_key_id":"A"}',
    { access_key_id: "A", secret_access_key: 5 },
    { access_key_id: "A", secret_access_key: "b", session_token: 5 },
    ["A", "b"],
    null,
    undefined,
    7,
  ])("are not %j", (secret) => {
    expect(awsCredentials(secret)).toMatchObject({ ok: false });
  });
});
