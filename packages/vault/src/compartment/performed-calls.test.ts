import type { Json } from "@agent-run/gate";
import { expect, it } from "vitest";
import { type CallPorts, PerformedCalls } from "./performed-calls.ts";
import type { AnswerMessage } from "./protocol.ts";

/** Calls whose performer answers when the test says so. */
function scene(memoryBytes = 1000) {
  const performed: string[] = [];
  const answers: AnswerMessage[] = [];
  const busy: boolean[] = [];
  const open: ((answer: { ok: Json }) => void)[] = [];
  const ports: CallPorts = {
    answer: (message) => answers.push(message),
    failed: (error) => performed.push(`failed: ${error}`),
    busy: (isBusy) => busy.push(isBusy),
  };
  const io = (op: string) => {
    performed.push(op);
    return new Promise<{ ok: Json }>((resolve) => open.push(resolve));
  };
  const calls = new PerformedCalls(io, memoryBytes, ports);
  const ask = (op: string, id: number | null = null) => calls.take({ kind: "call", op, args: null, id });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const answer = async (ok: Json) => {
    open.shift()?.({ ok });
    await turn();
  };
  return { calls, performed, answers, busy, ask, answer, turn };
}

it("performs the next call when the one before has its answer, and says when it is idle", async () => {
  const { performed, answers, busy, ask, answer, turn } = scene();
  ask("a", 1);
  ask("b");
  await turn();
  expect(performed).toEqual(["a"]);
  await answer("one");
  expect(performed).toEqual(["a", "b"]);
  expect(busy).toEqual([true]);
  await answer("two");
  expect(busy).toEqual([true, false]);
  expect(answers).toEqual([
    { kind: "answer", answer: '{"ok":"one","id":1}', started: true },
    { kind: "answer", answer: '{"ok":"two"}', started: false },
  ]);
});

it("performs nothing that waits, and answers nothing, once the block is over", async () => {
  const { calls, performed, answers, ask, answer, turn } = scene();
  for (const op of ["a", "b", "c"]) ask(op, 1);
  await turn();
  let ended = false;
  const end = calls.end().then(() => {
    ended = true;
  });
  await turn();
  expect(ended).toBe(false);
  await answer("late");
  await end;
  expect(performed).toEqual(["a"]);
  expect(answers).toEqual([]);
});

it.each([
  ["a text that the block waits for", null, "x".repeat(3000)],
  ["a text of a started call", 1, "x".repeat(3000)],
  ["data", null, Array.from({ length: 1500 }, () => 0)],
])("gives no answer that is larger than the block's memory: %s", async (_title, id, ok) => {
  const { answers, ask, answer, turn } = scene();
  ask("a", id);
  await turn();
  await answer(ok);
  expect(answers.map((message) => message.answer)).toEqual([null]);
});
