/** Questions answered from another terminal, as a person does it: real commands, real files, a real record. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ticket } from "@agent-run/approvals";
import type { JsonObject } from "@agent-run/policy";
import type { RunReport } from "@agent-run/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Ended, Workplace } from "./command.ts";
import { GENERATIONS } from "./mcp-client.fixture.ts";
import { ROOT } from "./sources.ts";
import { Terminal } from "./terminal.fixture.ts";

const POLICY = `version = 1
requires_approval = ["fs.write", "fs.delete"]
[filesystem]
read_allow = ["out/**"]
write_allow = ["out/**"]
delete_allow = ["out/**"]
`;
const WRITE = 'fs.write("out/a.txt", "x")';

let place: Workplace;
beforeEach(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "out/kept.txt": "", "s.js": WRITE });
});
afterEach(() => place.remove());

const waiting = (script = WRITE): Promise<RunReport> => place.report(script, ["--ask", "wait"]);

async function pending(): Promise<Ticket> {
  for (;;) {
    const { stdout } = await place.run(["approvals", "pending", "--json"]);
    const [first] = (JSON.parse(stdout) as { pending: readonly Ticket[] }).pending;
    if (first !== undefined) return first;
    await sleep(50);
  }
}

const idOf = (ticket: Ticket): string => ticket.nonce.slice(0, 8);

async function approvalsOf({ record }: RunReport): Promise<readonly JsonObject[]> {
  const verified = await place.run(["audit", "verify", record ?? ""]);
  expect(verified.code).toBe(0);
  const lines = readFileSync(record ?? "", "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as JsonObject).filter(({ kind }) => kind === "approval");
}

test("a question in a pipe waits for a word at another terminal, which is shown what will run", async () => {
  const run = waiting();
  const ticket = await pending();
  const terminal = new Terminal(place, `approvals approve ${idOf(ticket)}`);
  await terminal.until("anything else to leave it open: ");
  expect(terminal.shown).toContain("fs.write out/a.txt");
  expect(terminal.shown).toContain(ticket.request);
  await terminal.answer("yes");
  expect(await terminal.ended).toContain(`approved ${idOf(ticket)}`);
  const report = await run;
  expect(report.error).toBe(null);
  expect(place.read("out/a.txt")).toBe("x");
  expect((await approvalsOf(report))[1]).toMatchObject({
    answer: "allow",
    by: "command",
    channel: "command",
    scope: "once",
  });
  expect((await place.run(["approvals", "pending"])).stdout).toBe("nothing waits for an answer\n");
});

test("a yes needs a terminal, and the word; a no needs neither, and its comment reaches the script", async () => {
  const run = waiting();
  const id = idOf(await pending());
  const piped = await place.run(["approvals", "approve", id, "--json"], { stdin: "yes\n" });
  expect([piped.code, JSON.parse(piped.stdout).error.code]).toEqual([4, "E_APPROVAL_UNAVAILABLE"]);
  const terminal = new Terminal(place, `approvals approve ${id}`);
  await terminal.until("leave it open: ");
  await terminal.answer("y");
  expect(await terminal.ended).toContain("error[E_APPROVAL_DENIED]");
  expect((await place.run(["approvals", "deny", id, "--comment", "not now"])).code).toBe(0);
  expect((await run).error).toMatchObject({ code: "E_APPROVAL_DENIED", message: expect.stringMatching(/: not now$/) });
  expect(place.has("out/a.txt")).toBe(false);
  const gone = await place.run(["approvals", "deny", id]);
  expect([gone.code, gone.stderr]).toEqual([5, expect.stringContaining("no question waits")]);
});

test.each(GENERATIONS)(
  "a call over MCP (%s) waits for another terminal with `--ask wait`, and is told at once without",
  async (_, connect) => {
    const session = await connect(place, {}, ["--ask", "wait"]);
    const call = session.call("run", { script: WRITE });
    const id = idOf(await pending());
    expect((await place.run(["approvals", "deny", id, "--comment", "not now"])).code).toBe(0);
    expect((await call).data.error).toMatchObject({
      code: "E_APPROVAL_DENIED",
      message: expect.stringMatching(/: not now$/),
    });
    await session.close();
    const other = await connect(place);
    expect((await other.call("run", { script: WRITE })).data.error).toMatchObject({ code: "E_APPROVAL_UNAVAILABLE" });
    await other.close();
  },
);

test("the policies of docs/approvals.md load", async () => {
  const page = readFileSync(join(ROOT, "docs/approvals.md"), "utf8");
  const policies = [...page.matchAll(/^```toml\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  expect(policies.length).toBe(2);
  for (const [at, text] of policies.entries()) {
    place.write(`docs-${at}.toml`, text);
    expect((await place.run(["policy", "validate", `docs-${at}.toml`])).code).toBe(0);
  }
});

test("without `--ask wait` a pipe has nobody, at once", async () => {
  const since = performance.now();
  expect((await place.report(WRITE)).error?.code).toBe("E_APPROVAL_UNAVAILABLE");
  expect(performance.now() - since).toBeLessThan(10_000);
});

test("the question at the run's own terminal is taken back when it is answered at another one", async () => {
  const terminal = new Terminal(place, "--policy agent-run.toml s.js");
  await terminal.until("\n> ");
  await place.run(["approvals", "deny", idOf(await pending())]);
  expect(await terminal.ended).toContain("error[E_APPROVAL_DENIED]");
});

test("named approvers answer by key, from any directory, and nobody else does", async () => {
  const made = await place.run(["keys", "new", "alice"]);
  expect(made.stdout).toMatch(/^alice = "ed25519:[\w-]{43}"\n$/);
  const other = await place.run(["keys", "new", "mallory", "--json"]);
  const { path } = JSON.parse(other.stdout) as { path: string };
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await place.run(["keys", "new", "alice"])).code).toBe(5);
  expect((await place.run(["keys", "show", "alice"])).stdout).toBe(made.stdout);
  expect((await place.run(["keys", "list"])).stdout).toContain(made.stdout);
  const rule =
    '[[rule]]\nid = "reviewed"\neffect = "ask"\non = "fs.delete"\napprovers = "alice"\nreason = "it is gone then"\n';
  place.write("agent-run.toml", `${POLICY.replace(', "fs.delete"', "")}[approvals.approvers]\n${made.stdout}${rule}`);
  const run = waiting('fs.delete("out/kept.txt")');
  const ticket = await pending();
  expect(ticket).toMatchObject({ irreversible: true, keysOnly: true, reason: "it is gone then" });
  const by = (key: string): Promise<Ended> =>
    place.run(["approvals", "approve", idOf(ticket), "--key", join(place.home, `.config/agent-run/keys/${key}.pem`)]);
  expect(await by("mallory")).toMatchObject({
    code: 5,
    stderr: expect.stringContaining("none of the ticket's approvers"),
  });
  expect(await place.run(["approvals", "approve", idOf(ticket)])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("by the key of alice"),
  });
  expect(await by("alice")).toMatchObject({ code: 0 });
  const report = await run;
  expect(report.error).toBe(null);
  expect(place.has("out/kept.txt")).toBe(false);
  expect((await approvalsOf(report))[1]).toMatchObject({
    answer: "allow",
    by: "key:alice",
    channel: "key",
    scope: "once",
  });
  expect((await place.report('fs.delete("out")', ["--yes"])).error).toMatchObject({ code: "E_APPROVAL_UNAVAILABLE" });
});

test("a saved answer holds in later runs until it is revoked, or the policy is another one", async () => {
  place.write("agent-run.toml", `${POLICY}[approvals]\nremember = "save"\n`);
  const run = waiting();
  const terminal = new Terminal(place, `approvals approve ${idOf(await pending())} --save --any-size`);
  await terminal.until("with any other content, of any size");
  await terminal.answer("yes");
  await terminal.ended;
  expect((await run).error).toBe(null);
  expect((await place.report('fs.write("out/a.txt", "longer")')).error).toBe(null);
  expect((await place.report('fs.write("out/b.txt", "x")')).error?.code).toBe("E_APPROVAL_UNAVAILABLE");
  const list = (await place.run(["approvals", "list"])).stdout;
  expect(list).toMatch(
    /^[0-9a-f]{12} {2}fs\.write out\/a\.txt, of any size\n {2}answers requires_approval\[0\] of policy, until it is revoked\n/,
  );
  const id = list.slice(0, 12);
  place.write("agent-run.toml", `${POLICY}[approvals]\nremember = "save"\nmax_prompts = 19\n`);
  expect((await place.report(WRITE)).error?.code).toBe("E_APPROVAL_UNAVAILABLE");
  place.write("agent-run.toml", `${POLICY}[approvals]\nremember = "save"\n`);
  expect((await place.report(WRITE)).error).toBe(null);
  expect((await place.run(["approvals", "revoke", id])).code).toBe(0);
  expect((await place.report(WRITE)).error?.code).toBe("E_APPROVAL_UNAVAILABLE");
  expect((await place.run(["approvals", "revoke", id])).code).toBe(5);
});

test("no script reaches questions, answers, saved rules or keys, whatever its policy grants", async () => {
  await place.run(["keys", "new", "alice"]);
  place.write("agent-run.toml", 'version = 1\n[filesystem]\nread_allow = ["/**"]\nwrite_allow = ["/**"]\n');
  const places = [
    join(place.state, "agent-run/approvals/answers/x.json"),
    join(place.home, ".config/agent-run/keys/alice.pem"),
  ];
  const script = `return ${JSON.stringify(places)}.flatMap((path) => [() => fs.write(path, "x"), () => fs.read(path)].map((go) => { try { go(); return "done" } catch (e) { return e.code } }))`;
  expect((await place.report(script)).value).toEqual(Array(4).fill("E_POLICY_DENIED"));
});

test("where a policy lets scripts write the state directory, neither a second terminal nor a saved rule is believed", async () => {
  place.write(
    "agent-run.toml",
    `version = 1\nrequires_approval = ["fs.write"]\n[filesystem]\nwrite_allow = ["out/**", "${place.state}/**"]\n[approvals]\nremember = "save"\n`,
  );
  expect((await waiting()).error?.code).toBe("E_APPROVAL_UNAVAILABLE");
  expect(readdirSync(join(place.state, "agent-run"))).not.toContain("approvals");
});
