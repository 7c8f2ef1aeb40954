/** Policies near the checks of local-only values that do load, and must. */
import { expect, test } from "vitest";
import { policyOf } from "./testing/policy-of.ts";

const USE = (host: string, more = ""): string =>
  `[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "${host}"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "sealed"\n${more}`;

test.each([
  [
    "a directory of its own below what is public",
    '[filesystem]\nread_allow = ["**"]\nlocal_only_write = ["private/**"]\n',
  ],
  [
    "a file in a directory that is local-only itself",
    '[filesystem]\nread_allow = ["**"]\nlocal_only_read = ["private/**"]\nlocal_only_write = ["private/a.md", "private/*.md"]\n',
  ],
  [
    "a file in a directory that nothing public covers",
    '[filesystem]\nread_allow = ["src/**"]\nlocal_only_write = ["out/a.md"]\n',
  ],
  ["patterns with wildcards without commands", '[filesystem]\nlocal_only_read = ["**/*.key"]\n'],
  [
    "patterns with wildcards with commands without a jail, accepted",
    '[filesystem]\nlocal_only_read = ["**/*.key"]\n[subprocess]\nallow_commands = ["git"]\nsandbox = "none"\naccept_unsandboxed_commands = true\n',
  ],
  [
    "patterns with wildcards where only local-only commands run",
    '[filesystem]\nlocal_only_read = ["**/*.key"]\n[subprocess]\nlocal_only_commands = ["sort"]\n',
  ],
  ["no jail where nothing is local-only", '[subprocess]\nallow_commands = ["git"]\nsandbox = "none"\n'],
  ["no jail where there are no commands", '[environment]\nlocal_only_vars = ["A"]\n[subprocess]\nsandbox = "none"\n'],
  ["a host that sends back what it is sent, sealed", USE("httpbin.org")],
  ["a use at this machine over http", USE("localhost:8080")],
  ["a wildcard that is accepted", USE("*.a.example", "wildcard = true\n")],
  [
    "a release from the sealed answer of a use",
    `${USE("a.example")}[[release]]\nname = "r"\nfrom = "GET https://a.example/x"\ntype = "bool"\n`,
  ],
  [
    "two secrets that are parts of one variable",
    '[[secret]]\nname = "a"\nenv = "C"\nfield = "a"\n[[secret]]\nname = "b"\nenv = "C"\nfield = "b"\n',
  ],
  ["strict with one tick of its own", '[local_only]\nprofile = "strict"\nsettle = ["5s"]\n'],
  ["relaxed without ticks", '[local_only]\nprofile = "relaxed"\nsettle = []\n'],
])("%s loads", (_, text) => {
  expect(policyOf(text).data.hash).toMatch(/^[0-9a-f]{64}$/);
});

test("a pattern with wildcards is refused where a secret goes to a command, since that runs in a jail, too", () => {
  const use =
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\ncommand = ["curl", "**"]\nslot = "stdin"\nresponse = "sealed"\n';
  expect(() => policyOf(`[filesystem]\nlocal_only_read = ["**/*.key"]\n${use}`)).toThrow(
    /a jail hides only what it can name/,
  );
});

test("nobody is told of a secret that opens its own variable, and everybody of an entry that does", () => {
  expect(policyOf('[[secret]]\nname = "s"\nenv = "STRIPE_KEY"\n').data.banners).toEqual([]);
  expect(policyOf('[filesystem]\nlocal_only_read = [".env"]\n').data.banners).toEqual([
    "`.env` is open for fs.read, sealed, although builtin.env_files denies it everywhere else: filesystem.local_only_read[0] in /work/proj/agent-run.toml:3 names it",
  ]);
});
