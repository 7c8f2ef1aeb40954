import { expect, test } from "vitest";
import { explainLocalOnly } from "./explain-local-only.ts";
import { showPolicy } from "./show.ts";
import { policyOf } from "./testing/policy-of.ts";

const POLICY = `[filesystem]
local_only_read = ["notes/**"]
local_only_write = ["private/**"]
[network]
local_only_hosts = ["localhost:11434", "status.internal"]
[environment]
local_only_vars = ["INTERNAL_URL"]
[subprocess]
local_only_commands = ["sort"]
[[label]]
name = "notes"
sources = ["file:notes/**", "env:A"]
sinks = ["host:localhost:11434"]
[[secret]]
name = "stripe"
env = "STRIPE_KEY"
[[secret.use]]
host = "api.stripe.com"
methods = ["GET"]
paths = ["/v1/charges/**"]
slot = "header:authorization"
format = "Bearer {}"
response = "public"
[[secret]]
name = "github"
file = "token.json"
field = "a.b"
data = true
[[secret.use]]
command = ["git", "push", "origin", "*"]
slot = "askpass"
remote = "https://github.com/me/project.git"
response = "sealed"
outcome = "ok"
[[secret]]
name = "crm"
from = { secret = "stripe", url = "https://auth.example.com/token", field = "access_token" }
[[release]]
name = "state"
from = "GET https://status.internal/state"
select = "$.a[0].b"
type = { enum = ["green", "red"] }
per_run = 3
per_day = 200
`;

test("everything that is sealed, used, released and told is said in words", () => {
  expect(explainLocalOnly(policyOf(POLICY).data)).toEqual([
    "Files that are read sealed: `/work/proj/notes/**`.",
    "Files that may receive sealed data: `/work/proj/private/**`.",
    "Hosts that may receive sealed data, and whose answers are sealed: `http://localhost:11434/**`, `https://status.internal:443/**`.",
    "Variables that are read sealed: `INTERNAL_URL`.",
    "Commands that may receive sealed data, and whose answers are sealed: `sort`.",
    "Label notes: what comes from `/work/proj/notes/**`, `env:A` may go to `http://localhost:11434/**` only.",
    "Secret stripe comes from the variable `STRIPE_KEY`. It can be used and not opened.",
    "Secret stripe may go to GET `https://api.stripe.com:443/v1/charges/**` as the header `authorization`, written `Bearer {}`; the answer comes back in the open, whatever it says.",
    "Secret github comes from `a.b` of the file `/work/proj/token.json`, which nothing else reaches. It is sealed data like any other: compartments may open it, and local-only places may receive it.",
    "Secret github may go to the command `git push origin *` as the answer to its question for a password, at `https://github.com/me/project.git` only; the answer is sealed, but whether it went well is told up to 10 times a run.",
    "Secret crm comes from the member `access_token` of what `https://auth.example.com/token` answers to the secret stripe. It can be used and not opened. No use is declared, so it goes nowhere.",
    "Release state: `$.a[0].b` of the answer of `GET https://status.internal/state` comes out as one of `green`, `red`, else `withheld`; up to 3 times a run, 200 times a day, 1.6 bits each.",
    "At most 18 bits a run come out this way, 38246.4 bits a day (of at most 2880 runs): release `release.state` 4.8 bits, outcomes of `secret.github.use[0]` 10 bits, ticks of the settle clock 3.2 bits a run.",
    "After sealed work, what others see happens at one of these ticks: `1s`, `10s`, `2m`; a run may wait once besides its end.",
    "Commands run in a jail, or not at all; public ones do not see what is local-only.",
  ]);
});

test("`policy show` has the sentences, and marks rules that are sealed or uses", () => {
  const text = showPolicy(policyOf(POLICY).data);
  expect(text).toContain("\nlocal-only\n  Files that are read sealed: ");
  expect(text).toContain("  fs.read  /work/proj/notes/**, sealed  (filesystem.local_only_read[0], ");
  expect(text).toContain("/v1/charges/**, with the secret stripe  (secret.stripe.use[0], ");
});

test("nothing is said where nothing is local-only", () => {
  expect(explainLocalOnly(policyOf("").data)).toEqual([]);
  expect(showPolicy(policyOf("").data)).not.toContain("local-only");
});

test("what is weaker is said, and told in a banner before every run", () => {
  const { data } = policyOf(`[local_only]
mode = "redact"
profile = "relaxed"
[environment]
local_only_vars = ["A"]
[subprocess]
allow_commands = ["cat"]
sandbox = "none"
accept_unsandboxed_commands = true
`);
  const text = explainLocalOnly(data).join("\n");
  expect(text).toContain("the profile is relaxed");
  expect(text).toContain("any number of bits a run come out this way, not bounded in a day");
  expect(text).toContain("Decoding, slicing, comparing, lengths and timing are not stopped");
  expect(text).toContain("Commands run without a jail and can read all of the above");
  const banners = data.banners.join("\n");
  for (const word of [
    "does not stop parts of a value, comparisons, guesses, lengths",
    'profile = "relaxed"',
    "accept_unsandboxed_commands",
  ])
    expect(banners).toContain(word);
});

test("strict says its one tick", () => {
  const { data } = policyOf('[local_only]\nprofile = "strict"\n[environment]\nlocal_only_vars = ["A"]\n');
  expect(explainLocalOnly(data).join("\n")).toContain("happens exactly `30s` later");
  expect(data.localOnly?.settleMs).toEqual([30_000]);
});
