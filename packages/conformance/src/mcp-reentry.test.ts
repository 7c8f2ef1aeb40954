/**
 * Calls that come back: the newer revision at the end of a pipe, with what a hostile or confused client would send. What
 * counts is the file that the script appends to: no effect happens twice, and none without its own answer.
 */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";
import {
  AskedWire,
  accepting,
  asked,
  type Outcome,
  outcomeOf,
  type Question,
  replyTo,
  until,
} from "./mcp-asking.fixture.ts";
import { endOf } from "./mcp-client.fixture.ts";
import { processesBelow } from "./process-tree.fixture.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const POLICY = `version = 1
requires_approval = ["fs.write"]
[filesystem]
read_allow = ["out/**"]
write_allow = ["out/**"]
[approvals]
channels = ["elicitation"]
`;
const append = (text: string) => `fs.write("out/count", ${JSON.stringify(`${text}\n`)}, {append: true});`;
const TWICE = `${append("a")}${append("b")}return fs.read("out/count")`;

let place: Workplace;
let wire: AskedWire;
beforeEach(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "out/count": "" });
  wire = new AskedWire(place);
});
afterEach(async () => {
  wire.child.stdin?.end();
  await wire.exited;
  place.remove();
});

const count = () => place.read("out/count");

test("a run with many questions is one run, with one record, and each effect happens once", async () => {
  const names = Array.from({ length: 15 }, (_, index) => `${index}`);
  const script = names.map(append).join("");
  let outcome = await wire.run(script);
  for (const _ of names) outcome = await wire.run(script, replyTo(asked(outcome)));
  expect(outcome.data).toMatchObject({ ok: true });
  expect(count()).toBe(names.map((name) => `${name}\n`).join(""));
  expect(place.records()).toHaveLength(1);
});

describe("nothing happens, and the run still waits, when a state comes", () => {
  test.each([
    ["with another script", (script: string) => ({ script: `${script}//` }), "not those of the call"],
    ["with another argument", (script: string) => ({ script, arguments: { args: ["x"] } }), "not those of the call"],
    ["from a client of another name", (script: string) => ({ script, client: "other" }), "another client or session"],
  ])("%s", async (_what, change, says) => {
    const question = asked(await wire.run(TWICE));
    const { script, client, ...more } = { client: "wire", ...change(TWICE) };
    const refused = await wire.run(script, { ...replyTo(question), ...more }, client);
    expect(refused.text).toContain(says);
    expect(refused.data).toMatchObject({ ok: false, run: null, error: { code: "E_ARGUMENT" } });
    expect(count()).toBe("");
    const second = asked(await wire.run(TWICE, replyTo(question)));
    expect((await wire.run(TWICE, replyTo(second))).data).toMatchObject({ ok: true, value: "a\nb\n" });
    expect(place.records()).toHaveLength(1);
  });

  test("of another run", async () => {
    const other = append("other").replace("count", "other");
    const [first, second] = [asked(await wire.run(TWICE)), asked(await wire.run(other))];
    expect((await wire.run(TWICE, { ...replyTo(second), requestState: first.state })).text).toContain(
      "an answer to what was not asked",
    );
    expect((await wire.run(TWICE, replyTo(second))).text).toContain("not those of the call");
    expect([count(), place.has("out/other")]).toEqual(["", false]);
    await wire.run(TWICE, replyTo(first, { action: "decline" }));
    expect((await wire.run(other, replyTo(second))).data).toMatchObject({ ok: true });
    expect([count(), place.has("out/other")]).toEqual(["", true]);
  });

  test("of another server", async () => {
    const other = new AskedWire(place);
    const question = asked(await other.run(TWICE));
    expect((await wire.run(TWICE, replyTo(question))).text).toContain("not made by this server, or was changed");
    expect((await wire.run("return 1")).data).toMatchObject({ value: 1 });
    other.child.stdin?.end();
    await other.exited;
    expect(count()).toBe("");
  });

  test.each([[""], ["x"], ["agent-run.1."], ["agent-run.1.e30.AAAA"], ["A".repeat(100_000)]])(
    "made up: %s",
    async (state) => {
      const refused = await wire.run(TWICE, { requestState: state, inputResponses: { a: accepting() } });
      expect(refused.text).toContain("not made by this server, or was changed");
      expect(count()).toBe("");
      expect(place.records()).toHaveLength(0);
    },
  );

  test.each([[1], [null], [{}], [["x"]]])("that is no text: %j", async (state) => {
    const refused = await wire.run(TWICE, { requestState: state });
    expect(refused.question).toBe(null);
    expect(count()).toBe("");
    expect(place.records()).toHaveLength(0);
  });
});

test("answers that come before anything was asked begin nothing", async () => {
  const refused = await wire.run(TWICE, { inputResponses: { approval: accepting() } });
  expect(refused.text).toContain("nothing was asked");
  expect(place.records()).toHaveLength(0);
});

test("a state works once: again while the run goes on, again when it has ended", async () => {
  const first = asked(await wire.run(TWICE));
  const second = asked(await wire.run(TWICE, replyTo(first)));
  expect((await wire.run(TWICE, replyTo(first))).text).toContain("was used already");
  expect(count()).toBe("a\n");
  expect((await wire.run(TWICE, replyTo(second))).data).toMatchObject({ ok: true });
  expect((await wire.run(TWICE, replyTo(first))).text).toContain("the run has ended");
  expect((await wire.run(TWICE, replyTo(second))).text).toContain("the run has ended");
  expect(count()).toBe("a\nb\n");
  expect(place.records()).toHaveLength(1);
});

test("of twenty calls that come back at once with one state, one goes on", async () => {
  const question = asked(await wire.run(TWICE));
  const ids = Array.from({ length: 20 }, () => wire.start(TWICE, replyTo(question)));
  const outcomes: Outcome[] = [];
  for (const id of ids) outcomes.push(outcomeOf(await wire.answer(id)));
  const went = outcomes.filter((outcome) => outcome.question !== null);
  expect(went).toHaveLength(1);
  expect(outcomes.filter(({ text }) => text.includes("was used already"))).toHaveLength(19);
  expect(count()).toBe("a\n");
  const [second] = went;
  if (second === undefined) throw new Error("none went on");
  expect((await wire.run(TWICE, replyTo(asked(second)))).data).toMatchObject({ ok: true });
  expect(count()).toBe("a\nb\n");
});

test("one yes beside one no counts for its own call only", async () => {
  const script = `const done = [];
for (const name of ["a", "b"]) try { fs.write("out/" + name, "x"); done.push(name) } catch (e) { done.push(e.code) }
return done`;
  const first = asked(await wire.run(script));
  const second = asked(await wire.run(script, replyTo(first, { action: "decline" })));
  const { data } = await wire.run(script, replyTo(second));
  expect(data).toMatchObject({ value: ["E_APPROVAL_DENIED", "b"] });
  expect([place.has("out/a"), place.has("out/b")]).toEqual([false, true]);
});

test("what is not answered is asked again, and the old state is worth nothing", async () => {
  const question = asked(await wire.run(append("x")));
  const again = asked(await wire.run(append("x"), { requestState: question.state }));
  expect(again.keys).toEqual(question.keys);
  expect((await wire.run(append("x"), replyTo(question))).text).toContain("was used already");
  const wrapped = { method: "elicitation/create", result: accepting() };
  const third = asked(await wire.run(append("x"), replyTo(again, wrapped)));
  expect(count()).toBe("");
  expect((await wire.run(append("x"), replyTo(third))).data).toMatchObject({ ok: true });
  expect(count()).toBe("x\n");
});

test("a call that is cancelled after it came back ends its run, with its children and its record", async () => {
  const script = `${append("a")} for (;;) {}`;
  const question = asked(await wire.run(script));
  const id = wire.start(script, replyTo(question));
  await until(() => count() === "a\n");
  wire.send({ method: "notifications/cancelled", params: { requestId: id } });
  const [record = ""] = place.records();
  await until(() => endOf(record).kind === "run.end");
  expect(endOf(record)).toMatchObject({ code: "E_INTERRUPTED" });
  expect((await wire.run(script, replyTo(question))).text).toContain("the run has ended");
  expect(count()).toBe("a\n");
});

test("a client that does not come back has its run ended in time, and what it brings later is worth nothing", async () => {
  place.write("agent-run.toml", `${POLICY}timeout = "1s"\n`);
  const short = new AskedWire(place);
  const script = `try {${append("a")}} catch (e) { fs.list("out"); return e.code }`;
  const question = asked(await short.run(script));
  const [record = ""] = place.records();
  // Its question is over by then: the run goes on, ends, and its report waits for the client a little.
  await until(() => endOf(record).kind === "run.end");
  expect((await short.run(script, replyTo(question))).data).toMatchObject({ value: "E_APPROVAL_TIMEOUT" });
  expect(count()).toBe("");
  short.child.stdin?.end();
  expect(await short.exited).toBe(0);
});

test("when the client closes the pipe its waiting runs end, their records are complete, and nothing is left", async () => {
  for (let index = 0; index < 3; index += 1) asked(await wire.run(`fs.write("out/${index}", "x")`));
  const { pid = -1 } = wire.child;
  wire.child.stdin?.end();
  expect(await wire.exited).toBe(0);
  expect(place.records()).toHaveLength(3);
  for (const record of place.records()) expect(endOf(record)).toMatchObject({ kind: "run.end", code: "E_INTERRUPTED" });
  expect(processesBelow(pid)).toEqual([]);
  expect(count()).toBe("");
});

test("many runs wait and others go on; each of them then has its own effect", async () => {
  const scripts = Array.from({ length: 40 }, (_, index) => `fs.write("out/${index}", "x", {append: true})`);
  const first = scripts.map((script) => wire.start(script));
  const questions: Question[] = [];
  for (const id of first) questions.push(asked(outcomeOf(await wire.answer(id))));
  expect((await wire.run("return 7")).data).toMatchObject({ ok: true, value: 7 });
  expect(scripts.map((_, index) => place.has(`out/${index}`))).not.toContain(true);
  const second = questions.map((question, index) => wire.start(scripts[index] ?? "", replyTo(question)));
  for (const id of second) expect(outcomeOf(await wire.answer(id)).data).toMatchObject({ ok: true });
  for (const index of scripts.keys()) expect(place.read(`out/${index}`)).toBe("x");
  for (const record of place.records()) expect(readFileSync(record, "utf8")).toContain('"kind":"run.end"');
});

test("a client that says it has no forms when it comes back is not asked any more", async () => {
  const first = asked(await wire.run(TWICE));
  const { data } = await wire.run(TWICE, replyTo(first), "wire", {});
  expect(data).toMatchObject({ error: { code: "E_APPROVAL_UNAVAILABLE" } });
  expect(count()).toBe("a\n");
});
