/**
 * Credentials at work: a request with the secret in its slot, or a command that is given it. The answer is told if the
 * policy says that it is public, unless it holds the credential; else it stays here.
 */
import type { Errands } from "@agent-run/effects/errands";
import type {
  BrokeredAnswer,
  BrokeredWork,
  CommandUse,
  ExecAnswer,
  Failure,
  LocalOnlyData,
  OperationContext,
  RequestUse,
  SecretUse,
} from "@agent-run/gate";
import { responseOf } from "./answer.ts";
import { type BrokeredRequest, brokeredRequest, isTripped } from "./broker.ts";
import { runCredentialCommand } from "./command/run.ts";
import { type Attempt, done, failed, type Plain, plainText } from "./plain.ts";
import type { SealedLog } from "./sealed-log.ts";
import type { Secrets } from "./secrets.ts";
import type { Values } from "./values.ts";

export interface CredentialPorts {
  readonly localOnly: LocalOnlyData;
  readonly secrets: Secrets;
  readonly values: Values;
  readonly errands: Errands;
  readonly context: OperationContext;
  readonly ca: string | null;
  readonly log: SealedLog;
}

/** Which secret, and which of its uses. */
export interface Use {
  readonly secret: string;
  readonly use: number;
  readonly work: BrokeredWork;
}

export class Credentials {
  readonly #ports: CredentialPorts;
  readonly #signal: AbortSignal;

  constructor(ports: CredentialPorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#signal = signal;
  }

  /** An answer for the script. Null: the policy does not say that it is public. */
  async tell(order: Use): Promise<BrokeredAnswer | null> {
    const declared = this.#declared(order);
    if (declared?.response !== "public") return null;
    if (declared.kind === "request" && order.work.kind === "request") {
      const { answer, why } = await this.#send(order.work, order.secret, declared);
      if (why !== null) this.#ports.log.failed(`use of ${order.secret}`, why);
      return answer;
    }
    if (declared.kind !== "command" || order.work.kind !== "command") return null;
    const answer = await this.#run(order, declared);
    const secret = await this.#ports.secrets.get(order.secret);
    if (!answer.ok) return { ok: false, failure: notRun(declared) };
    const said = Buffer.from(JSON.stringify(answer.value));
    return isTripped(secret, said)
      ? { ok: false, failure: withheld(declared) }
      : { ok: true, value: answer.value ?? null };
  }

  /** What is told of an answer that could not be looked at: a failure of one run must not be the vault's. */
  broken({ secret, use }: Pick<Use, "secret" | "use">, error: unknown): BrokeredAnswer | null {
    const declared = this.#declared({ secret, use });
    this.#ports.log.failed(`use of ${secret}`, String(error));
    return declared?.response === "public" ? withheldAnswer(declared) : null;
  }

  /** An answer that stays here. */
  async keep(order: Use): Promise<Attempt<Plain>> {
    const declared = this.#declared(order);
    if (declared?.kind === "command" && order.work.kind === "command") return this.#run(order, declared);
    if (declared?.kind !== "request" || order.work.kind !== "request")
      return failed("the work is not of the declared kind");
    const { http, why } = await this.#send(order.work, order.secret, declared);
    if (http === null) return failed(why ?? "there is no answer");
    return done(responseOf(order.work.request.url, http.status, http.headers, Buffer.from(http.body).toString("utf8")));
  }

  #declared({ secret, use }: Pick<Use, "secret" | "use">): SecretUse | undefined {
    return this.#ports.localOnly.secrets.find(({ name }) => name === secret)?.uses[use];
  }

  async #send(
    work: Extract<BrokeredWork, { kind: "request" }>,
    secret: string,
    use: RequestUse,
  ): Promise<BrokeredRequest> {
    const { values, secrets, errands } = this.#ports;
    const handle = values.handleOf(work.slot);
    const value = handle === undefined ? failed("there is no such handle") : await values.get(handle);
    const body = work.bodyBase64 === null ? null : Buffer.from(work.bodyBase64, "base64");
    const request = { ...work.request, body };
    const brokered = { request, slot: work.slot, value, secret: await secrets.get(secret) };
    return brokeredRequest(brokered, use, errands, this.#signal);
  }

  async #run({ secret, work }: Use, use: CommandUse): Promise<Attempt<Plain>> {
    if (work.kind !== "command") return failed("the work is not of the declared kind");
    const { context, ca, secrets } = this.#ports;
    const value = await secrets.get(secret);
    const text = value.ok ? plainText(value.value) : value;
    if (!text.ok) return text;
    const call = { context, use, secret: text.value, args: work.args, ca };
    const answer = await runCredentialCommand(call, this.#signal);
    return answer.ok ? done(execValue(answer.value)) : failed(`${answer.failure.code}: ${answer.failure.message}`);
  }
}

const execValue = ({ exitCode, signal, stdout, stderr }: ExecAnswer) => ({
  exitCode,
  stdout: Buffer.from(stdout).toString("utf8"),
  stderr: Buffer.from(stderr).toString("utf8"),
  ...(signal === null ? {} : { signal }),
});

/** The same, whatever the reason. */
const notRun = (use: CommandUse): Failure => ({
  code: "E_EXEC",
  message: `\`${use.argv[0]}\` could not be run with this credential`,
  rule: use.ref,
  hint: "the operator's log of sealed work says why",
});

const withheldAnswer = (use: SecretUse): BrokeredAnswer => ({
  ok: false,
  failure: { code: "E_NETWORK", message: "withheld: the answer could not be looked at", rule: use.ref },
});

const withheld = (use: CommandUse): Failure => ({
  code: "E_SINK",
  message: "withheld: the output contained the credential",
  rule: use.ref,
  hint: "the command repeats what it is given; the operator was told",
});
