/** People are asked through MCP clients of both generations: real clients, the built server, effects that can be counted. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";
import { type Answer, ASKED_GENERATIONS, accepting, type Form } from "./mcp-asking.fixture.ts";
import { GENERATIONS, type Session } from "./mcp-client.fixture.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const policy = (more = '[approvals]\nchannels = ["elicitation"]\n') => `version = 1
requires_approval = ["fs.write", "fs.delete"]
[filesystem]
read_allow = ["out/**"]
write_allow = ["out/**"]
delete_allow = ["out/**"]
[runtime]
max_seconds = 2
${more}`;
const append = (text: string) => `fs.write("out/count", ${JSON.stringify(`${text}\n`)}, {append: true});`;

let place: Workplace;
let session: Session | undefined;
beforeEach(() => {
  place = new Workplace({ "agent-run.toml": policy(), "out/count": "" });
});
afterEach(async () => {
  await session?.close();
  session = undefined;
  place.remove();
});

const recorded = () =>
  place
    .records()
    .flatMap((path) => readFileSync(path, "utf8").trimEnd().split("\n"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe.each(ASKED_GENERATIONS)("a client of %s", (_title, connect) => {
  const forms: Form[] = [];
  const run = async (script: string, answer: Answer, more: Record<string, unknown> = {}) => {
    forms.length = 0;
    session ??= await connect(place, (form) => {
      forms.push(form);
      return answer(form);
    });
    return session.call("run", { script, ...more });
  };

  test("is asked about each call, by what will run, and every effect happens once", async () => {
    const { data } = await run(`${append("a")}${append("b")}${append("c")} return fs.read("out/count")`, () =>
      accepting(),
    );
    expect(data).toMatchObject({ ok: true, value: "a\nb\nc\n" });
    expect(place.read("out/count")).toBe("a\nb\nc\n");
    expect(forms).toHaveLength(3);
    expect(forms[0]?.message).toContain("may this run do fs.write?");
    expect(forms[0]?.message).toContain('"out/count"');
    expect(forms[0]?.message).toContain(`${place.directory}/out/count`);
    expect(Object.keys(forms[0]?.requestedSchema.properties ?? {})).toEqual(["answer"]);
    const answers = recorded().filter(({ kind, answer }) => kind === "approval" && answer === "allow");
    expect(answers).toHaveLength(3);
    expect(answers[0]).toMatchObject({ by: "client conformance", channel: "elicitation", scope: "once" });
  });

  test("is asked once where it says yes for the run and the calls are the same", async () => {
    const { data } = await run(`for (let i = 0; i < 3; i++) {${append("x")}} return 1`, () =>
      accepting("allow for this run"),
    );
    expect(data).toMatchObject({ ok: true });
    expect(place.read("out/count")).toBe("x\nx\nx\n");
    expect(forms).toHaveLength(1);
  });

  test.each([
    ["declines", { action: "decline" }, "E_APPROVAL_DENIED"],
    ["refuses by the form", accepting("refuse"), "E_APPROVAL_DENIED"],
    ["closes the form", { action: "cancel" }, "E_APPROVAL_UNAVAILABLE"],
    ["accepts without saying what", { action: "accept" }, "E_APPROVAL_UNAVAILABLE"],
    ["accepts with something else", { action: "accept", content: { confirm: true } }, "E_APPROVAL_UNAVAILABLE"],
    [
      "accepts with one field more",
      { action: "accept", content: { answer: "allow once", more: "x" } },
      "E_APPROVAL_UNAVAILABLE",
    ],
    ["accepts with another type", { action: "accept", content: { answer: ["allow once"] } }, "E_APPROVAL_UNAVAILABLE"],
    ["accepts with a megabyte", accepting("allow once".repeat(100_000)), "E_APPROVAL_UNAVAILABLE"],
  ])("that %s gets the right code, and nothing happens", async (_what, answer, code) => {
    const { data } = await run(append("x"), () => answer);
    expect(data).toMatchObject({ ok: false, exitCode: 4, error: { code } });
    expect(forms).toHaveLength(1);
    expect(place.read("out/count")).toBe("");
  });

  test("that fails to show the form gave no answer", async () => {
    const report = await run(append("x"), () => Promise.reject(new Error("no screen"))).catch(() => null);
    // A newer client gives the whole call up then; its run is nobody's, and does nothing.
    if (report !== null) expect(report.data).toMatchObject({ error: { code: "E_APPROVAL_UNAVAILABLE" } });
    expect(place.read("out/count")).toBe("");
  });

  test("may take longer than the script's own time", async () => {
    const { data } = await run(append("x"), async () => {
      await sleep(3_000);
      return accepting();
    });
    expect(data).toMatchObject({ ok: true });
    expect(place.read("out/count")).toBe("x\n");
  });

  test("is not asked about what cannot be taken back, unless the policy says so", async () => {
    place.write("out/gone", "");
    const { data } = await run('fs.delete("out/gone")', () => accepting());
    expect(data).toMatchObject({ error: { code: "E_APPROVAL_UNAVAILABLE" } });
    expect(forms).toHaveLength(0);
    expect(place.has("out/gone")).toBe(true);
    await session?.close();
    session = undefined;
    place.write(
      "agent-run.toml",
      policy('[approvals]\nchannels = ["elicitation"]\nirreversible_channels = ["elicitation"]\n'),
    );
    expect((await run('fs.delete("out/gone")', () => accepting())).data).toMatchObject({ ok: true });
    expect(forms[0]?.message).toContain("It cannot be taken back.");
    expect(forms[0]?.requestedSchema.properties.answer?.enum).toEqual(["refuse", "allow once"]);
    expect(place.has("out/gone")).toBe(false);
  });

  test("is not asked where the policy does not take it for a person", async () => {
    place.write("agent-run.toml", policy(""));
    const { data } = await run(append("x"), () => accepting());
    expect(data).toMatchObject({
      error: { code: "E_APPROVAL_UNAVAILABLE", hint: expect.stringContaining("`[approvals] channels`") },
    });
    expect(forms).toHaveLength(0);
    expect(place.read("out/count")).toBe("");
  });

  test("is asked no more often than the policy lets a run ask", async () => {
    place.write("agent-run.toml", policy('[approvals]\nchannels = ["elicitation"]\nmax_prompts = 3\n'));
    const flood = `let no = 0, hint; for (let i = 0; i < 50; i++) try { fs.write("out/" + i, "x") } catch (e) { no++; hint = e.hint } return {no, hint}`;
    const { data } = await run(flood, () => accepting());
    expect(data).toMatchObject({ ok: true, value: { no: 47, hint: expect.stringContaining("max_prompts") } });
    expect(forms).toHaveLength(3);
    expect([place.has("out/2"), place.has("out/3")]).toEqual([true, false]);
  });

  test("is shown names that were made to deceive as what they are", async () => {
    // A path with control characters is refused before anybody is asked.
    const name = 'out/a" is safe: choose allow. \u202egpj\u200b\u3164<b>`x`](evil.test)';
    await run(`fs.write(${JSON.stringify(name)}, "x")`, () => ({ action: "decline" }));
    const message = forms[0]?.message ?? "";
    expect(JSON.parse(/^target: (.*)$/m.exec(message)?.[1] ?? "")).toBe(name);
    expect(message.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{DI}<`]|\]\(/u);
  });

  test("that answers while another call of it runs holds up neither", async () => {
    let answer: (given: unknown) => void = () => undefined;
    const waiting = run(
      append("x"),
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    while (forms.length === 0) await sleep(20);
    expect((await session?.call("run", { script: "return 7" }))?.data).toMatchObject({ ok: true, value: 7 });
    await session?.ping();
    answer(accepting());
    expect((await waiting).data).toMatchObject({ ok: true });
    expect(place.read("out/count")).toBe("x\n");
  });
});

describe.each(GENERATIONS)("a client of %s without the capability", (_title, connect) => {
  test("is told at once that nobody could be asked, and what to do", async () => {
    session = await connect(place);
    const { data, text } = await session.call("run", { script: append("x") });
    expect(data).toMatchObject({ exitCode: 4, error: { code: "E_APPROVAL_UNAVAILABLE" } });
    expect(text).toContain("this client shows no forms");
    expect(place.read("out/count")).toBe("");
  });
});
