/** In which order started calls go on, and are answered. */
import type { Errand, Gate, GateAnswer, Json, Steps } from "@agent-run/gate";
import { describe, expect, test } from "vitest";
import { Calls } from "./calls.ts";
import type { Channel } from "./channel.ts";
import type { AnswerMessage } from "./protocol.ts";

const LIMITS = { maxConcurrency: 8, maxCalls: 100, maxMemoryBytes: 2 ** 24 };
const ERRAND = { kind: "http", request: {} } as unknown as Errand;

/** Calls that each send one request; `outcomes` are their ends in the order of the record. */
function scene(answers: readonly number[], inOrder: boolean) {
  const outcomes: string[] = [];
  const gate = {
    *perform(_op: string, args: Json): Steps<GateAnswer> {
      yield ERRAND;
      outcomes.push(String(args));
      return { ok: args };
    },
  } as unknown as Gate;
  let posted = 0;
  const waiting = [...answers];
  const channel = {
    post: () => ++posted,
    stop: () => null,
    wait: (): AnswerMessage | null => {
      const id = waiting.shift();
      return id === undefined
        ? null
        : { kind: "answer", id, answer: { ok: true, value: {} } as AnswerMessage["answer"] };
    },
  } as unknown as Channel;
  const calls = new Calls(gate, channel, { pure: new Map(), inOrder }, LIMITS);
  const start = (id: number, args: string) => calls.call(JSON.stringify({ op: "x", args, id }));
  const settle = () => {
    const ids: number[] = [];
    for (let text = calls.nextSettlement(); text !== null; text = calls.nextSettlement())
      ids.push((JSON.parse(text) as { id: number }).id);
    return ids;
  };
  return { calls, start, settle, outcomes };
}

describe("of two started calls whose answers come in the other order", () => {
  test("outcomes and answers are in the order of the calls, where their times must not show", () => {
    const { start, settle, outcomes } = scene([2, 1], true);
    start(1, "first");
    start(2, "second");
    expect(settle()).toEqual([1, 2]);
    expect(outcomes).toEqual(["first", "second"]);
  });

  test("outcomes and answers are in the order of the answers elsewhere", () => {
    const { start, settle, outcomes } = scene([2, 1], false);
    start(1, "first");
    start(2, "second");
    expect(settle()).toEqual([2, 1]);
    expect(outcomes).toEqual(["second", "first"]);
  });
});

test("an answer that comes while a synchronous call waits ends its call when the script asks for it", () => {
  const { calls, start, settle, outcomes } = scene([1, 2], true);
  start(1, "started");
  expect(calls.call(JSON.stringify({ op: "x", args: "waited for" }))).toContain("waited for");
  expect(outcomes).toEqual(["waited for"]);
  expect(settle()).toEqual([1]);
  expect(outcomes).toEqual(["waited for", "started"]);
});
