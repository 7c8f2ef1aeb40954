/** Runs that are parked and go on: everything happens once, and whatever is not as it was left is refused. */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AnswersFile, readAnswers, verifySegment } from "@agent-run/audit";
import type { RunReport } from "@agent-run/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { COMMAND, type Ended, Workplace } from "./command.ts";
import { Terminal } from "./terminal.fixture.ts";

const POLICY = `version = 1
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["**"]
write_allow = ["out/**"]
delete_allow = ["out/**"]
[subprocess]
allow_commands = ["sleep"]
sandbox = "none"
[runtime]
max_seconds = 600
`;

/** Each line of the counter is one effect; what it prints shows that the answers are the same again. */
const SCRIPT = `
const append = (line) => fs.write("out/counter", line + "\\n", { append: true });
append("one");
print(fs.read("out/counter").length, Math.random());
try { fs.read("out/none") } catch (e) { print(e.code) }
fs.delete("out/victim");
append("two");
print("end");
`;

let place: Workplace;
beforeEach(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "s.js": SCRIPT, "out/counter": "", "out/victim": "" });
});
afterEach(() => place.remove());

const answers = () => join(place.state, "agent-run/answers");
const fileOf = (run: string) => join(answers(), `${run}.jsonl`);
const keyFile = () => join(place.state, "agent-run/answers.key");
const kept = (): string[] => readdirSync(answers());
const counter = (): string[] => place.read("out/counter").split("\n").slice(0, -1);
const reportOf = ({ stdout }: Ended) => JSON.parse(stdout) as RunReport & { readonly hint?: string };

async function park(script = "s.js"): Promise<RunReport> {
  const ended = await place.run(["--policy", "agent-run.toml", "--ask", "park", "--json", script]);
  expect(ended.code, ended.stderr).toBe(7);
  return reportOf(ended);
}

const resume = (run: string, ...more: string[]) => place.run(["resume", run, "--json", ...more]);

const recordsOf = ({ record }: Pick<RunReport, "record">) => {
  const bytes = readFileSync(record ?? "");
  expect(verifySegment(bytes)).toMatchObject({ state: "complete", problems: [], inDoubt: [] });
  return bytes
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe("a run with --ask park", () => {
  test("ends with 7 where nobody answers, says what it waits for, and keeps its answers to itself", async () => {
    const report = await park();
    expect(report).toMatchObject({
      ok: false,
      exitCode: 7,
      error: { code: "E_PARKED", capability: "fs.delete", target: "out/victim" },
      parked: { seq: 4, rule: "requires_approval[0]", resume: `agent-run resume ${report.run}` },
    });
    expect(kept()).toEqual([`${report.run}.jsonl`]);
    expect([statSync(answers()).mode & 0o777, statSync(fileOf(report.run)).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(recordsOf(report)).toContainEqual(expect.objectContaining({ kind: "approval", answer: "parked" }));
    expect([counter(), place.has("out/victim")]).toEqual([["one"], true]);
  });

  test("cannot be caught by the script", async () => {
    place.write("catch.js", 'try { fs.delete("out/victim") } catch { print("caught") } finally { print("finally") }');
    expect((await park("catch.js")).stdout).toBe("");
  });

  test("keeps nothing where it ends otherwise", async () => {
    place.write("fine.js", 'fs.write("out/x", "")');
    expect((await place.run(["--policy", "agent-run.toml", "--ask", "park", "fine.js"])).code).toBe(0);
    expect(kept()).toEqual([]);
  });

  test("is no learning run", async () => {
    const ended = await place.run(["--policy", "agent-run.toml", "--ask", "park", "--learn", "s.js"]);
    expect(ended).toMatchObject({ code: 5, stderr: expect.stringContaining("a learning run asks nobody") });
  });

  test("is not parked once it has local-only values, and says so", async () => {
    const bare = POLICY.replace(/\[subprocess\]\n.*\n.*\n/, "");
    place.write("agent-run.toml", bare.replace("read_allow", 'local_only_read = ["secret/**"]\nread_allow'));
    place.write("secret/a", "canary");
    place.write("sealed.js", 'const s = fs.read("secret/a"); fs.delete("out/victim");');
    const ended = await place.run(["--policy", "agent-run.toml", "--ask", "park", "--json", "sealed.js"]);
    expect(reportOf(ended)).toMatchObject({ exitCode: 4, error: { code: "E_APPROVAL_UNAVAILABLE" } });
    expect(reportOf(ended).error?.hint).toContain("the run cannot be parked: it has local-only values");
    expect(kept()).toEqual([]);
  });
});

describe("a resumed run", () => {
  test("asks the question, repeats what was answered, does the rest, and leaves no answers", async () => {
    const before = await park();
    const terminal = new Terminal(place, `resume ${before.run}`, { env: { NO_COLOR: "1" } });
    await terminal.until("\n> ");
    await terminal.answer("victim");
    const shown = await terminal.ended;
    expect(shown).toContain(before.stdout);
    expect(shown).toContain("\nend\n");
    expect([counter(), place.has("out/victim"), kept()]).toEqual([["one", "two"], false, []]);
    const record = place.records().at(-1) ?? "";
    const records = recordsOf({ record });
    expect(records[0]).toMatchObject({ kind: "run.start", resumes: before.run });
    expect(records.filter(({ kind }) => kind === "repeated").map(({ call }) => call)).toEqual([1, 2, 3]);
    expect(records.filter(({ kind }) => kind === "intent").length).toBe(5);
  });

  test("may be parked again and again, under a new name each time", async () => {
    const first = await park();
    const second = reportOf(await resume(first.run));
    expect(second).toMatchObject({ exitCode: 7, resumes: first.run, stdout: first.stdout });
    const third = reportOf(await resume(second.run));
    expect(third).toMatchObject({ exitCode: 7, stdout: first.stdout });
    expect([counter(), kept()]).toEqual([["one"], [`${third.run}.jsonl`]]);
    expect((await resume(first.run)).stderr).toContain(`run ${first.run} was resumed, and goes on as run ${third.run}`);
  });

  test("is decided under the policy of now: what it denies is denied, what it allows needs no answer", async () => {
    const first = await park();
    place.write("agent-run.toml", POLICY.replace('requires_approval = ["fs.delete"]', ""));
    const allowed = await resume(first.run);
    expect(reportOf(allowed)).toMatchObject({ ok: true, resumes: first.run });
    expect(counter()).toEqual(["one", "two"]);
    place.write("agent-run.toml", POLICY);
    place.write("out/victim", "");
    const second = await park();
    place.write("agent-run.toml", POLICY.replace('write_allow = ["out/**"]', 'write_allow = ["other/**"]'));
    expect(reportOf(await resume(second.run))).toMatchObject({ exitCode: 2, error: { capability: "fs.write" } });
    expect(counter()).toEqual(["one", "two", "one"]);
  });

  test("ends where it goes another way than before", async () => {
    place.write(
      "way.js",
      'let way = "a"; try { fs.read("data") } catch (e) { way = e.code } fs.write("out/" + way, ""); fs.delete("out/victim")',
    );
    place.write("data", "");
    const { run } = await park("way.js");
    expect(place.has("out/a")).toBe(true);
    place.write("agent-run.toml", POLICY.replace('read_allow = ["**"]', 'read_allow = ["out/**"]'));
    const ended = reportOf(await resume(run));
    expect(ended).toMatchObject({ exitCode: 5, error: { code: "E_CONFIG" } });
    expect(ended.error?.message).toContain("call 2 of the script is `fs.write`, and was another one before");
    expect(readdirSync(join(place.directory, "out")).sort()).toEqual(["a", "counter", "victim"]);
  });

  test("is one, however many try at the same time", async () => {
    const { run } = await park();
    place.write("agent-run.toml", POLICY.replace('requires_approval = ["fs.delete"]', ""));
    const ended = await Promise.all([1, 2, 3, 4].map(() => resume(run)));
    expect(ended.map(({ code }) => code).sort()).toEqual([0, 5, 5, 5]);
    for (const { code, stdout } of ended)
      if (code === 5) expect(JSON.parse(stdout).error.message).toMatch(/resumed|goes on as|no answers are kept/);
    expect(counter()).toEqual(["one", "two"]);
  });
});

describe("a run that is killed", () => {
  /** Starts a run, kills it once `isThere`, and gives its name. */
  const killed = async (script: string, isThere: () => boolean): Promise<string> => {
    place.write("k.js", script);
    const child = spawn(process.execPath, [COMMAND, "--policy", "agent-run.toml", "--ask", "park", "k.js"], {
      cwd: place.directory,
      env: { PATH: process.env.PATH ?? "", HOME: place.home, XDG_STATE_HOME: place.state },
      stdio: "ignore",
    });
    while (!isThere()) await sleep(20);
    const [alive = ""] = kept().map((name) => name.slice(0, -6));
    expect((await resume(alive)).stderr).toContain(`is under way, in process ${child.pid}`);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    return alive;
  };

  test("goes on, and what had happened does not happen again", async () => {
    const script =
      'fs.write("out/counter", "one\\n", { append: true }); while (!fs.exists("out/go")); fs.write("out/counter", "two\\n", { append: true }); fs.delete("out/victim")';
    const run = await killed(script, () => counter().length > 0);
    place.write("out/go", "");
    const resumed = reportOf(await resume(run));
    expect(resumed).toMatchObject({ exitCode: 7, resumes: run });
    expect(counter()).toEqual(["one", "two"]);
    expect(verifySegment(readFileSync(place.records()[0] ?? "")).state).toBe("complete");
  });

  test("in the middle of an effect does not go on: nobody knows what happened", async () => {
    const script = 'fs.write("out/counter", "one\\n", { append: true }); subprocess.exec(["sleep", "2"]);';
    const begun = () =>
      kept().some((name) => readFileSync(join(answers(), name), "utf8").split('"begun"').length === 3);
    const run = await killed(script, () => counter().length > 0 && begun());
    const ended = await resume(run);
    expect(ended).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/call 2 of run \w+ had begun .* may have happened/),
    });
    expect(counter()).toEqual(["one"]);
  });
});

describe("resume refuses", () => {
  const refusal = async (run: string, code: string, message: RegExp) => {
    const ended = await resume(run);
    const { error } = JSON.parse(ended.stdout) as RunReport;
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(counter()).toEqual(["one"]);
  };
  let run: string;
  beforeEach(async () => {
    run = (await park()).run;
  });

  test("what is no run, and a run that was not parked", async () => {
    await refusal("../x", "E_CONFIG", /is not the name of a run/);
    await refusal("01ARZ3NDEKTSV4RRFFQ69G5FAV", "E_CONFIG", /no answers are kept of run/);
  });

  test.each<[string, (text: string) => string]>([
    ["a changed answer", (text) => text.replace('"answer":{"ok":{"bytes":4}}', '"answer":{"ok":{"bytes":5}}')],
    ["another script", (text) => text.replace('print(\\"end\\")', 'print(\\"END\\")')],
    ["a line that is gone", (text) => text.replace(/\n[^\n]*"kind":"begun"[^\n]*/, "")],
    [
      "lines in another order",
      (text) =>
        text
          .split("\n")
          .toSpliced(2, 2, ...text.split("\n").slice(2, 4).reverse())
          .join("\n"),
    ],
    ["no line of ours", () => "{}\n"],
    ["a line that is no JSON", (text) => `${text}\u0000\n`],
  ])("%s", async (_what, change) => {
    const text = readFileSync(fileOf(run), "utf8");
    expect(change(text)).not.toBe(text);
    writeFileSync(fileOf(run), change(text));
    await refusal(run, "E_AUDIT", /were changed, or are not ours: line \d/);
  });

  test("answers whose end was cut off: the record knows of more", async () => {
    const lines = readFileSync(fileOf(run), "utf8").split("\n");
    const first = lines.findIndex((line) => line.includes('"kind":"begun"'));
    writeFileSync(fileOf(run), `${lines.slice(0, first).join("\n")}\n`);
    await refusal(run, "E_CONFIG", /call 1 of run \w+ had begun/);
    writeFileSync(fileOf(run), `${lines.slice(0, first + 1).join("\n")}\n`);
    await refusal(run, "E_CONFIG", /call 1 of run \w+ had begun/);
  });

  test("answers under another key", async () => {
    writeFileSync(keyFile(), Buffer.alloc(32));
    await refusal(run, "E_AUDIT", /not ours/);
    writeFileSync(keyFile(), "short");
    await refusal(run, "E_AUDIT", /the key of kept answers has another size/);
  });

  test("a file that others could have written, or that is a link or has a second name", async () => {
    const file = fileOf(run);
    chmodSync(file, 0o644);
    await refusal(run, "E_AUDIT", /can be read or written by others/);
    chmodSync(file, 0o600);
    linkSync(file, join(place.base, "second"));
    await refusal(run, "E_AUDIT", /have several names/);
    rmSync(join(place.base, "second"));
    renameSync(file, join(place.base, "moved"));
    symlinkSync(join(place.base, "moved"), file);
    await refusal(run, "E_AUDIT", /are a link/);
    chmodSync(answers(), 0o777);
    await refusal(run, "E_AUDIT", /`answers`, where answers are kept, can be written by others/);
  });

  // Only root can give a file away.
  test.runIf(process.geteuid?.() === 0)("a file of another user", async () => {
    chownSync(fileOf(run), 12345, 12345);
    await refusal(run, "E_AUDIT", /belong to another user/);
  });

  test("a run whose record is gone, was changed, or is another's", async () => {
    const [record = ""] = place.records();
    const text = readFileSync(record);
    appendFileSync(record, "{}\n");
    await refusal(run, "E_CONFIG", /the record of run \w+ was changed/);
    rmSync(record);
    await refusal(run, "E_CONFIG", /the record of run \w+ is not there/);
    place.write("other.js", 'fs.write("out/x", "")');
    await place.run(["--policy", "agent-run.toml", "other.js"]);
    renameSync(place.records()[0] ?? "", record);
    await refusal(run, "E_CONFIG", /the script that was kept is not the one on the record/);
    writeFileSync(record, text);
  });

  test("a question whose time is over", async () => {
    const key = readFileSync(keyFile());
    const read = readAnswers(fileOf(run), key);
    if (!read?.ok) throw new Error("there are no answers");
    rmSync(fileOf(run));
    const file = new AnswersFile(fileOf(run), key, null);
    for (const line of read.value.lines) file.append(line.kind === "parked" ? { ...line, expiresMs: 1 } : line);
    file.close();
    await refusal(run, "E_APPROVAL_TIMEOUT", /expired on 1970-01-01/);
  });

  test("a run whose policy is not there any more", async () => {
    rmSync(join(place.directory, "agent-run.toml"));
    const ended = await resume(run);
    expect(ended.code).toBe(5);
    expect(JSON.parse(ended.stdout).error.code).toBe("E_POLICY_INVALID");
    expect(kept()).toEqual([`${run}.jsonl`]);
  });
});

test("no script reaches kept answers or their key", async () => {
  const { run } = await park();
  place.write("agent-run.toml", POLICY.replace('read_allow = ["**"]', 'read_allow = ["/**"]'));
  for (const path of [fileOf(run), keyFile()]) {
    const report = await place.report(`fs.read(${JSON.stringify(path)})`);
    expect(report.error?.code).toBe("E_POLICY_DENIED");
  }
});

describe("the question of a parked run", () => {
  /** Answers it from another terminal, while nothing of the run is there. */
  const answer = async (command: string, word: string): Promise<string> => {
    const pending = JSON.parse((await place.run(["approvals", "pending", "--json"])).stdout);
    const [{ nonce }] = pending.pending as [{ nonce: string }];
    const terminal = new Terminal(place, `approvals ${command} ${nonce.slice(0, 8)}`);
    if (command === "deny") return terminal.ended;
    await terminal.until("to leave it open: ");
    await terminal.answer(word);
    return terminal.ended;
  };

  test("is answered from another terminal meanwhile, and the resumed run takes that answer once", async () => {
    const { run } = await park();
    expect(await answer("approve", "yes")).toContain("approved");
    const resumed = reportOf(await resume(run, "--ask", "park"));
    expect(resumed).toMatchObject({ ok: true, resumes: run });
    expect([counter(), place.has("out/victim"), kept()]).toEqual([["one", "two"], false, []]);
    expect(recordsOf(resumed)).toContainEqual(
      expect.objectContaining({ kind: "approval", answer: "allow", by: "command", channel: "command" }),
    );
    expect(JSON.parse((await place.run(["approvals", "pending", "--json"])).stdout).pending).toEqual([]);
  });

  test("may be answered with no", async () => {
    const { run } = await park();
    expect(await answer("deny", "")).toMatch(/; `agent-run resume [0-9A-Z]{26}` goes on with it\n/);
    expect(reportOf(await resume(run))).toMatchObject({ exitCode: 4, error: { code: "E_APPROVAL_DENIED" } });
    expect([counter(), place.has("out/victim")]).toEqual([["one"], true]);
  });

  test("is asked anew under a policy that has changed since", async () => {
    const { run } = await park();
    await answer("approve", "yes");
    place.write("agent-run.toml", POLICY.replace("600", "500"));
    expect(reportOf(await resume(run))).toMatchObject({ exitCode: 7, resumes: run });
    expect(place.has("out/victim")).toBe(true);
  });
});

test("a policy that lets scripts write where answers are kept parks nothing", async () => {
  place.write("agent-run.toml", POLICY.replace('write_allow = ["out/**"]', 'write_allow = ["**"]'));
  const ended = await place.run(["--policy", "agent-run.toml", "--ask", "park", "--audit", "record", "s.js"]);
  expect(ended).toMatchObject({
    code: 5,
    stderr: expect.stringContaining("lets scripts write where answers would be kept"),
  });
  expect(counter()).toEqual([]);
});
