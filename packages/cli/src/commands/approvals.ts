/**
 * `agent-run approvals`: the second terminal. A yes takes a typed word at a controlling terminal or a signature, so that a
 * program that can only start commands can not give one by starting this.
 */
import {
  answerPending,
  contentText,
  pendingTickets,
  type Reply,
  readKey,
  revoke,
  savedFiles,
  signerName,
  signReply,
  type Ticket,
} from "@agent-run/approvals";
import { parseDuration } from "@agent-run/policy";
import { approvalsDirectory } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { askOnTerminal } from "../prompt/controlling-terminal.ts";
import { writeOut } from "../terminal.ts";

export interface AnswerOptions extends OutputOptions {
  readonly key?: string;
  readonly comment?: string;
  readonly run?: boolean;
  readonly for?: string;
  readonly save?: boolean;
  readonly anySize?: boolean;
}

export function pendingCommand({ json }: OutputOptions): number {
  const now = Date.now();
  const tickets = pendingTickets(approvalsDirectory(), now);
  if (json) writeJson({ pending: tickets });
  else if (tickets.length === 0) writeOut("nothing waits for an answer\n");
  else writeOut(`${tickets.map((ticket) => ticketText(ticket, now)).join("\n\n")}\n`);
  return 0;
}

export function listCommand({ json }: OutputOptions): number {
  const files = savedFiles(approvalsDirectory());
  if (json) {
    writeJson({ saved: files });
    return 0;
  }
  const lines = files.flatMap(({ path, rules }) =>
    rules === null
      ? [`${printableLine(path)} can not be read, and answers nothing`]
      : rules.map(
          ({ id, by, approved, expires = "revoked", capability, target, covers, layer, rule }) =>
            `${id}  ${capability} ${printableLine(target)}${covers === "place" ? ", of any size" : ""}\n  answers ${printableLine(rule)} of ${printableLine(layer)}, until ${expires === "revoked" ? "it is revoked" : expires}\n  by ${printableLine(by)} on ${approved}`,
        ),
  );
  writeOut(lines.length === 0 ? "no answers were saved\n" : `${lines.join("\n")}\n`);
  return 0;
}

export function revokeCommand(id: string, { json }: OutputOptions): number {
  const rule = revoke(approvalsDirectory(), id);
  if (rule === null)
    throw new CommandFailure("E_CONFIG", `there is no saved rule \`${printableLine(id)}\``, {
      hint: "`agent-run approvals list` lists them",
    });
  if (json) writeJson({ revoked: rule });
  else writeOut(`revoked ${rule.id}: ${rule.capability} ${printableLine(rule.target)} is asked about again\n`);
  return 0;
}

export async function answerCommand(answer: "allow" | "deny", id: string, options: AnswerOptions): Promise<number> {
  const directory = approvalsDirectory();
  const ticket = ticketOf(id, pendingTickets(directory, Date.now()));
  const said = { answer, ...scopeOf(options), ...(options.comment === undefined ? {} : { comment: options.comment }) };
  const reply = options.key === undefined ? await typedReply(ticket, said) : signedReply(ticket, said, options.key);
  if (!(await answerPending(directory, ticket, reply)))
    throw new CommandFailure("E_APPROVAL_TIMEOUT", "the question was settled before this answer", {
      hint: "the record of the run says how",
    });
  if (options.json) writeJson({ answer, ticket: ticket.nonce, by: reply.by });
  else writeOut(`${answer === "allow" ? "approved" : "denied"} ${ticket.nonce.slice(0, 8)}; ${whatComes(ticket)}\n`);
  return 0;
}

function ticketOf(id: string, tickets: readonly Ticket[]): Ticket {
  const found = /^[0-9a-f]{4,32}$/.test(id) ? tickets.filter(({ nonce }) => nonce.startsWith(id)) : [];
  const [ticket] = found;
  if (ticket !== undefined && found.length === 1) return ticket;
  const says =
    found.length > 1
      ? `\`${id}\` are the first characters of several questions`
      : `no question waits under \`${printableLine(id)}\``;
  throw new CommandFailure("E_CONFIG", says, {
    hint: "`agent-run approvals pending` lists them; give at least 4 characters",
  });
}

function scopeOf({ run, for: time, save, anySize }: AnswerOptions): Pick<Reply, "scope" | "untilMs" | "covers"> {
  const ms = time === undefined ? null : parseDuration(time);
  if (time !== undefined && (ms === null || ms <= 0))
    throw new CommandFailure("E_CONFIG", `\`${printableLine(time)}\` is no time`, { hint: "write `30m` or `2h`" });
  if (anySize && !save && ms === null)
    throw new CommandFailure("E_CONFIG", "--any-size is about answers that are kept", { hint: "add --save or --for" });
  const covers = anySize ? ({ covers: "place" } as const) : {};
  const until = ms === null ? {} : { untilMs: Date.now() + ms };
  if (save) return { scope: "save", ...until, ...covers };
  if (ms !== null) return { scope: "until", ...until, ...covers };
  return run ? { scope: "run" } : {};
}

type Said = Omit<Reply, "by" | "signature">;

/** A no needs no word: whoever gives it keeps something from happening. */
async function typedReply(ticket: Ticket, said: Said): Promise<Reply> {
  if (ticket.keysOnly)
    throw new CommandFailure(
      "E_APPROVAL_UNAVAILABLE",
      `it is answered by the key of ${Object.keys(ticket.signers).map(printableLine).join(" or ") || "nobody"}`,
      {
        hint: "add --key FILE",
      },
    );
  if (said.answer === "deny") return { ...said, by: "command" };
  const kept = said.scope === undefined ? "once" : KEPT[said.scope];
  const wide = said.covers === "place" ? "\nthis also allows it with any other content, of any size" : "";
  const typed = await askOnTerminal(
    `${ticketText(ticket, Date.now())}${wide}\ntype yes to allow it ${kept}, anything else to leave it open: `,
  );
  if (typed === null)
    throw new CommandFailure("E_APPROVAL_UNAVAILABLE", "there is no terminal to type the answer at", {
      hint: "run it at a terminal, or answer with --key FILE",
    });
  if (typed !== "yes") throw new CommandFailure("E_APPROVAL_DENIED", "nothing was answered: the word was not `yes`");
  return { ...said, by: "command" };
}

const KEPT = {
  once: "once",
  run: "for the rest of the run",
  until: "for that time",
  save: "until it is revoked",
} as const;

function signedReply(ticket: Ticket, said: Said, file: string): Reply {
  let key: ReturnType<typeof readKey>;
  try {
    key = readKey(file);
  } catch (error) {
    throw new CommandFailure("E_CONFIG", `the key can not be used: ${printableLine((error as Error).message)}`);
  }
  const name = signerName(ticket.signers, key);
  if (name === null)
    throw new CommandFailure("E_CONFIG", "this key is none of the ticket's approvers", {
      hint: `it takes: ${Object.keys(ticket.signers).map(printableLine).join(", ") || "nobody"}`,
    });
  return { ...said, by: `key:${name}`, signature: { name, value: signReply(key, ticket, said) } };
}

/** From the bytes that will run, escaped. */
function ticketText(ticket: Ticket, nowMs: number): string {
  const { nonce, capability, target, layer, rule, run, request, quorum, keysOnly, signers, irreversible, reason } =
    ticket;
  const content = contentText(ticket);
  const who = keysOnly ? `, by the key of ${Object.keys(signers).map(printableLine).join(" or ")}` : "";
  const many = quorum > 1 ? `, ${quorum} different approvers` : "";
  return [
    `${nonce.slice(0, 8)}  ${printableLine(capability)} ${printableLine(target)}`,
    `  asked by ${printableLine(rule)} of ${printableLine(layer)}${reason === undefined ? "" : `: ${printableLine(reason)}`}`,
    `  run ${printableLine(run)}, ${timeLeft(ticket.expiresMs - nowMs)} left${irreversible ? ", cannot be taken back" : ""}${who}${many}`,
    `  request ${printableLine(request)}`,
    ...(content === null ? [] : [`  content ${printableLine(content)}`]),
  ].join("\n");
}

const whatComes = ({ parked, run }: Ticket): string =>
  parked === true
    ? `\`agent-run resume ${printableLine(run)}\` goes on with it`
    : `the record of run ${printableLine(run)} says what came of it`;

/** A question of a parked run waits for days; the last hour is told to the second. */
function timeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  if (hours < 1) return `${seconds} s`;
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
