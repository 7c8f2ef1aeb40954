/**
 * How a run keeps local-only values: it declares none, seals them, or gives them to the script and scrubs what it shows.
 * Everything of a run that differs by that is here.
 */
import { createHmac, randomBytes } from "node:crypto";
import { sha256 } from "@agent-run/audit";
import {
  type Flow,
  openFlow,
  type PolicyData,
  type Recorder,
  Redactor,
  redactFlow,
  type ToVault,
} from "@agent-run/gate";
import type { ScriptProgram } from "@agent-run/vm";
import type { CallOptions, Calls, PureOperations } from "./calls.ts";
import type { Output } from "./output.ts";
import type { StartRun, WorkerEnd } from "./protocol.ts";
import { type Printer, redactedEnd, redactedOutput, redactedRecorder } from "./redaction.ts";
import { Sealing } from "./sealing/sealing.ts";
import { shownEnd } from "./shown-end.ts";

export interface Keeping {
  readonly flow: Flow;
  /** The VM is told of sealed values, and times that the run shows are ticks. */
  readonly seals: boolean;
  recorder(recorder: Recorder): Recorder;
  printer(output: Output): Printer;
  callOptions(pure: PureOperations): CallOptions;
  /** The script has ended. */
  finish(calls: Calls): void;
  shown(end: WorkerEnd): WorkerEnd;
  /** A text as people see it who are asked, and the host program, while the run goes on. */
  shownText(text: string): string;
  /** Of what a call carries, for people who are asked; SHA-256 in hex. */
  digest(bytes: Uint8Array): string;
}

export interface KeepingPorts {
  readonly policy: PolicyData;
  readonly start: StartRun;
  readonly program: ScriptProgram;
  tell(message: ToVault): void;
  recordRelease(rule: string, ok: boolean): boolean;
}

export function keepingOf(ports: KeepingPorts): Keeping {
  const { localOnly } = ports.policy;
  if (localOnly === null) return open;
  return localOnly.mode === "redact" ? redacting() : sealing(ports);
}

const open: Keeping = {
  flow: openFlow,
  seals: false,
  recorder: (recorder) => recorder,
  printer: (output) => output,
  callOptions: (pure) => ({ pure }),
  finish: () => undefined,
  shown: (end) => end,
  shownText: (text) => text,
  digest: sha256,
};

function sealing({ policy, start, program, tell, recordRelease }: KeepingPorts): Keeping {
  const { run, tokenSeed } = start;
  const sealed = new Sealing({ policy, run, tokenSeed, program, tell, recordRelease });
  return {
    ...open,
    flow: sealed.flow,
    seals: true,
    printer: (output) => ({
      print: (args) => output.print(sealed.handles.showJson(args)),
    }),
    callOptions: (pure) => ({ pure: new Map([...pure, ...sealed.pure]), waiting: sealed.waiting, inOrder: true }),
    // A run that is stopped shows nothing of its sealed work, and waits for none of it.
    finish: (calls) => {
      if (calls.stop() === null) calls.drive(sealed.finish());
    },
    // Handles die with their run, so what is left of it shows display forms.
    shown: (end) =>
      shownEnd(
        end,
        (text) => sealed.handles.show(text),
        (value) => sealed.handles.showJson(value),
      ),
    shownText: (text) => sealed.handles.show(text),
  };
}

function redacting(): Keeping {
  const redactor = new Redactor();
  const key = randomBytes(32);
  let end: () => void = () => undefined;
  return {
    ...open,
    flow: redactFlow(redactor),
    recorder: (recorder) => redactedRecorder(recorder, redactor),
    printer: (output) => {
      const printer = redactedOutput(output, redactor);
      end = () => printer.end();
      return printer;
    },
    finish: () => end(),
    shown: (result) => redactedEnd(result, redactor),
    shownText: (text) => redactor.scrub(text),
    // A short value could be found by trying; with a key of the run nobody outside of it can.
    digest: (bytes) =>
      redactor.contains(Buffer.from(bytes).toString("utf8"))
        ? createHmac("sha256", key).update(bytes).digest("hex")
        : sha256(bytes),
  };
}
