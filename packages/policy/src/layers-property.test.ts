/** Random policies under random ceilings: the answer is the strictest of what each layer answers alone. */
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { Circumstances } from "./condition.ts";
import type { Effect } from "./decision.ts";
import { boundBy } from "./load.ts";
import { Policy } from "./policy.ts";
import type { PolicyData } from "./policy-data.ts";
import type { CanonicalRequest } from "./request.ts";
import {
  commandRequest,
  pathRequest,
  requestFor,
  searchRequest,
  urlRequest,
  variableRequest,
} from "./testing/policy-of.ts";
import { ceilingOf, dataOf, load } from "./testing/under-ceilings.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000 });

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 0 });
const PATHS = [
  "/**",
  "/work/proj/a",
  "/work/proj/a/**",
  "/work/proj/**",
  "/work/proj/b/*.md",
  "/work/proj/.env",
  "~/x",
];
const HOSTS = ["*.example.com", "api.example.com", "https://api.example.com/v1/**", "10.1.2.3", "localhost:8080"];
const VARIABLES = ["LANG", "*", "L*", "APP_TOKEN"];
const COMMANDS = ["git", "rg", "tools/x"];
const ASKED = ["fs.read", "fs.*", "net.http_get", "env.read", "subprocess.exec"];

/** A list that is empty most of the time, so that grants are not always refused. */
const seldom = <T>(values: readonly T[], weight = 1) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant([] as T[]) }, { weight, arbitrary: some(values) });

const quoted = (list: readonly string[]) => JSON.stringify(list);
const optional = (key: string, lists: readonly (readonly string[])[]) =>
  fc.option(fc.constantFrom(...lists), { nil: null }).map((list) => (list === null ? "" : `${key} = ${quoted(list)}`));

/** `[[rule]]`s about files and hosts, with all that a rule may ask for besides its place. */
const ruleBody = fc.oneof(
  fc.tuple(
    fc.constantFrom('["fs.write"]', '["fs.*"]', '["fs.read", "fs.write"]'),
    optional("path", [["/work/proj/a/**"], ["/work/proj/**"], ["/work/proj/b/c.md"]]),
    optional("except", [["/work/proj/a/x"], ["**/*.md"]]),
    fc.constantFrom("", 'when = { path = { ends_with = ".md" } }', 'when = { path = { glob = ["/work/proj/b/*"] } }'),
  ),
  fc.tuple(
    fc.constant('["fs.write"]'),
    optional("path", [["/work/proj/**"]]),
    fc.constant(""),
    fc.constantFrom("when = { bytes = { le = 10 } }", 'when = { bytes = { gt = 10 }, actor = { eq = "ci" } }'),
  ),
  fc.tuple(
    fc.constant('["net.*"]'),
    optional("host", [["api.example.com"], ["*.example.com"]]),
    optional("except", [["a.example.com"]]),
    fc.constantFrom("", 'when = { method = { eq = "GET" } }', 'when = { host = { starts_with = "api" } }'),
  ),
);
const rule = fc.tuple(
  fc.constantFrom("allow", "allow", "ask", "deny"),
  ruleBody,
  fc.constantFrom("", "expires = 2030-01-01", "limit = { calls = 3 }", 'hours = "Mon-Fri 08:00-18:00 UTC"'),
);
const rules = fc
  .array(rule, { maxLength: 3 })
  .map((all) =>
    all.map(([effect, [on, ...body], more], index) =>
      [
        "[[rule]]",
        `id = "r${index}"`,
        `effect = "${effect}"`,
        `on = ${on}`,
        ...body,
        effect === "deny" ? "" : more,
      ].join("\n"),
    ),
  );

const circumstances = fc.record({
  now: fc.constantFrom(null, Date.UTC(2029, 0, 1, 12), Date.UTC(2029, 0, 6, 12), Date.UTC(2031, 0, 1, 12)),
  actor: fc.constantFrom(null, "ci", "me"),
});

/** `often`: how often something is local-only. */
const layerOf = (often: number) =>
  fc
    .tuple(sections(often), privateHosts, rules)
    .map(([lines, hosts, tables]) => [...lines, hosts, ...tables].filter((line) => line !== "").join("\n"));

const sections = (often: number) =>
  fc
    .record({
      requires_approval: seldom(ASKED),
      "filesystem.read_allow": some(PATHS),
      "filesystem.write_allow": some(PATHS),
      "filesystem.delete_allow": some(PATHS),
      "filesystem.deny": seldom(["**/a", "/work/proj/b", "**/*.md"]),
      "filesystem.local_only_read": seldom(["/work/proj/a/**", "/work/proj/b/c.md"], often),
      "filesystem.local_only_write": seldom(["/work/proj/a/**"], often),
      "network.http_get_allow": some(HOSTS),
      "network.deny_hosts": seldom(["api.example.com"]),
      "network.deny_ips": seldom(["1.2.0.0/16"]),
      "network.local_only_hosts": seldom(["api.example.com", "localhost:8080"], often),
      "environment.allow_vars": some(VARIABLES),
      "environment.deny_vars": seldom(VARIABLES),
      "environment.local_only_vars": seldom(["LANG"], often),
      "subprocess.allow_commands": some(COMMANDS),
      "subprocess.deny_commands": seldom(COMMANDS),
      "subprocess.local_only_commands": seldom(["rg"], often),
      "subprocess.deny_args.git": seldom(["push --force", "reset"]),
      "subprocess.ask_args.git": seldom(["push"]),
    })
    .map((lists) =>
      Object.entries(lists).map(([key, list]) => (list.length === 0 ? "" : `${key} = ${JSON.stringify(list)}`)),
    );

const ranges = fc.record({ "api.example.com": some(["10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/16"]) });
const privateHosts = ranges.map(({ "api.example.com": list }) =>
  list.length === 0 ? "" : `network.private_hosts."api.example.com" = ${JSON.stringify(list)}`,
);

const path = fc.constantFrom(".", "a", "a/x", "a/.env", ".env", "b", "b/c.md", "c", "/etc/passwd", "/home/me/x");
const url = fc.constantFrom(
  "https://api.example.com/",
  "https://api.example.com/v1/x",
  "https://a.example.com/",
  "http://localhost:8080/",
  "https://10.1.2.3/",
);
const call: fc.Arbitrary<CanonicalRequest> = fc.oneof(
  fc
    .tuple(fc.constantFrom("fs.read", "fs.write", "fs.delete"), path)
    .map(([on, at]) => pathRequest(on as "fs.read", at)),
  path.map(searchRequest),
  fc
    .tuple(path, fc.constantFrom(5, 10, 11))
    .map(([at, bytes]) => requestFor("fs.write", pathRequest("fs.write", at).targets, { bytes })),
  fc
    .tuple(path, path)
    .map(([from, to]) =>
      requestFor("fs.write", [...pathRequest("fs.read", from).targets, ...pathRequest("fs.write", to).targets]),
    ),
  fc
    .tuple(url, fc.constantFrom([], ["1.2.3.4"], ["9.9.9.9"], ["10.1.2.3"], ["10.9.9.9"]))
    .map(([at, found]) => urlRequest(at, found)),
  fc.constantFrom("LANG", "APP_TOKEN", "LD_PRELOAD", "X").map(variableRequest),
  fc
    .constantFrom(["git", "push"], ["git", "push", "--force"], ["git", "log"], ["rg", "x"], ["tools/x"], ["sh"])
    .map((argv) => commandRequest(argv)),
);

const STRICTNESS: Readonly<Record<Effect, number>> = { allow: 0, ask: 1, deny: 2 };
const strictnessOf = (policy: Policy, request: CanonicalRequest, around: Circumstances): number =>
  STRICTNESS[policy.decide(request, request, around).effect];

function under(data: PolicyData, ceilings: readonly PolicyData[]): Policy {
  const bound = boundBy(data, ceilings, { sha256: (text) => text });
  if (!bound.ok) throw new Error(bound.problems[0]?.message);
  return Policy.revive(bound.data);
}

/** Null for the few that do not load by themselves, such as a local-only file in a public directory. */
const loaded = (text: string): PolicyData | null => {
  const result = load(text);
  return result.ok ? result.data : null;
};

test("the answer is never less strict than any layer's own, and no stricter than the strictest but for what is sealed", () => {
  const seen = { allow: 0, ask: 0, deny: 0 };
  fc.assert(
    fc.property(
      layerOf(1),
      fc.array(layerOf(1), { minLength: 1, maxLength: 2 }),
      fc.array(call, { minLength: 12, maxLength: 12 }),
      circumstances,
      (main, ceilings, calls, around) => {
        const data = loaded(main);
        const bounds = ceilings.map((text, index) => ceilingOf(text, index));
        fc.pre(data !== null && bounds.every(({ ok }) => ok));
        const layers = [Policy.revive(data), ...bounds.map((bound) => Policy.revive(dataOf(bound)))];
        const effective = under(data, bounds.map(dataOf));
        for (const request of calls) {
          const decision = effective.decide(request, request, around);
          const strictest = Math.max(...layers.map((one) => strictnessOf(one, request, around)));
          seen[decision.effect]++;
          expect(STRICTNESS[decision.effect]).toBeGreaterThanOrEqual(strictest);
          if (STRICTNESS[decision.effect] === strictest) continue;
          // Denied by none alone: a ceiling seals what the policy would give in the open.
          expect(decision).toMatchObject({ effect: "deny", hint: expect.stringContaining("makes it local-only") });
        }
      },
    ),
    { numRuns: 50 },
  );
  // The generator reaches all three, or the claim would be about refusals only.
  expect(Math.min(seen.allow, seen.ask, seen.deny)).toBeGreaterThan(0);
});

test("what any layer seals is never answered in the open, and goes where every layer lets it", () => {
  let sealed = 0;
  fc.assert(
    fc.property(layerOf(9), layerOf(5), fc.array(call, { minLength: 12, maxLength: 12 }), (main, bound, calls) => {
      const data = loaded(main);
      const ceiling = ceilingOf(bound);
      fc.pre(data !== null && ceiling.ok);
      const [own, theirs] = [Policy.revive(data), Policy.revive(dataOf(ceiling))];
      const effective = under(data, [dataOf(ceiling)]);
      for (const request of calls) {
        const decision = effective.decide(request);
        if (decision.effect === "deny") continue;
        const alone = own.decide(request).sealed;
        expect(decision.sealed === undefined).toBe(alone === undefined);
        if (theirs.decide(request).sealed !== undefined) expect(decision.sealed).toBeDefined();
        expect(decision.sealed?.label.slice(0, alone?.label.length)).toEqual(alone?.label);
        sealed += decision.sealed === undefined ? 0 : 1;
      }
    }),
    { numRuns: 100 },
  );
  expect(sealed).toBeGreaterThan(0);
});
