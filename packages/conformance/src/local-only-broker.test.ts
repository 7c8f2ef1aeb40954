/** Credentials at their slots, through the built command against a server over https that checks them. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { isSigned } from "../../../examples/signatures.mjs";
import { KEYS, LocalOnlyWorld, TICKS } from "./local-only.fixture.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const USES: readonly (readonly string[])[] = [
  ["stripe", "GET", "/v1/**", "header:authorization", "Bearer {}", "public"],
  ["stripe", "GET", "/basic/**", "header:authorization", "Basic {basic}", "public"],
  ["stripe", "GET", "/header/**", "header:x-api-key", "{}", "public"],
  ["stripe", "GET", "/query/**", "query:key", "{}", "public"],
  ["stripe", "POST", "/hmac/**", "header:x-signature", "{hmac}", "public"],
  ["stripe", "GET", "/jwt/**", "header:authorization", "Bearer {jwt}", "public"],
  ["aws", "PUT", "/sigv4/**", "header:authorization", "sigv4:eu-central-1/s3", "public"],
  ["stripe", "GET", "/told/**", "header:x-api-key", "{}", "sealed", 'outcome = "ok"\nper_run = 2'],
  ["stripe", "GET", "/kept/**", "header:x-api-key", "{}", "sealed"],
];

let world: LocalOnlyWorld;
beforeAll(async () => {
  world = await LocalOnlyWorld.start(
    ({ api, local, public: open }) => `version = 1
[network]
http_get_allow = ["${open.replace("localhost", "127.0.0.1")}"]
local_only_hosts = ["${local}"]
[environment]
local_only_vars = ["INTERNAL_URL"]
[local_only]
${TICKS}
${["stripe:STRIPE_KEY", "aws:AWS_PAIR"]
  .map((pair) => {
    const [name = "", variable = ""] = pair.split(":");
    const uses = USES.filter(([secret]) => secret === name).map(
      ([, method, path, slot, format, response, more = ""]) => `[[secret.use]]
host = "${api}"
methods = ["${method}"]
paths = ["${path}"]
slot = "${slot}"
format = "${format}"
response = "${response}"
${more}
`,
    );
    return `[[secret]]\nname = "${name}"\nenv = "${variable}"\n${uses.join("")}`;
  })
  .join("")}`,
    {
      api: (asked) => {
        const { pathname } = new URL(asked.url, "https://localhost");
        if (pathname === "/v1/redirect") return { status: 302, headers: { location: world.at.public } };
        if (pathname === "/v1/echo") return { body: { you: asked.headers.authorization } };
        if (pathname === "/v1/hex") return { body: Buffer.from(KEYS.stripe).toString("hex") };
        if (pathname.startsWith("/told/"))
          return { status: asked.headers["x-api-key"] === KEYS.stripe && !pathname.endsWith("/bad") ? 200 : 500 };
        if (pathname.startsWith("/kept/")) return { body: { state: "green" } };
        return isSigned(asked, KEYS) ? { body: { ok: true } } : { status: 401, body: { error: "who are you?" } };
      },
    },
  );
});
afterEach(() => void world.heard("api"));
afterAll(() => world.close());

const PRELUDE = 'const key = env.read("STRIPE_KEY"), api = "$API"; ';
const run = (code: string) => world.report(PRELUDE + code);

describe("a credential reaches its slot, and the answer is an ordinary one", () => {
  test.each([
    ["as it is", "net.httpGet(`${api}/v1/me?a=1`, { headers: { Authorization: `Bearer ${key}` } })"],
    [
      "from its own name",
      'net.httpGet(`${api}/v1/me`, { headers: { Authorization: `Bearer ${env.read("stripe")}` } })',
    ],
    ["with fetch", "await fetch(`${api}/v1/me`, { headers: { authorization: `Bearer ${key}` } })"],
    ["Basic", "net.httpGet(`${api}/basic/me`, { headers: { Authorization: `Basic ${btoa(`me:${key}`)}` } })"],
    ["in a header of the API's own", 'net.httpGet(`${api}/header/me`, { headers: { "X-API-Key": key } })'],
    ["in the query", "net.httpGet(`${api}/query/me?a=1&key=${key}&b=2`)"],
    ["in a query made by URLSearchParams", "net.httpGet(`${api}/query/me?${new URLSearchParams({ key: `${key}` })}`)"],
    ["HMAC", 'net.httpPost(`${api}/hmac/x`, "body", { headers: { "X-Signature": crypto.hmac(key, "body") } })'],
    ["JWT", 'net.httpGet(`${api}/jwt/x`, { headers: { Authorization: `Bearer ${seal.jwt(key, { iss: "agent" })}` } })'],
    ["SigV4", 'net.httpPut(`${api}/sigv4/b/k?x=1`, "body", { headers: { Authorization: env.read("AWS_PAIR") } })'],
  ])("%s", async (_, code) => {
    const { value, error } = await run(`const r = ${code}; return [r.status, (await r.json()).ok]`);
    expect(error).toBe(null);
    expect(value).toEqual([200, true]);
    expect(world.heard("api")).toHaveLength(1);
  });

  test("and two at once, each its own", async () => {
    const code = `const auth = { headers: { authorization: \`Bearer \${key}\` } };
      const [a, b] = await Promise.all([fetch(\`\${api}/v1/a\`, auth), fetch(\`\${api}/v1/b\`, auth)]);
      return [a.status, b.status]`;
    expect((await run(code)).value).toEqual([200, 200]);
    expect(
      world
        .heard("api")
        .map(({ url }) => url)
        .sort(),
    ).toEqual(["/v1/a", "/v1/b"]);
  });

  test("at once: nothing of it waits for a tick", async () => {
    const { durationMs } = await run(
      "return net.httpGet(`${api}/v1/a`, { headers: { authorization: `Bearer ${key}` } }).status",
    );
    expect(durationMs).toBe(0);
  });
});

describe("no request is sent", () => {
  const auth = (text: string) => `{ headers: { authorization: ${text} } }`;
  test.each([
    ["with more than the format around it", `net.httpGet(\`\${api}/v1/a\`, ${auth("`Bearer ${key}!`")})`, "E_SLOT"],
    ["with less than the format around it", `net.httpGet(\`\${api}/v1/a\`, ${auth("`${key}`")})`, "E_SLOT"],
    ["at another path", `net.httpGet(\`\${api}/v2/a\`, ${auth("`Bearer ${key}`")})`, "E_SLOT"],
    ["by another method", `net.httpPost(\`\${api}/v1/a\`, "x", ${auth("`Bearer ${key}`")})`, "E_SLOT"],
    ["in the query of a header slot", "net.httpGet(`${api}/v1/a?key=${key}`)", "E_SLOT"],
    [
      "in the slot and the body",
      `net.httpPost(\`\${api}/hmac/a\`, key, { headers: { "x-signature": crypto.hmac(key, "a") } })`,
      "E_SLOT",
    ],
    ["with another value", `net.httpGet(\`\${api}/v1/a\`, ${auth('`Bearer ${env.read("INTERNAL_URL")}`')})`, "E_SINK"],
    ["of another formatting", `net.httpGet(\`\${api}/jwt/a\`, ${auth("`Bearer ${key}`")})`, "E_SLOT"],
    [
      "to a public host",
      `net.httpGet("$PUBLIC/".replace("localhost", "127.0.0.1"), ${auth("`Bearer ${key}`")})`,
      "E_SINK",
    ],
    ["to a local-only host", `net.httpPost("$LOCAL/", key)`, "E_USE_ONLY"],
    ["after a function computed it", "key.map((k) => k)", "E_USE_ONLY"],
    ["in a cut token", `net.httpGet(\`\${api}/v1/a\`, ${auth("`Bearer ${key}`.slice(0, 30)")})`, "E_TOKEN_BROKEN"],
    ["in a host name", "net.httpGet(`https://${key}.example.com/`)", "E_SINK"],
  ])("%s", async (_, code, wanted) => {
    const { error, exitCode } = await run(code);
    expect({ code: error?.code, exitCode }, error?.message).toEqual({ code: wanted, exitCode: 2 });
    expect([...world.heard("api"), ...world.heard("public"), ...world.heard("local")]).toEqual([]);
  });
});

describe("a refusal says what is wrong", () => {
  test.each([
    ["/v2/a", "{ headers: { authorization: `Bearer ${key}` } }", "here the path is another"],
    ["/v2/a", '{ headers: { "x-other": key } }', 'here it is in the header "x-other"'],
    ["/v1/a", "{ headers: { authorization: `${key}` } }", "here the text around it is not exactly that"],
    ["/v1/a?key=${key}", "{}", "here it is in the query string"],
  ])("at %s with %s", async (path, options, says) => {
    const { error } = await run(`net.httpGet(\`\${api}${path}\`, ${options})`);
    expect(error).toMatchObject({ code: "E_SLOT", message: expect.stringContaining(says) as string });
  });

  test("and names no local-only place among those that are open", async () => {
    const { error } = await run("net.httpGet(`${api}/v1/a`)");
    const { local, public: open } = world.servers;
    expect(error).toMatchObject({ code: "E_POLICY_DENIED", hint: expect.stringContaining(`:${open.port}`) as string });
    expect(error?.hint).not.toContain(`:${local.port}`);
  });
});

describe("answers", () => {
  test("that redirect are not followed", async () => {
    const code =
      "const r = net.httpGet(`${api}/v1/redirect`, { headers: { authorization: `Bearer ${key}` } }); return r.status";
    expect((await run(code)).value).toBe(302);
    expect(world.heard("public")).toEqual([]);
  });

  test.each(["/v1/echo", "/v1/hex"])(
    "that hold the credential (%s) are withheld, and the operator is told",
    async (path) => {
      const { error } = await run(
        `net.httpGet(\`\${api}${path}\`, { headers: { authorization: \`Bearer \${key}\` } })`,
      );
      expect(error).toMatchObject({ code: "E_SINK", message: "withheld: the response contained the credential" });
      expect(world.heard("api")).toHaveLength(1);
      expect(world.sealedLog()).toContain("the answer held the credential");
    },
  );

  test("that are sealed show nothing, and what is declared of them: one boolean", async () => {
    const code = `const get = (path) => net.httpGet(api + path, { headers: { "x-api-key": key } });
      const [good, bad, kept] = [get("/told/good"), get("/told/bad"), get("/kept/a")];
      print(good.status, good.body, kept.json().state);
      return [good.ok, bad.ok, seal.is(good.status), seal.is(kept.ok)]`;
    const { value, stdout, error } = await run(code);
    expect(error).toBe(null);
    expect(value).toEqual([true, false, true, true]);
    const sealed = "[sealed from host:localhost]";
    expect(stdout).toBe(`${sealed} ${sealed} ${sealed}\n`);
  });

  test("of which no more booleans are told than `per_run` says", async () => {
    const { error, value } = await run(
      'const all = []; try { for (;;) all.push(net.httpGet(`${api}/told/a`, { headers: { "x-api-key": key } }).ok) } catch (error) { return [all, error.code] }',
    );
    expect(error).toBe(null);
    expect(value).toEqual([[true, true], "E_RELEASE"]);
  });

  test("of a server that the operator's authority does not vouch for are no answers", async () => {
    const code = "net.httpGet(`${api}/v1/a`, { headers: { authorization: `Bearer ${key}` } })";
    const { error } = await world.report(PRELUDE + code, [], { env: { NODE_EXTRA_CA_CERTS: "" } });
    expect(error?.code).toBe("E_NETWORK");
    expect(world.heard("api")).toEqual([]);
  });
});
