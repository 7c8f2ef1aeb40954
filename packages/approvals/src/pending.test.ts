import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { IdleAnswer, Settled } from "./channel.ts";
import { answerPending, commandChannel, pendingTickets } from "./pending.ts";
import { clock, deskOf, forever, ticket } from "./scene.fixture.ts";
import { publicKeyText, signReply } from "./signature.ts";
import type { Ticket } from "./ticket.ts";

let directory: string;
let idle: IdleAnswer[];
beforeEach(() => {
  clock.now = 0;
  idle = [];
  directory = mkdtempSync(join(tmpdir(), "agent-run-pending-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = { expiresMs: 5000 };
const asking = (asked: Ticket): Promise<Settled> =>
  deskOf([], {}, { channels: [commandChannel(directory, true)], onIdle: (one) => idle.push(one) }).settle(
    asked,
    forever,
  );

async function pending(): Promise<Ticket> {
  for (;;) {
    const [first] = pendingTickets(directory, 0);
    if (first !== undefined) return first;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a ticket lies where only its owner can read it, and is gone with its answer", async () => {
  const asked = ticket(open);
  const answer = asking(asked);
  expect(await pending()).toEqual(asked);
  const [name = ""] = readdirSync(join(directory, "pending"));
  expect(name).toBe(`${asked.nonce}.json`);
  expect(statSync(join(directory, "pending", name)).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, "pending")).mode & 0o777).toBe(0o700);
  expect(await answerPending(directory, asked, { answer: "allow", by: "command" })).toBe(true);
  expect(await answer).toMatchObject({ answer: "allow", by: "command", channel: "command" });
  expect([...readdirSync(join(directory, "pending")), ...readdirSync(join(directory, "answers"))]).toEqual([]);
});

test("whoever answers without a signature has no name on the record", async () => {
  const asked = ticket(open);
  const answer = asking(asked);
  await pending();
  await answerPending(directory, asked, { answer: "allow", by: "key:alice" });
  expect(await answer).toMatchObject({ answer: "allow", by: "command", channel: "command" });
});

test("an answer is taken once: brought again, it answers nothing else", async () => {
  const asked = ticket(open);
  const answer = asking(asked);
  await pending();
  await answerPending(directory, asked, { answer: "allow", by: "command" });
  await answer;
  const next = asking(ticket({ ...open, requestHash: "hash-b" }));
  await pending();
  expect(await answerPending(directory, asked, { answer: "allow", by: "command" })).toBe(false);
  expect(pendingTickets(directory, 0).length).toBe(1);
  await answerPending(directory, await pending(), { answer: "deny", by: "command" });
  expect((await next).answer).toBe("deny");
});

test("a ticket that was exchanged under the approver's eyes is not answered by their yes, and is not burnt", async () => {
  const asked = ticket({ ...open, target: "out/evil" });
  const answer = asking(asked);
  await pending();
  const path = join(directory, "pending", `${asked.nonce}.json`);
  writeFileSync(path, JSON.stringify({ ...asked, target: "out/harmless" }));
  const shown = await pending();
  expect(shown.target).toBe("out/harmless");
  await answerPending(directory, shown, { answer: "allow", by: "command" });
  expect(idle).toMatchObject([{ event: "invalid", answer: "neither" }]);
  await answerPending(directory, asked, { answer: "allow", by: "command" });
  expect((await answer).answer).toBe("allow");
});

test("a signature comes by it, too, and counts as its owner's", async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const asked = ticket({ ...open, keysOnly: true, signers: { ann: publicKeyText(privateKey) } });
  const answer = asking(asked);
  await pending();
  await answerPending(directory, asked, { answer: "allow", by: "command" });
  const said = { answer: "allow", covers: "request", scope: "once" } as const;
  const signature = { name: "ann", value: signReply(privateKey, asked, said) };
  await answerPending(directory, asked, { ...said, by: "x", signature });
  expect(await answer).toMatchObject({ answer: "allow", by: "key:ann", channel: "key" });
  expect(idle.map(({ event }) => event)).toEqual(["invalid"]);
});

test("answers that others could have written, or that are none, are as if they were not there", async () => {
  const asked = ticket(open);
  const answer = asking(asked);
  await pending();
  await answerPending(directory, ticket(), { answer: "allow", by: "x" });
  const answers = join(directory, "answers");
  writeFileSync(join(answers, `${asked.nonce}.1.json`), '{"answer":"allow"', { mode: 0o600 });
  writeFileSync(join(answers, `${asked.nonce}.2.json`), '{"answer":"allow","by":"x"}');
  chmodSync(join(answers, `${asked.nonce}.2.json`), 0o666);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(readdirSync(answers)).toEqual([]);
  await answerPending(directory, asked, { answer: "deny", by: "command" });
  expect((await answer).answer).toBe("deny");
}, 10_000);

test("what a crash left is swept away once its time is over, and is no question", async () => {
  const asked = ticket(open);
  void asking(asked);
  const path = join(directory, "pending", `${asked.nonce}.json`);
  await pending();
  writeFileSync(join(directory, "pending", "notes.json"), "{}");
  writeFileSync(join(directory, "pending", `${"f".repeat(32)}.json`), readFileSync(path));
  expect(pendingTickets(directory, 0)).toEqual([asked]);
  expect(pendingTickets(directory, 5000)).toEqual([]);
  expect(readdirSync(join(directory, "pending"))).not.toContain(`${asked.nonce}.json`);
});
