import type { CanonicalRequest, Decision } from "@agent-run/gate";
import { expect, test } from "vitest";
import { logged } from "./logged-request.ts";

const SECRET = "value-of-key";
const decision: Decision = { effect: "allow", code: null, rule: { id: "r" }, matched: [], layer: "policy" };

const request = (targets: CanonicalRequest["targets"], attrs: CanonicalRequest["attrs"]): CanonicalRequest => ({
  v: 1,
  on: "net.http_get",
  targets,
  attrs,
  labels: [],
});

test("the log says where a request went, and not what with", () => {
  const url = {
    on: "net.http_get",
    role: "connect",
    kind: "url",
    value: `https://h.example:8443/a/${SECRET}?q=${SECRET}`,
  } as const;
  const attrs = { host: "h.example", port: 8443, method: "GET", url_path: `/a/${SECRET}`, bytes: 3 };
  const entry = {
    seq: 1,
    op: "net.request",
    request: request([url], attrs),
    decision: { ...decision, target: url, hint: SECRET },
  };
  const shown = logged(entry);
  expect(shown.request.targets).toEqual([{ ...url, value: "https://h.example:8443" }]);
  expect(shown.request.attrs).toEqual({ host: "h.example", port: 8443, method: "GET", bytes: 3 });
  expect(JSON.stringify(shown)).not.toContain(SECRET);
});

test("of a command it has the name, the number of its words and the names of its variables", () => {
  const command = { on: "subprocess.exec", role: "execute", kind: "command", value: "/usr/bin/cat" } as const;
  const attrs = { command: "cat", argv: ["cat", SECRET], env: [`A=${SECRET}`, "B="], stdin_bytes: 4 };
  const shown = logged({ seq: 1, op: "subprocess.exec", request: request([command], attrs), decision });
  expect(shown.request.targets).toEqual([command]);
  expect(shown.request.attrs).toEqual({ command: "cat", words: 2, env: ["A", "B"], stdin_bytes: 4 });
});
