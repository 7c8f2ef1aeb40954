/** The question at the terminal, and what a script does to be let through: each attack really happens, on a real one. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";
import { Terminal, type TerminalOptions } from "./terminal.fixture.ts";

const POLICY = `version = 1
requires_approval = ["fs.delete", "fs.write", "net.http_get", "subprocess.exec"]
[filesystem]
read_allow = ["**"]
write_allow = ["out/**"]
delete_allow = ["out/**"]
[network]
http_get_allow = ["*.example.co.uk", "xn--pple-43d.com"]
[subprocess]
allow_commands = ["true", "echo"]
sandbox = "none"
[runtime]
max_seconds = 600
`;

let place: Workplace;
beforeEach(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "out/a": "one\ntwo\nthree\n", "out/b": "" });
});
afterEach(() => place.remove());

const QUESTION = "\n> ";

const start = (script: string, options: TerminalOptions = {}, more = ""): Terminal => {
  place.write("s.js", script);
  return new Terminal(place, `--policy agent-run.toml ${more} s.js`, {
    ...options,
    env: { NO_COLOR: "1", ...options.env },
  });
};

/** What the terminal showed of a run whose first question is refused. */
const refused = async (script: string, options: TerminalOptions = {}): Promise<string> => {
  const terminal = start(script, options);
  await terminal.until(QUESTION);
  await terminal.answer("no");
  return terminal.ended;
};

const WRITE = 'fs.write("out/a", "one\\n2\\nthree\\n")';

test("what may be typed is broken between words", async () => {
  place.write("save.toml", `${POLICY}[approvals]\nremember = "save"\n`);
  place.write("s.js", WRITE);
  const terminal = new Terminal(place, "--policy save.toml s.js", {
    env: { NO_COLOR: "1" },
    wrap: (command) => `stty cols 80; ${command}`,
  });
  await terminal.until(QUESTION);
  await terminal.answer("no");
  expect(await terminal.ended).toMatch(/as a rule that\n {16}`agent-run approvals list` shows\n/);
});

describe("a yes", () => {
  test("is the whole word", async () => {
    const lines = ["y", "yes please", "YES", "", "yes"];
    const terminal = start(
      `for (const line of ${JSON.stringify(lines)}) try { ${WRITE}; print("done " + line) } catch {}`,
    );
    for (const [index, line] of lines.entries()) {
      await terminal.until(QUESTION, index + 1);
      await terminal.answer(line);
    }
    const shown = await terminal.ended;
    expect(shown.match(/^done .*$/gm)).toEqual(["done yes"]);
    expect(shown).toContain("1 call allowed, 4 denied");
    expect(place.read("out/a")).toBe("one\n2\nthree\n");
  });

  test("is a word of the request, where it cannot be undone", async () => {
    const terminal = start('for (const name of ["out/a", "out/b"]) try { fs.delete(name) } catch {}');
    await terminal.until("type        a  to allow this call, once");
    expect(terminal.shown).toContain("fs.delete  cannot be undone");
    await terminal.answer("yes");
    await terminal.until("type        b  to allow");
    await terminal.answer("b");
    await terminal.ended;
    expect([place.has("out/a"), place.has("out/b")]).toEqual([true, false]);
  });

  test("may be corrected with backspace, and arrow keys make it none", async () => {
    const terminal = start(`try { ${WRITE} } catch (e) { print(e.code) } ${WRITE}`);
    await terminal.until(QUESTION);
    await terminal.answer("\u001b[Dyes");
    await terminal.until(QUESTION, 2);
    await terminal.answer("yex\u007fs");
    expect(await terminal.ended).toMatch(/E_APPROVAL_DENIED.*1 call allowed, 1 denied/s);
  });

  test("is not what was typed before the question, or in the moment in which it appears", async () => {
    const early = start(WRITE);
    early.type("yes\nyes\nyes");
    await early.until(QUESTION);
    await early.answer("");
    expect(await early.ended).toContain("0 calls allowed, 1 denied");
    const hasty = start(WRITE);
    await hasty.until(QUESTION);
    hasty.type("yes\n");
    await sleep(600);
    expect(hasty.shown.endsWith(QUESTION)).toBe(true);
    await hasty.answer("no");
    expect(await hasty.ended).toContain("0 calls allowed, 1 denied");
  });

  test("does not come from standard input", async () => {
    place.write("answers", "yes\n".repeat(5));
    const terminal = start(WRITE, { wrap: (command) => `${command} < answers` }, "--ask tty");
    await terminal.until(QUESTION);
    await terminal.answer("no");
    expect(await terminal.ended).toContain("0 calls allowed, 1 denied");
  });
});

describe("a question shows", () => {
  test("what a write would change, every path, and the rule with its place", async () => {
    const shown = await refused(WRITE);
    expect(shown).toContain(`writes      ${place.directory}/out/a\n`);
    expect(shown).toContain("changes files; no copy of what was there is kept");
    expect(shown).toMatch(/@@ -1,3 \+1,3 @@\n {5}one\n {4}-two\n {4}\+2\n {5}three\n/);
    expect(shown).toContain("asked by    requires_approval[1], agent-run.toml:2\n");
    expect(shown).toMatch(/question {4}number 1\b/);
    expect(place.read("out/a")).toBe("one\ntwo\nthree\n");
  });

  test("sizes and digests of what is no text, or large", async () => {
    const wide = { wrap: (command: string) => `stty cols 120; ${command}` };
    const binary = await refused('fs.write("out/a", "\\u0000")', wide);
    expect(binary).toMatch(/now {9}14 bytes, sha256 [0-9a-f]{64}\n/s);
    expect(binary).toContain("diff        none: it is no text\n");
    const large = await refused('fs.write("out/new", "x".repeat(300000))', wide);
    expect(large).toContain("there is no such file");
    expect(large).toMatch(/300,000 bytes, sha256 [0-9a-f]{64}/);
    expect(large).not.toContain("xxxx");
  });

  test("a command word by word, with its environment", async () => {
    const shown = await refused('subprocess.exec(["echo", "a b", "", "c\\"; rm", "d\\n> "], { env: {} })');
    expect(shown).toContain('command     echo "a b" "" "c\\"; rm" "d\\n> "\n');
    expect(shown).toMatch(/executes {4}\/\S*echo\n/);
  });

  test("the end of every word, however long: what is cut is in the middle and has a digest", async () => {
    const shown = await refused(`subprocess.exec(["echo", "begin" + "x".repeat(5000) + "; the end"])`);
    const line = shown.replaceAll(/\s/g, "");
    expect(line).toMatch(/"beginx+\[\.\.\.4014morecharacters,sha256[0-9a-f]{16}\.\.\.\]x+;theend"/);
  });

  test("who owns the host, and that a name is not what it looks like", async () => {
    expect(await refused('await fetch("https://example.com.login.example.co.uk/x")')).toContain(
      "domain      example.co.uk\n",
    );
    expect(await refused('await fetch("https://xn--pple-43d.com/")')).toMatch(/PUNYCODE .*\\u0430pple\.com\n/);
  });

  test.each([80, 120])("lines of at most %i columns on a terminal of as many", async (columns) => {
    const wide = `wide ${"\u4e2d".repeat(100)}`;
    const shown = await refused(
      `fs.write("out/${"n".repeat(200)}", ${JSON.stringify(`${wide}\n${"y ".repeat(200)}`)})`,
      {
        wrap: (command) => `stty cols ${columns}; ${command}`,
      },
    );
    const frame = shown.slice(shown.indexOf("\u2500\u2500 agent-run asks"), shown.indexOf(QUESTION)).split("\n");
    const widths = frame.map((line) => [...line].reduce((sum, letter) => sum + (letter === "\u4e2d" ? 2 : 1), 0));
    expect(Math.max(...widths)).toBe(columns);
  });

  test("ASCII alone where the locale says no more, and no colours with NO_COLOR", async () => {
    place.write("out/gr\u00fc\u00dfe", "");
    const script = 'fs.write("out/gr\u00fc\u00dfe", "\u20ac\\n")';
    const plain = await refused(script, { env: { LC_ALL: "C", NO_COLOR: "1" } });
    const frame = plain.slice(plain.indexOf("-- agent-run asks"), plain.indexOf(QUESTION));
    expect(frame).toMatch(/^[\n -~]+$/);
    expect(frame).toContain("out/gr\\u00fc\\u00dfe");
    expect(await refused(script)).toContain("out/gr\u00fc\u00dfe");
    expect(await refused(script, { env: { NO_COLOR: "" } })).toContain("\u001b[33m");
  });
});

describe("a script", () => {
  test("cannot make a frame of ours: the word in it was chosen outside, and shown before it began", async () => {
    const fake = "\u2500\u2500 agent-run asks (fake-word) \u2500\u2500\\n  fs.read";
    const shown = await refused(`print("${fake}"); ${WRITE}`);
    const word = /^agent-run: a question of ours bears the word ([a-z]{4}-[a-z]{4})$/m.exec(shown)?.[1] ?? "none";
    expect(shown.indexOf(word)).toBeLessThan(shown.indexOf("fake-word"));
    expect(shown).toContain(`agent-run asks (${word})`);
    expect(shown).toContain(`\u2500\u2500 ${word} \u2500\u2500`);
    expect(await refused(WRITE)).not.toContain(word);
  });

  test("draws nothing over a question: what it prints is escaped, and held while one is open", async () => {
    const script = `const asked = fetch("https://a.example.co.uk/").catch(() => 0); for (let i = 0; i < 3e6; i++); print("\\u001b[2J\\u009b2J" + "mean" + "while"); await asked; print("end")`;
    const terminal = start(script);
    await terminal.until(QUESTION);
    await sleep(2500);
    expect(terminal.shown).not.toContain("meanwhile");
    await terminal.answer("no");
    const shown = await terminal.ended;
    expect(shown).toMatch(/> no\n.*\\u001b\[2J\\u009b2Jmeanwhile\nend\n/s);
  });

  test("has nothing held back in a pipe either, which may lead to the same terminal", async () => {
    const script = `const asked = fetch("https://a.example.co.uk/").catch(() => 0); for (let i = 0; i < 3e6; i++); print("mean" + "while"); await asked`;
    const terminal = start(script, { wrap: (command) => `${command} | cat` }, "--ask tty");
    await terminal.until(QUESTION);
    await sleep(2500);
    expect(terminal.shown).not.toContain("meanwhile");
    await terminal.answer("no");
    expect(await terminal.ended).toMatch(/> no\n.*meanwhile\n/s);
  });

  test.each([
    ["a control sequence", "\u001b[2J\u001b]0;x\u0007", "\\u001b[2J\\u001b]0;x\\u0007"],
    ["C1 controls", "\u009b2J", "\\u009b2J"],
    ["a bidirectional override", "\u202egpj.exe", "\\u202egpj.exe"],
    [
      "letters of no width",
      "a\u200bb\u2060c\u034f\u115f\u3164\u{e0041}",
      "a\\u200bb\\u2060c\\u034f\\u115f\\u3164\\u{e0041}",
    ],
    ["blanks that are none", "a\u00a0b\u2003c\u2800", "a\\u00a0b\\u2003c\\u2800"],
    ["a tower of marks", `q${"\u0323".repeat(4)}b`, "q\u0323\u0323\\u0323\\u0323b"],
    ["new lines", "a\n  fs.read\r\u2028b", "a\\n  fs.read\\u000d\\u2028b"],
  ])("shows %s as letters", async (_what, word, letters) => {
    const shown = await refused(`subprocess.exec(["echo", ${JSON.stringify(word)}])`);
    const frame = shown.slice(shown.indexOf("agent-run asks ("), shown.indexOf(QUESTION));
    expect(frame).toContain(`command     echo "${letters}"\n`);
    expect(frame).not.toContain(word);
  });

  test("is asked about its concurrent calls one after the other", async () => {
    const terminal = start(
      'await Promise.allSettled(["a", "b", "c"].map((name) => fetch(`https://${name}.example.co.uk/`)))',
    );
    for (const [index, name] of ["a", "b", "c"].entries()) {
      await terminal.until(QUESTION, index + 1);
      await sleep(200);
      expect(terminal.shown.split("agent-run asks (").length - 1).toBe(index + 1);
      expect(terminal.shown).toContain(`https://${name}.example.co.uk/`);
      await terminal.answer("no");
    }
    expect(await terminal.ended).toContain("0 calls allowed, 3 denied");
  });
});

describe("a question ends", () => {
  test("with ^C as a no, and interrupts the run", async () => {
    const terminal = start(WRITE);
    await terminal.until(QUESTION);
    terminal.type("\u0003");
    expect(await terminal.ended).toContain("E_INTERRUPTED");
    expect(place.read("out/a")).toContain("two");
  });

  test("with ^D as a no", async () => {
    const terminal = start(`try { ${WRITE} } catch (e) { print(e.code) }`);
    await terminal.until(QUESTION);
    await sleep(450);
    terminal.type("\u0004");
    expect(await terminal.ended).toContain("E_APPROVAL_DENIED");
  });

  test("with the terminal, and nothing happens", async () => {
    const terminal = start(WRITE);
    await terminal.until(QUESTION);
    await sleep(450);
    terminal.type("yes");
    await sleep(100);
    terminal.hangUp();
    await terminal.ended;
    const [record = ""] = place.records();
    while (!readFileSync(record, "utf8").includes('"kind":"run.end"')) await sleep(50);
    expect(place.read("out/a")).toContain("two");
    expect(readFileSync(record, "utf8")).not.toContain('"answer":"allow"');
  });

  test("and leaves nothing of what was typed to the shell", async () => {
    const terminal = start(WRITE, { wrap: (command) => `${command}; read -t 1 left; echo "left=[$left]"` });
    await terminal.until(QUESTION);
    await terminal.answer("no\ntouch out/from-shell");
    expect(await terminal.ended).toContain("left=[]");
  });

  test("before it begins in a background job, which would be stopped for reading", async () => {
    const wrap = (command: string) => `bash -ic 'set -m; ${command} & wait $!; echo "code=$?"'`;
    const terminal = start(WRITE, { wrap }, "--ask tty");
    const shown = await terminal.ended;
    expect(shown).toContain("code=4");
    expect(shown).not.toContain("agent-run asks");
  });

  test("after ^Z only where the job comes back, and then anew", async () => {
    const wrap = (command: string) => `bash -ic 'set -m; ${command}; echo stopped; sleep 0.3; fg'`;
    const terminal = start(WRITE, { wrap });
    await terminal.until(QUESTION);
    await sleep(450);
    terminal.type("ye\u001a");
    await terminal.until("stopped");
    await terminal.until(QUESTION, 2);
    await terminal.answer("s");
    expect(await terminal.ended).toContain("0 calls allowed, 1 denied");
  });
});
