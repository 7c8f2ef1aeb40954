/** A run's answers in their file, from its worker; what the run can be resumed from if it is parked or killed. */
import { AnswersFile, ownerLine } from "@agent-run/audit";
import type { AnswerStore, ApprovalTicket, JsonObject } from "@agent-run/gate";
import type { AnswersOfRun, StartRun } from "../protocol.ts";
import { PARKED_MS } from "./expiry.ts";

/** More than this is kept of no run. */
const MAX_BYTES = 64 * 1024 * 1024;

export class FileStore implements AnswerStore {
  readonly #run: string;
  readonly #file: AnswersFile;

  private constructor(run: string, file: AnswersFile) {
    this.#run = run;
    this.#file = file;
  }

  /** Throws where the file cannot be made or written. */
  static open(answers: AnswersOfRun, start: StartRun): FileStore {
    const { path, key, previous, note } = answers;
    const file = new AnswersFile(path, key, previous);
    const { script, args, input, seed, startMs, maxSeconds, actor, task } = start;
    if (previous === null) {
      file.append({ kind: "head", v: 1, script, args, input, seed, startMs, maxSeconds, actor, task, note });
      file.append(ownerLine(start.run));
    }
    return new FileStore(start.run, file);
  }

  readonly begun: AnswerStore["begun"] = (entry) =>
    this.#try(() => {
      this.#file.append({ kind: "begun", run: this.#run, ...entry });
      this.#file.sync();
    });

  readonly repeated: AnswerStore["repeated"] = (entry) =>
    this.#try(() => this.#file.append({ kind: "repeated", run: this.#run, ...entry }));

  readonly answered: AnswerStore["answered"] = (entry) =>
    this.#try(() => {
      this.#file.append({ kind: "answer", run: this.#run, ...entry });
      if (this.#file.bytes > MAX_BYTES) throw new Error("too much");
    });

  /** The run ends with this question open; false: that could not be written, so it cannot be resumed. */
  park(ticket: ApprovalTicket): boolean {
    return this.#try(() => {
      const { preview: _preview, ...asked } = ticket;
      const plain = JSON.parse(JSON.stringify(asked)) as JsonObject;
      this.#file.append({ kind: "parked", run: this.#run, ticket: plain, expiresMs: Date.now() + PARKED_MS });
      this.#file.sync();
    });
  }

  close(): void {
    this.#file.close();
  }

  #try(write: () => void): boolean {
    try {
      write();
      return true;
    } catch {
      return false;
    }
  }
}
