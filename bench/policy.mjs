/**
 * B4, one decision at 10 to 10,000 rules, and B5, loading as many, beside `@cedar-policy/cedar-wasm` (policies parsed ahead,
 * its stateful call) and `casbin` (keyMatch, synchronous). The same rules and the same questions for all: a quarter each of
 * reads that are granted, paths that are denied, hosts and variables. Contestants take turns inside a round. What is timed is the
 * policy package, bundled as the build bundles it.
 */
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import cedar from "@cedar-policy/cedar-wasm/nodejs";
import { newEnforcer, newModelFromString } from "casbin";
import { allOf, fromSources } from "../scripts/from-sources.mjs";
import { inQuietTurns, inTurn } from "./measure.mjs";

// Node 20 aborts ("unreachable code" in the deoptimizer) when it leaves optimized code that cedar-wasm's calls were inlined into.
setFlagsFromString("--no-turbo-inline-js-wasm-calls");

const SIZES = [10, 100, 1000, 10_000];
const world = {
  readText: () => ({ ok: false, reason: "not there" }),
  realPath: (path) => path,
  homes: ["/home/u"],
  presets: new Map(),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};
const FILE = { path: "/w/agent-run.toml", realPath: "/w/agent-run.toml" };

/** Rows of the table. `only`: `B4` or `B5`, else both. */
export async function policies(only) {
  const load = (name) => fromSources(allOf([`packages/${name}/src/index.ts`]));
  const policy = await load("policy");
  const rows = [];
  if (only !== "B5") for (const size of SIZES) rows.push(...(await decisions(policy, size)));
  if (only !== "B4") {
    for (const size of SIZES) rows.push(...(await loading(policy, size)));
    rows.push(await linting(policy, await load("authoring"), 1000));
  }
  return rows;
}

async function decisions({ loadPolicyText, Policy, requestOf }, size) {
  const loaded = loadPolicyText(tomlOf(size), FILE, world);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems[0]));
  const ours = Policy.revive(structuredClone(loaded.data));
  const parsed = cedar.preparsePolicySet(`b4-${size}`, { staticPolicies: cedarOf(size) });
  if (parsed.type !== "success") throw new Error(JSON.stringify(parsed));
  const casbin = await enforcerOf(size);
  const rows = [];
  for (const [what, { make, verdict }] of Object.entries(QUESTIONS)) {
    const asked = Array.from({ length: 256 }, (_, at) => make((at * 7919) % Math.max(1, Math.floor(size / 4)))).map(
      ({ call, thing }) => ({ request: canonical(requestOf, call, loaded.data), words: { action: call.on, thing } }),
    );
    const inBatch = (count, work) => () => {
      for (let at = 0; at < count; at += 1)
        if (work(asked[at & 255]) !== verdict) throw new Error(`${what}: wrong answer`);
    };
    const us = ({ request }) => ours.decide(request).effect === "allow";
    // So short that hardly any is cut in two by what else the machine does.
    const counts = { "agent-run": 200, "cedar-wasm": size > 10 ? 1 : 4, casbin: size > 100 ? 1 : 10 };
    inBatch(20_000, us)();
    const times = await inQuietTurns(
      {
        "agent-run": inBatch(counts["agent-run"], us),
        "cedar-wasm": inBatch(counts["cedar-wasm"], ({ words }) => askCedar(`b4-${size}`, words)),
        casbin: inBatch(counts.casbin, ({ words }) => casbin.enforceSync(words.action, words.thing)),
      },
      size > 1000 ? 15 : 101,
    );
    rows.push(...rowsOf("B4", `one decision, ${size} rules: ${what}`, times, counts));
  }
  return rows;
}

/** Times of one decision each, and how many times ours the others take. */
function rowsOf(id, what, times, counts) {
  const one = (name, key) => times[name][key] / (counts[name] ?? 1);
  return Object.keys(times).map((name) => {
    const [median, min, max, p95] = ["median", "min", "max", "p95"].map((key) => one(name, key));
    const ratio = median / one("agent-run", "median");
    const note = name === "agent-run" ? "" : `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(2)}x agent-run's time`;
    return { id, what, name, median, min, max, p95, note };
  });
}

async function loading({ loadPolicyText, Policy }, size) {
  const [toml, cedarPolicies] = [tomlOf(size), cedarOf(size)];
  const first = { v: 1, on: "fs.read", targets: [FIRST], attrs: {}, labels: [] };
  const times = await inTurn(
    {
      // With the first answer, as what is compiled is compiled when it is needed.
      "agent-run": () => {
        const loaded = loadPolicyText(toml, FILE, world);
        if (!loaded.ok || Policy.revive(loaded.data).decide(first).effect !== "allow") throw new Error("wrong answer");
      },
      "cedar-wasm": () => {
        if (cedar.preparsePolicySet(`b5-${size}`, { staticPolicies: cedarPolicies }).type !== "success")
          throw new Error("not parsed");
      },
    },
    size > 1000 ? 7 : 21,
    5,
  );
  return rowsOf("B5", `load, validate, compile, ${size} rules`, times, {});
}

async function linting({ loadPolicyText }, { lintPolicy }, size) {
  const loaded = loadPolicyText(tomlOf(size), FILE, world);
  const input = { ...loaded, homes: world.homes, now: Date.now() };
  const times = await inTurn({ "agent-run": () => lintPolicy(input) }, 7, 1);
  return {
    id: "B5",
    what: `all findings of \`policy lint\`, ${size} rules`,
    name: "agent-run",
    ...times["agent-run"],
    note: "",
  };
}

const askCedar = (preparsedPolicySetId, { action, thing }) => {
  const answer = cedar.statefulIsAuthorized({
    principal: { type: "Agent", id: "a" },
    action: { type: "Action", id: action },
    resource: { type: "Thing", id: "t" },
    context: { thing },
    preparsedPolicySetId,
    entities: [],
  });
  if (answer.type !== "success") throw new Error(JSON.stringify(answer));
  return answer.response.decision === "allow";
};

/** As tables: capability, place, effect. */
function rulesOf(size) {
  return Array.from({ length: size }, (_, at) => {
    const group = Math.floor(at / 4);
    if (at % 4 === 0) return { on: "fs.read", key: "path", place: `src/area${group}/**`, effect: "allow" };
    if (at % 4 === 1) return { on: "fs.read", key: "path", place: `private/zone${group}/**`, effect: "deny" };
    if (at % 4 === 2) return { on: "net.http_get", key: "host", place: `api${group}.example.com`, effect: "allow" };
    return { on: "env.read", key: "name", place: `APP_VAR${group}`, effect: "allow" };
  });
}

const FIRST = { on: "fs.read", role: "read", kind: "path", value: "/w/src/area0/lib/file.ts" };

const tomlOf = (size) =>
  `version = 1\n${rulesOf(size)
    .map(
      ({ on, key, place, effect }, at) =>
        `[[rule]]\nid = "r${at}"\neffect = "${effect}"\non = ["${on}"]\n${key} = ["${place}"]\n`,
    )
    .join("")}`;

const plainPlace = ({ key, place }) => (key === "path" ? `/w/${place.replace("**", "*")}` : place);

const cedarOf = (size) =>
  rulesOf(size)
    .map((rule) => {
      const test = rule.key === "path" ? `like "${plainPlace(rule)}"` : `== "${rule.place}"`;
      const effect = rule.effect === "allow" ? "permit" : "forbid";
      return `${effect}(principal, action == Action::"${rule.on}", resource) when { context.thing ${test} };`;
    })
    .join("\n");

async function enforcerOf(size) {
  const model = newModelFromString(`[request_definition]
r = act, obj
[policy_definition]
p = act, obj, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.act == p.act && keyMatch(r.obj, p.obj)`);
  const enforcer = await newEnforcer(model);
  await enforcer.addPolicies(rulesOf(size).map((rule) => [rule.on, plainPlace(rule), rule.effect]));
  return enforcer;
}

/** As a run makes it of the JSON that comes out of the VM. */
function canonical(requestOf, call, policy) {
  const request = requestOf(JSON.parse(JSON.stringify(call)), policy, { home: "/home/u" });
  if (!request.ok) throw new Error(request.failure.message);
  return request.value;
}

const read = (path) => ({ call: { on: "fs.read", path }, thing: path });
const get = (host) => ({ call: { on: "net.http_get", url: `https://${host}/v1/items` }, thing: host });

const QUESTIONS = {
  "granted read": { make: (at) => read(`/w/src/area${at}/lib/file.ts`), verdict: true },
  "denied by a rule": { make: (at) => read(`/w/private/zone${at}/file.ts`), verdict: false },
  "denied by default": { make: (at) => read(`/w/other/area${at}/file.ts`), verdict: false },
  "granted host": { make: (at) => get(`api${at}.example.com`), verdict: true },
  "granted variable": {
    make: (at) => ({ call: { on: "env.read", name: `APP_VAR${at}` }, thing: `APP_VAR${at}` }),
    verdict: true,
  },
};
