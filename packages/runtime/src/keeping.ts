/**
 * How a run keeps local-only values: it declares none, seals them, or gives them to the script and scrubs what it shows.
 * Everything of a run that differs by that is here.
 */
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
  /** As people who are asked may see it. */
  told(text: string): string;
  printer(output: Output): Printer;
  callOptions(pure: PureOperations): CallOptions;
  /** The script has ended. */
  finish(calls: Calls): void;
  shown(end: WorkerEnd): WorkerEnd;
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
  told: (text) => text,
  printer: (output) => output,
  callOptions: (pure) => ({ pure }),
  finish: () => undefined,
  shown: (end) => end,
};

function sealing({ policy, start, program, tell, recordRelease }: KeepingPorts): Keeping {
  const { run, tokenSeed } = start;
  const sealed = new Sealing({ policy, run, tokenSeed, program, tell, recordRelease });
  return {
    ...open,
    flow: sealed.flow,
    seals: true,
    told: (text) => sealed.handles.show(text),
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
  };
}

function redacting(): Keeping {
  const redactor = new Redactor();
  let end: () => void = () => undefined;
  return {
    ...open,
    flow: redactFlow(redactor),
    recorder: (recorder) => redactedRecorder(recorder, redactor),
    told: (text) => redactor.scrub(text),
    printer: (output) => {
      const printer = redactedOutput(output, redactor);
      end = () => printer.end();
      return printer;
    },
    finish: () => end(),
    shown: (result) => redactedEnd(result, redactor),
  };
}
