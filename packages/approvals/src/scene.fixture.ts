/** Tickets, and channels that a test answers by hand. */
import type { ApprovalSettings, PolicyData } from "@agent-run/policy";
import type { Channel, ChannelName, Reply } from "./channel.ts";
import { Desk, type DeskOptions } from "./desk.ts";
import type { Ticket } from "./ticket.ts";

const SETTINGS: ApprovalSettings = {
  channels: ["terminal", "command", "key", "callback"],
  irreversibleChannels: ["terminal", "command", "key"],
  timeoutMs: 1000,
  maxPrompts: 20,
  maxPromptsPerSession: 100,
  remember: "save",
  quorum: 1,
  approvers: {},
};

let made = 0;

export function ticket(more: Partial<Ticket> = {}): Ticket {
  made += 1;
  return {
    seq: made,
    run: "run-1",
    capability: "fs.write",
    target: "out/a",
    requestHash: "hash-a",
    rule: "requires_approval[0]",
    layer: "policy",
    matched: ["requires_approval[0]"],
    irreversible: false,
    request: '{"attrs":{"bytes":1,"path":"/p/out/a"},"labels":[],"on":"fs.write","targets":[],"v":1}',
    place: null,
    content: null,
    preview: null,
    policyHash: "policy-1",
    nonce: made.toString(16).padStart(32, "0"),
    createdMs: 0,
    expiresMs: 1000,
    quorum: 1,
    keysOnly: false,
    signers: {},
    channels: SETTINGS.channels,
    ...more,
  };
}

export class Person {
  readonly channel: Channel;
  readonly asked: { readonly ticket: Ticket; readonly alike: number; readonly signal: AbortSignal }[] = [];
  readonly #answers: ((reply: Reply | null) => void)[] = [];

  constructor(name: ChannelName, more: Pick<Channel, "signs" | "beside"> = {}) {
    this.channel = {
      name,
      ...more,
      ask: (ticket, alike, signal) => {
        this.asked.push({ ticket, alike, signal });
        return new Promise((resolve) => this.#answers.push(resolve));
      },
    };
  }

  /** To the question that was asked first and is not answered yet. */
  async says(reply: Reply | "allow" | "deny" | null): Promise<void> {
    await settled();
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error("nobody asked");
    answer(typeof reply === "string" ? { answer: reply, by: "test" } : reply);
    await settled();
  }
}

/** Long enough for everything that was started to be asked or answered. */
export const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 5));

export const clock = { now: 0 };

export function deskOf(
  people: readonly Person[],
  settings: Partial<ApprovalSettings> = {},
  more: Partial<DeskOptions> = {},
): Desk {
  const policy = { hash: "policy-1", approvals: { ...SETTINGS, ...settings }, rules: [], ceilings: [] };
  const channels = people.map(({ channel }) => channel);
  return new Desk({ policy: policy as unknown as PolicyData, channels, now: () => clock.now, ...more });
}

export const forever: AbortSignal = new AbortController().signal;
