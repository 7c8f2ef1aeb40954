import { expect, test } from "vitest";
import { requestOf } from "./call.ts";
import type { Json } from "./json.ts";
import { policyOf, ROOT } from "./testing/policy-of.ts";

const { data } = policyOf("");

function targetsOf(call: Json): unknown {
  const request = requestOf(call, data, { home: "/home/me" });
  return request.ok ? request.value.targets.map(({ role, value }) => `${role} ${value}`) : request.failure.message;
}

test.each([
  ["src/**/*.ts", `search ${ROOT}/src`],
  ["*.ts", `search ${ROOT}`],
  ["../**", "search /work"],
  ["~/*", "search /home/me"],
  ["/etc/*", "search /etc"],
  ["src/a.ts", `read ${ROOT}/src/a.ts`],
])("a glob of %s is the %s", (pattern, target) => {
  expect(targetsOf({ on: "fs.read", pattern })).toEqual([target]);
});

test.each([
  [{ on: "fs.read", pattern: "" }, "the pattern is empty"],
  [{ on: "fs.read", pattern: 1 }, "`pattern` must be a string"],
  [{ on: "fs.read", pattern: "*", path: "a" }, "a call has either `path` or `pattern`"],
  [{ on: "fs.write", pattern: "*" }, "`pattern` is not a member of a call on fs.write; there are: path, bytes"],
])("%j is no call", (call, message) => expect(targetsOf(call)).toBe(message));
