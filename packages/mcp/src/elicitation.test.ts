import { afterEach, describe, expect, test, vi } from "vitest";
import { AskingTool, accept, all, NEWER, OLDER, questionOf, RUN, textOf, ticketOf } from "./elicitation.fixture.ts";
import { Elicitation } from "./elicitation.ts";

const opened: Elicitation[] = [];
function scene(...tickets: (readonly ReturnType<typeof ticketOf>[])[]) {
  const elicitation = new Elicitation("run");
  opened.push(elicitation);
  return { elicitation, tool: new AskingTool(elicitation, tickets) };
}

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

describe("a client that is asked by a result", () => {
  test("comes back through several questions to one run, whose effects happen once each", async () => {
    const { tool } = scene([ticketOf()], [ticketOf()], [ticketOf()]);
    let served = await tool.request();
    for (let round = 0; round < 3; round += 1) {
      const { state, keys } = questionOf(served);
      served = await tool.request({ state, responses: all(keys, accept()) });
    }
    expect(textOf(served)).toBe("done");
    expect([tool.begun, tool.effects]).toEqual([1, 3]);
    expect(tool.replies).toEqual(Array(3).fill({ answer: "allow", scope: "once", by: "client test" }));
  });

  test("is asked about what waits at the same time in one result", async () => {
    const { tool } = scene([ticketOf(), ticketOf(), ticketOf()]);
    const { state, keys } = questionOf(await tool.request());
    expect(keys).toHaveLength(3);
    expect(textOf(await tool.request({ state, responses: all(keys, accept()) }))).toBe("done");
  });

  test("is asked again about what it did not answer, under another state", async () => {
    const { tool } = scene([ticketOf(), ticketOf()]);
    const first = questionOf(await tool.request());
    const answered = { [first.keys[0] ?? ""]: accept() };
    const second = questionOf(await tool.request({ state: first.state, responses: answered }));
    expect(second.keys).toEqual([first.keys[1]]);
    expect(second.state).not.toBe(first.state);
    expect(textOf(await tool.request({ state: second.state, responses: all(second.keys, accept()) }))).toBe("done");
  });

  test("that closes the form gave no answer, and one that declines said no", async () => {
    const closed = scene([ticketOf()]).tool;
    const first = questionOf(await closed.request());
    await closed.request({ state: first.state, responses: all(first.keys, { action: "cancel" }) });
    expect(closed.replies).toEqual([null]);
    const declined = scene([ticketOf()]).tool;
    const second = questionOf(await declined.request());
    await declined.request({ state: second.state, responses: all(second.keys, { action: "decline" }) });
    expect(declined.replies).toEqual([{ answer: "deny", by: "client test" }]);
  });
});

describe("a request state is refused, without an effect, and the run still waits", () => {
  const other = { ...NEWER, identity: "another" };
  test.each([
    ["with another script", { given: { script: "2" } }, "not those of the call"],
    ["with another tool", { tool: "fs_write" }, "not those of the call"],
    ["with one more argument", { given: { script: "1", input: 1 } }, "not those of the call"],
    ["with arguments that cannot be hashed", { given: nested(100_000) }, "not those of the call"],
    ["from another client or session", { client: other }, "another client or session"],
  ])("%s", async (_what, asked, says) => {
    const { tool } = scene([ticketOf()]);
    const { state, keys } = questionOf(await tool.request());
    const refused = textOf(await tool.request({ state, responses: all(keys, accept()), ...asked }));
    expect(refused).toContain(says);
    expect([tool.begun, tool.effects, tool.ended]).toEqual([1, 0, 0]);
    expect(textOf(await tool.request({ state, responses: all(keys, accept()) }))).toBe("done");
  });

  test.each([
    ["changed", (state: string) => state.replace(/.$/, (last) => (last === "A" ? "B" : "A"))],
    ["with another body", (state: string) => state.replace(".1.e", ".1.f")],
    ["cut", (state: string) => state.slice(0, -3)],
    ["without its seal", (state: string) => state.slice(0, state.lastIndexOf("."))],
    ["with more behind it", (state: string) => `${state}.x`],
    ["empty", () => ""],
    ["huge", (state: string) => state + "A".repeat(1_000_000)],
    ["of another process", () => "made there"],
    ["that is no text", () => ({ run: RUN })],
    ["that is null", () => null],
  ])("%s", async (_what, change) => {
    const { tool } = scene([ticketOf()]);
    const { state, keys } = questionOf(await tool.request());
    const given = change(state);
    const forged = given === "made there" ? questionOf(await scene([ticketOf()]).tool.request()).state : given;
    const refused = textOf(await tool.request({ state: forged, responses: all(keys, accept()) }));
    expect(refused).toContain("E_ARGUMENT: this request state was not made by this server, or was changed");
    expect([tool.begun, tool.effects]).toEqual([1, 0]);
    expect(textOf(await tool.request({ state, responses: all(keys, accept()) }))).toBe("done");
  });

  test("a second time, while the run goes on and when it has ended", async () => {
    const { tool } = scene([ticketOf()], [ticketOf()]);
    const first = questionOf(await tool.request());
    const answers = all(first.keys, accept());
    const second = questionOf(await tool.request({ state: first.state, responses: answers }));
    expect(textOf(await tool.request({ state: first.state, responses: answers }))).toContain("was used already");
    expect(tool.effects).toBe(1);
    await tool.request({ state: second.state, responses: all(second.keys, accept()) });
    expect(textOf(await tool.request({ state: first.state, responses: answers }))).toContain("the run has ended");
    expect([tool.begun, tool.effects]).toEqual([1, 2]);
  });

  test("ten times at once: one goes on", async () => {
    const { tool } = scene([ticketOf()]);
    const { state, keys } = questionOf(await tool.request());
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => tool.request({ state, responses: all(keys, accept()) })),
    );
    expect(answers.map(textOf).filter((text) => text === "done")).toHaveLength(1);
    expect(answers.map(textOf).filter((text) => text.includes("was used already"))).toHaveLength(9);
    expect([tool.begun, tool.effects]).toEqual([1, 1]);
  });

  test("with an answer to what was not asked, beside a good one", async () => {
    const { tool } = scene([ticketOf()]);
    const { state, keys } = questionOf(await tool.request());
    const responses = { ...all(keys, accept()), [`approval-${"f".repeat(32)}`]: accept() };
    expect(textOf(await tool.request({ state, responses }))).toContain("an answer to what was not asked");
    expect(tool.effects).toBe(0);
    expect(textOf(await tool.request({ state, responses: all(keys, accept()) }))).toBe("done");
  });

  test("answers before anything was asked begin nothing", async () => {
    const { tool } = scene([ticketOf()]);
    expect(textOf(await tool.request({ responses: { any: accept() } }))).toContain("nothing was asked");
    expect(tool.begun).toBe(0);
  });
});

describe("a client that is gone", () => {
  test("ends its run once the time of the question and a little more are over, and its state is worth nothing then", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const { tool } = scene([ticketOf({ expiresMs: Date.now() + 60_000 })]);
    const serving = tool.request();
    await vi.advanceTimersByTimeAsync(20);
    const { state, keys } = questionOf(await serving);
    await vi.advanceTimersByTimeAsync(89_000);
    expect(tool.ended).toBe(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([tool.ended, tool.effects]).toEqual([1, 0]);
    const late = textOf(await tool.request({ state, responses: all(keys, accept()) }));
    expect(late).toContain("E_APPROVAL_TIMEOUT: the time of this request state is over");
    expect(tool.begun).toBe(1);
  });

  test("is waited for an hour at most, however long a question may wait", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const { tool } = scene([ticketOf({ expiresMs: Date.now() + 7_200_000 })]);
    const serving = tool.request();
    await vi.advanceTimersByTimeAsync(20);
    questionOf(await serving);
    await vi.advanceTimersByTimeAsync(3_599_000);
    expect(tool.ended).toBe(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tool.ended).toBe(1);
  });

  test("whose request is cancelled ends its run; so does the end of the server", async () => {
    const { tool } = scene([ticketOf()], [ticketOf()]);
    const { state, keys } = questionOf(await tool.request());
    await tool.request({ state, responses: all(keys, accept()), signal: AbortSignal.abort() });
    expect(tool.ended).toBe(1);
    const { elicitation, tool: left } = scene([ticketOf()]);
    const question = questionOf(await left.request());
    await elicitation.close();
    expect([left.ended, left.effects]).toEqual([1, 0]);
    expect(textOf(await left.request({ state: question.state }))).toContain("the run has ended");
  });

  test("more of them than the bound are not waited for", async () => {
    const elicitation = new Elicitation("run");
    opened.push(elicitation);
    const run = (name: number) => {
      const ticket = ticketOf({ run: `RUN${name}` });
      return elicitation.serve({
        ...{ tool: "run", given: {}, client: NEWER, signal: new AbortController().signal },
        context: { mcpReq: { requestState: () => undefined } } as never,
        refuse: () => ({ content: [] }),
        async begin(signal, began) {
          began(ticket.run);
          const reply = await elicitation.ask(ticket, 1, signal);
          return { content: [{ type: "text", text: JSON.stringify(reply) }] };
        },
      });
    };
    const first = await Promise.all(Array.from({ length: 256 }, (_, name) => run(name)));
    expect(first.every((served) => textOf(served) === "input_required")).toBe(true);
    expect(textOf(await run(256))).toBe("null");
  });
});

describe("a client that is asked by a request", () => {
  test("is sent the form inside its own call, and the answer is its own", async () => {
    const { tool } = scene([ticketOf()], [ticketOf()]);
    const sent: unknown[] = [];
    const send = async (request: unknown) => {
      sent.push(request);
      return accept("allow for this run");
    };
    expect(textOf(await tool.request({ client: OLDER, send }))).toBe("done");
    expect(sent).toHaveLength(2);
    expect(sent[0]).toMatchObject({ method: "elicitation/create" });
    expect(tool.replies[0]).toEqual({ answer: "allow", scope: "run", by: "client test" });
  });

  test("that fails to show it gave no answer", async () => {
    const { tool } = scene([ticketOf()]);
    await tool.request({ client: OLDER, send: () => Promise.reject(new Error("no")) });
    expect(tool.replies).toEqual([null]);
  });

  test("has the form taken back when somebody else answered first; what it says then is nothing", async () => {
    const { elicitation, tool } = scene([]);
    const ticket = ticketOf();
    const other = new AbortController();
    let signal: AbortSignal | undefined;
    const replies: unknown[] = [];
    await elicitation.serve({
      ...{ tool: "run", given: {}, client: OLDER, signal: other.signal },
      context: {
        mcpReq: {
          requestState: () => undefined,
          send: (_request: unknown, options: { signal: AbortSignal }) => {
            signal = options.signal;
            other.abort();
            return Promise.resolve(accept());
          },
        },
      } as never,
      refuse: () => ({ content: [] }),
      async begin(_ended, began) {
        began(RUN);
        replies.push(await elicitation.ask(ticket, 1, other.signal));
        return { content: [] };
      },
    });
    expect(signal?.aborted).toBe(true);
    expect(replies).toEqual([null]);
    expect(tool.effects).toBe(0);
  });
});

test("a client without the capability is not asked, in either form", async () => {
  for (const client of [NEWER, OLDER]) {
    const { tool } = scene([ticketOf()]);
    await tool.request({ client: { ...client, canElicit: false } });
    expect(tool.replies).toEqual([null]);
  }
});

test("a run that did not come through this server is not asked about", async () => {
  const { elicitation } = scene();
  expect(await elicitation.ask(ticketOf(), 1, new AbortController().signal)).toBe(null);
});

test("an answer that another channel gave meanwhile makes a late one nothing, and the run goes on without the client", async () => {
  const elicitation = new Elicitation("run");
  opened.push(elicitation);
  const [first, other] = [ticketOf(), new AbortController()];
  const replies: unknown[] = [];
  const call = (state?: unknown, responses?: Record<string, unknown>) =>
    elicitation.serve({
      ...{ tool: "run", given: {}, client: NEWER, signal: new AbortController().signal },
      context: { mcpReq: { requestState: () => state, inputResponses: responses } } as never,
      refuse: ({ message }) => ({ content: [{ type: "text", text: message }] }),
      async begin(_ended, began) {
        began(RUN);
        replies.push(await elicitation.ask(first, 1, other.signal));
        return { content: [{ type: "text", text: "went on" }] };
      },
    });
  const { state, keys } = questionOf(await call());
  other.abort();
  await vi.waitFor(() => expect(replies).toEqual([null]));
  expect(textOf(await call(state, all(keys, accept())))).toBe("went on");
  expect(replies).toEqual([null]);
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return { script: value };
}
