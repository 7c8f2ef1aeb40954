import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Channel, IdleAnswer, Reply } from "./channel.ts";
import { clock, deskOf, forever, Person, settled, ticket } from "./scene.fixture.ts";
import { publicKeyText, signReply } from "./signature.ts";
import type { Ticket } from "./ticket.ts";

beforeEach(() => {
  clock.now = 0;
});

describe("asking", () => {
  test("every channel is asked at once, the first answer settles it, and the others are taken back", async () => {
    const [one, two] = [new Person("terminal"), new Person("callback")];
    const answer = deskOf([one, two]).settle(ticket(), forever);
    await settled();
    expect([one.asked.length, two.asked.length]).toEqual([1, 1]);
    await two.says({ answer: "allow", by: "ann", comment: "fine" });
    expect(await answer).toMatchObject({
      answer: "allow",
      by: "ann",
      channel: "callback",
      scope: "once",
      comment: "fine",
    });
    expect(one.asked[0]?.signal.aborted).toBe(true);
  });

  test("a second answer, from a channel that could not be stopped, changes nothing and is told as late", async () => {
    const [one, two] = [new Person("terminal"), new Person("callback")];
    const idle: IdleAnswer[] = [];
    const desk = deskOf([one, two], {}, { onIdle: (answer) => idle.push(answer) });
    const asked = ticket();
    const answer = desk.settle(asked, forever);
    await one.says("deny");
    await two.says({ answer: "allow", by: "too\u202Elate" });
    expect((await answer).answer).toBe("deny");
    expect(idle).toEqual([{ event: "late", ticket: asked, channel: "callback", answer: "allow", by: "too late" }]);
  });

  test("where nobody is, it is refused at once, not after the time of a question", async () => {
    const nobody = new Person("terminal");
    const answer = deskOf([nobody], { timeoutMs: 60_000 }).settle(ticket({ expiresMs: 60_000 }), forever);
    await nobody.says(null);
    expect(await answer).toMatchObject({ answer: "unavailable", by: "nobody" });
    expect(await deskOf([]).settle(ticket(), forever)).toMatchObject({ answer: "unavailable" });
  });

  test("a channel that throws has nobody, and does not keep another from answering", async () => {
    const person = new Person("terminal");
    const broken = { name: "callback", ask: () => Promise.reject(new Error("gone")) } as const;
    const desk = deskOf([], {}, { channels: [broken, person.channel] });
    const answer = desk.settle(ticket(), forever);
    await person.says("allow");
    expect((await answer).answer).toBe("allow");
  });

  test("a channel that the policy takes for no person is not even asked", async () => {
    const [client, callback] = [new Person("elicitation"), new Person("callback")];
    const desk = deskOf([client, callback]);
    expect(await desk.settle(ticket({ channels: ["terminal"] }), forever)).toMatchObject({ answer: "unavailable" });
    expect([client.asked, callback.asked]).toEqual([[], []]);
  });

  test.each([undefined, null, 1, "yes", {}, { answer: "yes" }, { answer: true }, { answer: "allow", scope: "always" }])(
    "%j is no yes",
    async (reply) => {
      const person = new Person("terminal");
      const answer = deskOf([person]).settle(ticket(), forever);
      await person.says(reply as unknown as Reply);
      expect((await answer).answer).not.toBe("allow");
    },
  );

  test("the end of its run takes a question back", async () => {
    const person = new Person("terminal");
    const run = new AbortController();
    const answer = deskOf([person]).settle(ticket(), run.signal);
    await settled();
    run.abort();
    expect((await answer).answer).toBe("unavailable");
    expect(person.asked[0]?.signal.aborted).toBe(true);
  });
});

describe("time", () => {
  test("a question that nobody answers ends with its time", async () => {
    const person = new Person("terminal");
    const answer = await deskOf([person]).settle(ticket({ expiresMs: 30 }), forever);
    expect(answer).toMatchObject({ answer: "timeout", by: "nobody" });
    expect(person.asked[0]?.signal.aborted).toBe(true);
  });

  test("an answer after the time is none, even where no timer has told yet", async () => {
    const person = new Person("terminal");
    const idle: IdleAnswer[] = [];
    const answer = deskOf([person], {}, { onIdle: (one) => idle.push(one) }).settle(ticket(), forever);
    await settled();
    clock.now = 1000;
    await person.says("allow");
    expect((await answer).answer).toBe("timeout");
    expect(idle).toMatchObject([{ event: "late", answer: "allow" }]);
  });

  test("a grant's time counts from the yes, however long the question waited", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person]);
    const answer = desk.settle(ticket(), forever);
    await settled();
    clock.now = 900;
    await person.says({ answer: "allow", by: "ann", scope: "until", untilMs: 1900 });
    expect(await answer).toMatchObject({ scope: "until", untilMs: 1900 });
    clock.now = 1899;
    const later = { expiresMs: 5000 };
    expect(await desk.settle(ticket(later), forever)).toMatchObject({ answer: "allow", by: "ann", scope: "until" });
    clock.now = 1900;
    void desk.settle(ticket(later), forever);
    await settled();
    expect(person.asked.length).toBe(2);
  });

  test("no grant is for longer than a day, and one up to a time that is over is for once", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person], {});
    clock.now = 500;
    const long = desk.settle(ticket(), forever);
    await person.says({ answer: "allow", by: "ann", scope: "until", untilMs: Number.MAX_SAFE_INTEGER });
    expect((await long).untilMs).toBe(500 + 86_400_000);
    const over = desk.settle(ticket({ requestHash: "b" }), forever);
    await person.says({ answer: "allow", by: "ann", scope: "until", untilMs: 500 });
    expect((await over).scope).toBe("once");
  });
});

describe("scopes", () => {
  /** What the same question gets, asked again in `run`: true, if a person is asked again. */
  const isAskedAgain = async (
    first: Partial<Ticket>,
    scope: Reply["scope"],
    settings = {},
    again: Partial<Ticket> = first,
  ) => {
    const person = new Person("terminal");
    const desk = deskOf([person], settings);
    const answer = desk.settle(ticket(first), forever);
    await person.says({ answer: "allow", by: "ann", ...(scope === undefined ? {} : { scope }), untilMs: 500 });
    const settledWith = await answer;
    void desk.settle(ticket(again), forever);
    await settled();
    return { scope: settledWith.scope, again: person.asked.length === 2 };
  };

  test.each([
    [undefined, "save", "once", true],
    ["once", "save", "once", true],
    ["run", "save", "run", false],
    ["run", "never", "once", true],
    ["save", "run", "run", false],
    ["save", "never", "once", true],
    ["until", "run", "until", false],
    ["until", "never", "once", true],
  ] as const)("a yes for `%s` where `remember` is `%s` is kept for `%s`", async (said, remember, scope, again) => {
    expect(await isAskedAgain({}, said, { remember })).toEqual({ scope, again });
  });

  test("what cannot be taken back is asked every time, whatever the yes said", async () => {
    expect(await isAskedAgain({ irreversible: true }, "run")).toEqual({ scope: "once", again: true });
    expect(await isAskedAgain({}, "run", {}, { irreversible: true })).toMatchObject({ again: true });
  });

  test.each([
    { requestHash: "other" },
    { run: "run-2" },
    { policyHash: "policy-2" },
    { layer: "ceiling:/c.toml" },
    { rule: "another" },
    { matched: ["requires_approval[0]", "by-hours"] },
  ])("a yes for a run is none to another question: %j", async (other) => {
    expect(await isAskedAgain({}, "run", {}, other)).toMatchObject({ again: true });
  });

  test("a grant up to a time ends with its run, unless it could be saved", async () => {
    expect(await isAskedAgain({}, "until", { remember: "run" }, { run: "run-2" })).toMatchObject({ again: true });
    expect(await isAskedAgain({}, "until", { remember: "save" }, { run: "run-2" })).toMatchObject({ again: true });
  });

  test("the end of a run forgets what was said in it", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person]);
    const answer = desk.settle(ticket(), forever);
    await person.says({ answer: "allow", by: "ann", scope: "run" });
    await answer;
    desk.end("run-1");
    void desk.settle(ticket(), forever);
    await settled();
    expect(person.asked.length).toBe(2);
  });
});

describe("the same asked at the same time", () => {
  test("is asked once, told how often, and answered for each", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person]);
    const answers = [1, 2, 3].map(() => desk.settle(ticket(), forever));
    await person.says("allow");
    const all = await Promise.all(answers);
    expect(all.map(({ answer }) => answer)).toEqual(["allow", "allow", "allow"]);
    expect(new Set(all.map((one) => one.ticket)).size).toBe(1);
    expect(person.asked.map(({ alike }) => alike)).toEqual([3]);
  });

  test("and taken back by one run stays a question for the others", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person]);
    const first = new AbortController();
    const gone = desk.settle(ticket(), first.signal);
    const stays = desk.settle(ticket({ run: "run-2" }), forever);
    await settled();
    first.abort();
    expect((await gone).answer).toBe("unavailable");
    await person.says("allow");
    expect((await stays).answer).toBe("allow");
  });

  test("by two runs, is answered once for the one that was not shown", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person], { remember: "run" });
    const answers = [desk.settle(ticket(), forever), desk.settle(ticket({ run: "run-2" }), forever)];
    await person.says({ answer: "allow", by: "ann", scope: "run" });
    expect(await Promise.all(answers)).toMatchObject([
      { answer: "allow", scope: "run" },
      { answer: "allow", scope: "once" },
    ]);
    expect(await desk.settle(ticket(), forever)).toMatchObject({ answer: "allow" });
    void desk.settle(ticket({ run: "run-2" }), forever);
    await settled();
    expect(person.asked.map((one) => one.ticket.run)).toEqual(["run-1", "run-2"]);
  });

  test("by two runs, is asked of each where a signature names the run", async () => {
    const person = new Person("key", { signs: true });
    const desk = deskOf([person]);
    const named = { keysOnly: true, signers: { ann: "ed25519:x" } };
    for (const run of ["run-1", "run-1", "run-2"]) void desk.settle(ticket({ run, ...named }), forever);
    await settled();
    expect(person.asked.map((one) => [one.ticket.run, one.alike])).toEqual([
      ["run-1", 2],
      ["run-2", 1],
    ]);
  });

  test("by two runs that each have somebody of their own, is asked of each", async () => {
    const [one, two] = [new Person("callback"), new Person("callback")];
    const desk = deskOf([]);
    const answers = [
      desk.settle(ticket(), forever, [one.channel]),
      desk.settle(ticket({ run: "run-2" }), forever, [two.channel]),
    ];
    await one.says("allow");
    await two.says("deny");
    expect((await Promise.all(answers)).map(({ answer }) => answer)).toEqual(["allow", "deny"]);
  });

  test("by runs of two clients, is asked of each", async () => {
    const client = new Person("elicitation");
    const desk = deskOf([client]);
    const channels = ["elicitation"] as const;
    for (const run of ["run-1", "run-1", "run-2"]) void desk.settle(ticket({ run, channels }), forever);
    await settled();
    expect(client.asked.map((one) => [one.ticket.run, one.alike])).toEqual([
      ["run-1", 2],
      ["run-2", 1],
    ]);
  });

  test("is asked each by itself where it cannot be taken back", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person]);
    const answers = [1, 2].map(() => desk.settle(ticket({ irreversible: true }), forever));
    await settled();
    expect(person.asked.length).toBe(2);
    await person.says("allow");
    await person.says("deny");
    expect((await Promise.all(answers)).map(({ answer }) => answer)).toEqual(["allow", "deny"]);
  });

  test("but another content of the same size is another question", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person]);
    const of = (sha256: string) => desk.settle(ticket({ content: { as: "written", sha256 } }), forever);
    const answers = [of("a"), of("b"), of("a")];
    await settled();
    expect(person.asked.map(({ ticket: { content }, alike }) => [content?.sha256, alike])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    await person.says("allow");
    await person.says("deny");
    expect((await Promise.all(answers)).map(({ answer }) => answer)).toEqual(["allow", "deny", "allow"]);
  });

  test("but another request is another question: approved A does not run B", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person]);
    const a = desk.settle(ticket(), forever);
    const b = desk.settle(ticket({ requestHash: "hash-b" }), forever);
    await person.says("allow");
    await person.says("deny");
    expect([(await a).answer, (await b).answer]).toEqual(["allow", "deny"]);
  });
});

describe("a run that floods people with questions", () => {
  const flood = (desk: ReturnType<typeof deskOf>, count: number, more: Partial<Ticket> = {}) =>
    [...Array(count).keys()].map((at) => desk.settle(ticket({ requestHash: `f${at}`, ...more }), forever));

  test("gets so many, and from then on no more, with the rule to write", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person], { maxPrompts: 3 });
    const answers = flood(desk, 100);
    const refused = await Promise.all(answers.slice(3));
    await settled();
    expect(person.asked.length).toBe(3);
    expect(new Set(refused.map(({ answer }) => answer))).toEqual(new Set(["unavailable"]));
    expect(refused[0]?.hint).toContain("max_prompts");
    expect(refused[0]?.hint).toContain(
      '[[rule]] id = "ask-fs-write", effect = "ask", on = ["fs.write"], except = ["out/a"]',
    );
  });

  test("in all runs of a session together, too", async () => {
    const person = new Person("terminal");
    const desk = deskOf([person], { maxPromptsPerSession: 2 });
    void flood(desk, 1, { run: "a", requestHash: "1" });
    void flood(desk, 1, { run: "b", requestHash: "2" });
    const [third] = flood(desk, 1, { run: "c", requestHash: "3" });
    expect((await third)?.hint).toContain("max_prompts_per_session");
    await settled();
    expect(person.asked.length).toBe(2);
  });

  test("is not counted where nobody is asked: `--yes`, a grant, or an identical question", async () => {
    const option: Channel = { name: "option", ask: async () => ({ answer: "allow", by: "--yes" }) };
    const desk = deskOf([], { maxPrompts: 0 }, { channels: [option] });
    expect((await Promise.all(flood(desk, 10))).every(({ answer }) => answer === "allow")).toBe(true);
    const person = new Person("terminal");
    const capped = deskOf([person], { maxPrompts: 1 });
    const same = [1, 2, 3].map(() => capped.settle(ticket(), forever));
    await person.says({ answer: "allow", by: "ann", scope: "run" });
    expect((await Promise.all([...same, capped.settle(ticket(), forever)])).map(({ answer }) => answer)).toEqual(
      Array(4).fill("allow"),
    );
  });
});

describe("a way that somebody may come by", () => {
  const beside = () => new Person("command", { signs: true, beside: true });

  test("answers beside one who is there, and is not waited for when that one is gone", async () => {
    const [terminal, command] = [new Person("terminal"), beside()];
    const desk = deskOf([terminal, command]);
    const answer = desk.settle(ticket(), forever);
    await command.says("allow");
    expect(await answer).toMatchObject({ answer: "allow", channel: "command" });
    const left = new Person("terminal");
    const gone = deskOf([left, command]).settle(ticket(), forever);
    await left.says(null);
    expect(command.asked.length).toBe(2);
    expect((await gone).answer).toBe("unavailable");
  });

  test("alone is nobody, at once; but named approvers are waited for", async () => {
    const command = beside();
    expect(await deskOf([command]).settle(ticket(), forever)).toMatchObject({ answer: "unavailable" });
    expect(command.asked).toEqual([]);
    const key = `ed25519:${"a".repeat(42)}A`;
    void deskOf([command]).settle(ticket({ keysOnly: true, signers: { ann: key } }), forever);
    await settled();
    expect(command.asked.length).toBe(1);
  });
});

describe("`--yes`", () => {
  const option: Channel = { name: "option", ask: async () => ({ answer: "allow", by: "--yes" }) };

  test("answers what the policy asks of anybody, before anybody is asked", async () => {
    const person = new Person("terminal");
    const desk = deskOf([], {}, { channels: [option, person.channel] });
    expect(await desk.settle(ticket({ irreversible: true, channels: [] }), forever)).toMatchObject({
      answer: "allow",
      by: "--yes",
      channel: "option",
    });
    expect(person.asked).toEqual([]);
  });

  test.each([{ layer: "ceiling:/c.toml" }, { keysOnly: true }, { quorum: 2 }])(
    "never answers a question of a ceiling, or for named approvers: %j",
    async (more) => {
      const desk = deskOf([], {}, { channels: [option] });
      expect(await desk.settle(ticket(more), forever)).toMatchObject({ answer: "unavailable" });
    },
  );
});

describe("approvers by key", () => {
  const [alice, bob, mallory] = [1, 2, 3].map(() => generateKeyPairSync("ed25519").privateKey);
  if (alice === undefined || bob === undefined || mallory === undefined) throw new Error("no keys");
  const signers = { alice: publicKeyText(alice), bob: publicKeyText(bob) };
  const named = (more: Partial<Ticket> = {}) => ticket({ keysOnly: true, signers, ...more });
  const signed = (key: typeof alice, name: string, to: Ticket, reply: Partial<Reply> = {}): Reply => {
    const said = { answer: "allow", ...reply } as const;
    return { ...said, by: "somebody", signature: { name, value: signReply(key, to, said) } };
  };

  test("a signature over the ticket is an answer of its owner, whoever brings it", async () => {
    const way = new Person("command", { signs: true });
    const asked = named();
    const answer = deskOf([way]).settle(asked, forever);
    await way.says(signed(alice, "alice", asked));
    expect(await answer).toMatchObject({ answer: "allow", by: "key:alice", channel: "key" });
  });

  test("an answer without a signature, or with a wrong one, is none, is told, and leaves the ticket open", async () => {
    const way = new Person("command", { signs: true });
    const idle: IdleAnswer[] = [];
    const asked = named();
    const answer = deskOf([way], {}, { onIdle: (one) => idle.push(one) }).settle(asked, forever);
    const good = signed(alice, "alice", asked);
    const other = named({ requestHash: "hash-b" });
    const bad: readonly Reply[] = [
      { answer: "allow", by: "operator" },
      signed(mallory, "alice", asked),
      signed(mallory, "mallory", asked),
      // The yes to another ticket, to this one with another nonce, and a no that was turned into a yes.
      signed(alice, "alice", other),
      signed(alice, "alice", { ...asked, nonce: "0".repeat(32) }),
      { ...signed(alice, "alice", asked, { answer: "deny" }), answer: "allow" },
      { ...good, scope: "save" },
      { ...good, signature: { name: "bob", value: good.signature?.value ?? "" } },
      { ...good, signature: { name: "constructor", value: good.signature?.value ?? "" } },
      { ...good, signature: { name: "alice", value: "" } },
    ];
    for (const reply of bad) await way.says(reply);
    await way.says(good);
    expect((await answer).answer).toBe("allow");
    expect(idle.map(({ event }) => event)).toEqual(bad.map(() => "invalid"));
  });

  test("a wrong signature makes an answer none that would be one without it", async () => {
    const way = new Person("command", { signs: true });
    const asked = ticket({ signers });
    const answer = deskOf([way]).settle(asked, forever);
    await way.says(signed(mallory, "alice", asked));
    await way.says("deny");
    expect(await answer).toMatchObject({ answer: "deny", channel: "command" });
  });

  test("a channel that cannot bring a signature is not asked", async () => {
    const [terminal, callback] = [new Person("terminal"), new Person("callback")];
    expect(await deskOf([terminal, callback]).settle(named(), forever)).toMatchObject({ answer: "unavailable" });
    expect([...terminal.asked, ...callback.asked]).toEqual([]);
  });

  test("if no approver is accepted by all rules, nobody is: not everybody", async () => {
    const way = new Person("command", { signs: true });
    const answer = await deskOf([way, new Person("terminal")]).settle(named({ signers: {} }), forever);
    expect(answer).toMatchObject({ answer: "unavailable", hint: expect.stringContaining("no approver is accepted") });
    expect(way.asked).toEqual([]);
  });

  test("a quorum is of different people: one key, under however many names, counts once", async () => {
    const way = new Person("command", { signs: true });
    const asked = named({ quorum: 2, signers: { ...signers, al: publicKeyText(alice) } });
    const answer = deskOf([way]).settle(asked, forever);
    let isOver = false;
    void answer.then(() => {
      isOver = true;
    });
    await way.says(signed(alice, "alice", asked));
    await way.says(signed(alice, "al", asked));
    expect(isOver).toBe(false);
    await way.says(signed(bob, "bob", asked));
    expect(await answer).toMatchObject({ answer: "allow", by: "key:alice, key:bob".replace("alice", "al") });
  });

  test("of a quorum one no is a no", async () => {
    const way = new Person("command", { signs: true });
    const asked = named({ quorum: 2 });
    const answer = deskOf([way]).settle(asked, forever);
    await way.says(signed(alice, "alice", asked));
    await way.says(signed(bob, "bob", asked, { answer: "deny" }));
    expect(await answer).toMatchObject({ answer: "deny", by: "key:bob" });
  });

  test("of a quorum that its time cuts short, it is told how far it came", async () => {
    const way = new Person("command", { signs: true });
    const asked = named({ quorum: 2, expiresMs: 60 });
    const answer = deskOf([way]).settle(asked, forever);
    await way.says(signed(alice, "alice", asked));
    expect(await answer).toMatchObject({ answer: "timeout", hint: expect.stringContaining("1 of 2") });
  });

  test("without named approvers, both terminals are one person", async () => {
    const [terminal, command] = [new Person("terminal"), new Person("command")];
    const answer = deskOf([terminal, command]).settle(ticket({ quorum: 2 }), forever);
    await terminal.says("allow");
    await command.says("allow");
    expect((await answer).answer).toBe("unavailable");
  });

  test("a channel that brings answer after answer is not listened to for ever", async () => {
    let asked = 0;
    const busy: Channel = {
      name: "command",
      signs: true,
      ask: async () => ({ answer: "allow", by: `no ${asked++}` }),
    };
    expect(await deskOf([], {}, { channels: [busy] }).settle(named(), forever)).toMatchObject({
      answer: "unavailable",
    });
    expect(asked).toBe(100);
  });
});
