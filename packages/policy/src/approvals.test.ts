import { expect, test } from "vitest";
import { demandOf } from "./approvals.ts";
import { loadPolicyText } from "./load.ts";
import { Policy } from "./policy.ts";
import type { PolicyData } from "./policy-data.ts";
import { diskWorld } from "./testing/disk-world.ts";

const ALICE = `ed25519:${"a".repeat(42)}A`;
const BOB = `ed25519:${"b".repeat(42)}A`;
const CAROL = `ed25519:${"c".repeat(42)}A`;

function load(text: string, more: { ceilings?: readonly PolicyData[]; as?: "ceiling" } = {}): PolicyData {
  const loaded = loadPolicyText(`version = 1\n${text}`, { path: "p.toml" }, diskWorld(), { root: "/tmp", ...more });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.data;
}

function problems(text: string): readonly string[] {
  const loaded = loadPolicyText(`version = 1\n${text}`, { path: "p.toml" }, diskWorld(), { root: "/tmp" });
  return loaded.ok ? [] : loaded.problems.map(({ line, message, hint }) => `${line} ${message} = ${hint}`);
}

const ceiling = (text: string): PolicyData => load(text, { as: "ceiling" });

test("without a section people are asked, clients are not, and nothing is kept beyond its run", () => {
  expect(load("").approvals).toEqual({
    channels: ["terminal", "command", "key", "callback"],
    irreversibleChannels: ["terminal", "command", "key", "callback"],
    timeoutMs: 600_000,
    maxPrompts: 20,
    maxPromptsPerSession: 100,
    remember: "run",
    quorum: 1,
    approvers: {},
  });
});

test("a section says it all, and decides: another one is another policy", () => {
  const text = `[approvals]\nchannels = ["elicitation"]\nirreversible_channels = ["elicitation", "key"]\ntimeout = "1m"\nmax_prompts = 3\nmax_prompts_per_session = 5\nremember = "save"\nquorum = 2\n[approvals.approvers]\nalice = "${ALICE}"\n`;
  expect(load(text).approvals).toEqual({
    channels: ["elicitation"],
    irreversibleChannels: ["key", "elicitation"],
    timeoutMs: 60_000,
    maxPrompts: 3,
    maxPromptsPerSession: 5,
    remember: "save",
    quorum: 2,
    approvers: { alice: ALICE },
  });
  expect(load(text).hash).not.toBe(load("").hash);
});

test.each([
  [
    "[approvals]\nchannels = ['phone']\n",
    '3 `channels` takes a list of "terminal", "command", "key", "callback", "elicitation" = undefined',
  ],
  ["[approvals]\nchannels = ['key', 'key']\n", "3 `channels` names one of them twice = name each once"],
  ["[approvals]\nchannel = ['key']\n", "3 unknown key `channel` in `[approvals]` = did you mean `channels`?"],
  ["[approvals]\ntimeout = '0s'\n", "3 `timeout` must lie between 100ms and 24h = undefined"],
  ["[approvals]\nremember = 'always'\n", '3 `remember` takes one of "never", "run", "save" = undefined'],
  ["[approvals]\nquorum = 0\n", "3 `quorum` must lie between 1 and 16 = undefined"],
  [
    "[approvals.approvers]\nalice = 'ssh-ed25519 AAAA'\n",
    "3 `alice` takes a public key, `ed25519:` and 43 characters = copy it from `agent-run keys show`",
  ],
  [
    // The same 32 bytes, spelled in a way that no encoder gives.
    `[approvals.approvers]\nalice = "ed25519:${"a".repeat(42)}B"\n`,
    "3 `alice` takes a public key, `ed25519:` and 43 characters = copy it from `agent-run keys show`",
  ],
  [
    `[approvals.approvers]\nalice = "${ALICE}"\nbob = "${ALICE}"\n`,
    "4 `bob` has the key of `alice`, and would count twice = give each approver a key of their own: `agent-run keys new`",
  ],
  [
    `[approvals.approvers]\nalice = "${ALICE}"\n[[rule]]\nid = "r"\neffect = "ask"\non = "fs.write"\napprovers = "alise"\n`,
    "8 there is no approver `alise` = did you mean `alice`?",
  ],
  [
    `[approvals.approvers]\nalice = "${ALICE}"\n[[rule]]\nid = "r"\neffect = "ask"\non = "fs.write"\napprovers = "alice"\nquorum = 2\n`,
    "9 a quorum of 2 is never reached by 1 approvers = name more of them",
  ],
  [
    '[[rule]]\nid = "r"\neffect = "allow"\non = "fs.write"\npath = "out/**"\nquorum = 2\n',
    '7 `quorum` is about who answers, and a rule with `effect = "allow"` asks nobody = write `effect = "ask"`, or remove it',
  ],
  [
    '[[rule]]\nid = "r"\neffect = "ask"\non = "fs.write"\napprovers = []\n',
    "6 `approvers` is empty, so nobody could answer = name one, or remove it",
  ],
])("a section that can not be meant does not load: %s", (text, wanted) => {
  expect(problems(text)).toContain(wanted);
});

test("of inherited settings the stricter hold, and the quorum's stricter is the larger", () => {
  const world = {
    ...diskWorld(),
    presets: new Map([["strict", 'version = 1\n[approvals]\nmax_prompts = 2\nquorum = 3\ntimeout = "1s"\n']]),
  };
  const text = 'version = 1\ninherits = ["strict"]\n[approvals]\nmax_prompts = 9\nquorum = 2\n';
  const loaded = loadPolicyText(text, { path: "p.toml" }, world, { root: "/tmp" });
  expect(loaded.ok && loaded.data.approvals).toMatchObject({ maxPrompts: 2, quorum: 3, timeoutMs: 1000 });
});

test("a ceiling narrows every key, and accepts no approver that it does not know by key", () => {
  const bound = ceiling(
    `[approvals]\nchannels = ["key", "terminal"]\ntimeout = "1m"\nmax_prompts = 1\nremember = "never"\nquorum = 2\n[approvals.approvers]\nalice = "${ALICE}"\n`,
  );
  const main = load(
    `[approvals]\nchannels = ["terminal", "elicitation"]\nirreversible_channels = ["terminal", "elicitation"]\nremember = "save"\ntimeout = "2m"\n[approvals.approvers]\nalice = "${BOB}"\nal = "${ALICE}"\n`,
    { ceilings: [bound] },
  );
  expect(main.approvals).toEqual({
    channels: ["terminal"],
    irreversibleChannels: ["terminal"],
    timeoutMs: 60_000,
    maxPrompts: 1,
    maxPromptsPerSession: 100,
    remember: "never",
    quorum: 2,
    approvers: { al: ALICE },
  });
});

const ASKING = (approvers: string, more = "") =>
  `[approvals.approvers]\nalice = "${ALICE}"\nbob = "${BOB}"\ncarol = "${CAROL}"\n` +
  `[[rule]]\nid = "one"\neffect = "ask"\non = "fs.write"\npath = "out/**"\napprovers = ${approvers}\nreason = "reviewed"\n${more}`;
const WRITE = {
  v: 1,
  on: "fs.write",
  targets: [{ on: "fs.write", role: "write", kind: "path", value: "/tmp/out/a" }],
  attrs: { path: "/tmp/out/a", bytes: 1 },
  labels: [],
} as const;
const asked = (data: PolicyData, irreversible = false) =>
  demandOf(data, Policy.revive(data).decide(WRITE).matched, irreversible);

test("a rule's approvers are the only ones who answer, with its reason told", () => {
  expect(asked(load(ASKING('["alice", "bob"]')))).toMatchObject({
    quorum: 1,
    onlySigners: true,
    signers: { alice: ALICE, bob: BOB },
    reasons: ["reviewed"],
  });
});

test("where two rules ask, who answers must be accepted by both, as often as the stricter says", () => {
  const two = '[[rule]]\nid = "two"\neffect = "ask"\non = "fs.*"\napprovers = ["bob", "carol"]\nquorum = 2\n';
  expect(asked(load(ASKING('["alice", "bob"]', two)))).toMatchObject({ quorum: 2, signers: { bob: BOB } });
});

test("a ceiling's question is answered by whom the ceiling accepts; if the policy does not, by nobody", () => {
  const bound = ceiling(
    ASKING('["alice"]', "[filesystem]\nwrite_allow = ['/**']\n").replace('id = "one"', 'id = "up"'),
  );
  const main = (key: string) =>
    load(
      `requires_approval = ["fs.write"]\n[filesystem]\nwrite_allow = ["out/**"]\n[approvals.approvers]\nmine = "${key}"\n`,
      {
        ceilings: [bound],
      },
    );
  expect(asked(main(ALICE))).toMatchObject({ onlySigners: true, signers: { mine: ALICE } });
  expect(asked(main(BOB))).toMatchObject({ onlySigners: true, signers: {} });
});

test("what cannot be taken back has its own channels, of those that count at all", () => {
  const data = load(
    'requires_approval = ["fs.write"]\n[filesystem]\nwrite_allow = ["out/**"]\n[approvals]\nchannels = ["callback", "terminal"]\n',
  );
  expect(asked(data).channels).toEqual(["terminal", "callback"]);
  expect(asked(data, true).channels).toEqual(["terminal", "callback"]);
  const narrow = load(
    'requires_approval = ["fs.write"]\n[filesystem]\nwrite_allow = ["out/**"]\n[approvals]\nchannels = ["callback", "terminal"]\nirreversible_channels = ["key", "terminal"]\n',
  );
  expect(asked(narrow, true).channels).toEqual(["terminal"]);
});
