/** The policies of the mock world: one that has everything, and variants of it, each by what it changes. */
import { spawnSync } from "node:child_process";

/** One tick, as in `strict`, which takes no commands without a jail; a variant without commands is `strict` itself. */
const BASE = {
  profile: "default",
  commands: true,
  isJailed: false,
  settle: ["300ms"],
  maxWaits: 8,
  compute: `{ fuel = 500, wall = "150ms", memory = "32MiB", output = "1MiB" }`,
  runtime: "",
  data: false,
  source: `env = "BROKER_KEY"`,
  localRead: `["priv/**", "~/notes/**"]`,
  localWrite: `["priv/**"]`,
  writes: `["out/**"]`,
  asks: "",
  extra: "",
};

/** What a variant is for, and what it changes. */
const VARIANTS = {
  base: {},
  strict: { profile: "strict", commands: false },
  /** Ticks that no delay of the world reaches, so that the settle ticks agree, which G asks for. */
  default: { profile: "default", settle: ["1s", "2s", "4s"], maxWaits: 1 },
  /** A tick that a busy machine reaches in time: what is not settled is `withheld`, another released value. */
  releases: { settle: ["1s"] },
  "no-waits": { maxWaits: 0 },
  /** Commands in the jail, where one works; with git and its own way to a remote. */
  jailed: { isJailed: true, settle: ["2s"] },
  capacity: { profile: "default", settle: ["200ms", "600ms", "1500ms"], maxWaits: 1 },
  "few-calls": { runtime: "max_calls = 6" },
  "little-output": { runtime: `max_output = "1KiB"` },
  "little-memory": { runtime: `max_memory = "16MiB"` },
  "one-fetch": { runtime: "max_concurrency = 1" },
  "data-secret": { data: true },
  "file-secret": { source: `file = "creds/broker.json"\nfield = "a.b"` },
  "tiny-compute": { compute: `{ fuel = 3, wall = "50ms", memory = "16MiB", output = "1KiB" }` },
  labels: {
    extra: `[[label]]
name = "files"
sources = ["file:priv/**"]
sinks = ["file:priv/**"]
`,
  },
  asks: { asks: `requires_approval = ["fs.delete"]` },
  /** A private folder in a public one, whose files the secret names. */
  "private-inside": { localRead: `["priv/**", "~/notes/**", "out/inner/**"]`, writes: `["out/**", "pub/**"]` },
  /** P1: writing there shows in a folder that is public. */
  laundering: { localWrite: `["priv/**", "out/key.txt"]` },
  /** Local-only beats every public grant. */
  overlap: { localWrite: `["priv/**", "out/**"]` },
};

export const POLICY_NAMES = Object.keys(VARIANTS);

/** Public effects that follow sealed work happen at ticks of this length at least. */
export const firstTickMs = (name) => milliseconds({ ...BASE, ...VARIANTS[name] }.settle[0]);
export const ticksMs = (name) => ({ ...BASE, ...VARIANTS[name] }).settle.map(milliseconds);

/** Whether commands can be jailed on this machine; without that the techniques of `jailed` say nothing. */
export const hasJail = () =>
  spawnSync("/usr/bin/bwrap", ["--unshare-all", "--ro-bind", "/", "/", "--", "/usr/bin/env"]).status === 0;

/** Folders that are private under a variant, and public under the others. */
export const privateFoldersOf = (name) => FOLDERS[name] ?? [];
const FOLDERS = { overlap: ["out"], "private-inside": ["out/inner"] };

const milliseconds = (text) => (text.endsWith("ms") ? Number(text.slice(0, -2)) : Number(text.slice(0, -1)) * 1000);

/** `mode`: `sealed`, `redact`, or `open`: everything public, so that one sees which techniques are attacks at all. */
export function policyText(name, { mode, ports }) {
  const variant = { ...BASE, ...VARIANTS[name] };
  if (mode === "open") return openPolicy(variant, ports);
  const places = placesOf(mode, ports, variant);
  const { profile, settle, maxWaits, compute, runtime, localWrite, writes, asks, commands, isJailed, extra } = variant;
  return `version = 1
name = "exfiltration"
${asks}

[filesystem]
read_allow = ["pub/**", "out/**"${isJailed ? `, ".git/**"` : ""}]
write_allow = ${writes}
delete_allow = ${writes}
local_only_read = ${places.files}
local_only_write = ${localWrite}

[network]
http_get_allow = ${places.sites}
http_post_allow = ${places.sites}
http_put_allow = ${places.sites}
local_only_hosts = ["http://127.0.0.1:${ports.local}"]
timeout_seconds = 3
follow_redirects = 3

[environment]
allow_vars = ["LANG"]
local_only_vars = ${places.variables}

${commands ? commandsText(isJailed) : ""}
[runtime]
max_seconds = 20
${runtime}

[local_only]
mode = "${mode}"
profile = "${profile}"
settle = [${settle.map((tick) => `"${tick}"`).join(", ")}]
max_waits = ${maxWaits}
compute = ${compute}

${mode === "sealed" ? secretsAndReleases(variant, ports) : ""}
${extra}`;
}

/** Under `redact` there are no uses of secrets: all of them are variables, and their host is a public one. */
function placesOf(mode, ports, { localRead }) {
  const site = `"http://127.0.0.1:${ports.public}"`;
  if (mode === "sealed") return { sites: `[${site}]`, files: localRead, variables: `["API_KEY"]` };
  return {
    sites: `[${site}, "https://localhost:${ports.broker}"]`,
    files: `${localRead.slice(0, -1)}, "creds/**"]`,
    variables: `["API_KEY", "BROKER_KEY", "SECOND_KEY", "PUSH_TOKEN"]`,
  };
}

function secretsAndReleases({ source, data, commands, isJailed }, ports) {
  return `[[secret]]
name = "broker"
${source}
data = ${data}
${uses(ports, [
  ["/v1/**", "header:authorization", "Bearer {}", "public"],
  ["/basic/**", "header:authorization", "Basic {basic}", "public"],
  ["/query/**", "query:key", "{}", "public"],
  ["/signed/**", "header:x-signature", "{hmac}", "public"],
  ["/sealed/**", "header:authorization", "Bearer {}", "sealed"],
])}
[[secret]]
name = "second"
env = "SECOND_KEY"
${uses(ports, [["/second/**", "header:x-api-key", "{}", "public"]])}
${commands ? pushText(isJailed, ports) : ""}
[[release]]
name = "state"
from = "GET http://127.0.0.1:${ports.local}/state"
select = "$.state"
type = { enum = ["green", "yellow", "red"] }
per_run = 2

[[release]]
name = "absent"
from = "GET http://127.0.0.1:${ports.local}/state"
select = "$.no.such[0]"
type = "bool"
per_run = 3

[[release]]
name = "part"
from = "file:priv/states.txt"
type = { enum = ["green", "yellow", "red"] }
per_run = 3
`;
}

function openPolicy({ runtime, asks }, ports) {
  const hosts = JSON.stringify([ports.public, ports.local].map((port) => `http://127.0.0.1:${port}`));
  const all = `[${hosts.slice(1, -1)}, "https://localhost:${ports.broker}"]`;
  return `version = 1
name = "exfiltration"
${asks}

[filesystem]
read_allow = ["pub/**", "out/**", "priv/**", "creds/**", "~/notes/**"]
write_allow = ["out/**", "priv/**"]
delete_allow = ["out/**", "priv/**"]

[network]
http_get_allow = ${all}
http_post_allow = ${all}
http_put_allow = ${all}
follow_redirects = 3

[environment]
allow_vars = ["LANG", "API_KEY", "BROKER_KEY", "SECOND_KEY", "PUSH_TOKEN"]

[subprocess]
allow_commands = ["bin/show", "bin/link", "bin/look", "bin/cleared", "bin/push"]
sandbox = "none"

[runtime]
max_seconds = 20
${runtime}
`;
}

const commandsText = (isJailed) => `[subprocess]
allow_commands = ["bin/show", "bin/link", "bin/look", "bin/tell"]
local_only_commands = ["bin/cleared"]
${isJailed ? `sandbox = "auto"` : `sandbox = "none"\naccept_unsandboxed_commands = true`}
`;

const pushText = (isJailed, ports) => `[[secret]]
name = "push"
env = "PUSH_TOKEN"
[[secret.use]]
${isJailed ? `command = ["git", "push", "origin", "*"]` : `command = ["bin/push", "origin", "*"]`}
${isJailed ? `slot = "askpass"\nremote = "https://localhost:${ports.broker}/git/repository.git"` : `slot = "env:PUSH_TOKEN"`}
response = "sealed"
outcome = "ok"
`;

const uses = (ports, rows) =>
  rows
    .map(
      ([path, slot, format, response]) => `[[secret.use]]
host = "https://localhost:${ports.broker}"
methods = ["GET", "HEAD", "POST"]
paths = ["${path}"]
slot = "${slot}"
format = "${format}"
response = "${response}"
`,
    )
    .join("");
