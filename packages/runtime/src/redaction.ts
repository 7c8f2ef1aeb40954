/**
 * Where redaction (`[local_only] mode = "redact"`) stands in a run: between the script and what an agent is shown of it
 * (output, value, error, calls), and before the record. A run has one `Redactor`, and nothing of the run leaves it but
 * through here.
 */
import {
  type CanonicalRequest,
  type Decision,
  type GateAnswer,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  type Recorder,
  type Redactor,
  type Target,
} from "@agent-run/gate";
import { changed } from "@agent-run/policy";
import type { Output } from "./output.ts";
import type { WorkerEnd } from "./protocol.ts";
import { shownEnd } from "./shown-end.ts";

/** What takes the script's prints. */
export interface Printer {
  print(args: Json): GateAnswer;
}

export interface RedactedOutput extends Printer {
  /** Prints what was held back; to be called once the script has ended, however it did. */
  end(): GateAnswer;
}

/** Scrubs before `output` cuts: a text cut at `max_output` first would end in the beginning of a value. */
export function redactedOutput(output: Output, redactor: Redactor): RedactedOutput {
  const stream = redactor.stream();
  return {
    print(args) {
      const text = isJsonObject(args) && typeof args.text === "string" ? args.text : "";
      return output.print({ text: stream.push(text) });
    },
    end: () => output.print({ text: stream.end() }),
  };
}

export const redactedEnd = (end: WorkerEnd, redactor: Redactor): WorkerEnd =>
  shownEnd(
    end,
    (text) => redactor.scrub(text),
    (value) => redactedValue(value, redactor),
  );

/** The record holds requests as they were made; an operator who shows it to somebody shows no value. */
export function redactedRecorder(recorder: Recorder, redactor: Redactor): Recorder {
  return {
    intent(entry, durable) {
      const request = redactedRequest(entry.request, redactor);
      return recorder.intent({ ...entry, request, decision: redactedDecision(entry.decision, redactor) }, durable);
    },
    approval: (entry) => recorder.approval(entry),
    outcome: (entry, mayWait) => recorder.outcome(entry, mayWait),
  };
}

/**
 * Strings and names one by one; then the whole as JSON, as numbers (`[104, 117]`, `1234`) and arrays of characters
 * spell a value that no string of it holds. Where they do, the value becomes that JSON text, scrubbed.
 */
function redactedValue(value: Json, redactor: Redactor): Json {
  if (value === null) return null;
  const scrubbed = redactedJson(value, redactor);
  const text = JSON.stringify(scrubbed);
  return redactor.contains(text) ? redactor.scrub(text) : scrubbed;
}

function redactedJson(value: Json, redactor: Redactor): Json {
  if (typeof value === "string") return redactor.scrub(value);
  if (isJsonArray(value)) return value.map((member) => redactedJson(member, redactor));
  return isJsonObject(value) ? redactedMembers(value, redactor) : value;
}

/** Names that became the same are numbered, so that no member is lost. */
function redactedMembers(value: JsonObject, redactor: Redactor): JsonObject {
  const members = new Map<string, Json>();
  let same = 1;
  for (const [name, member] of Object.entries(value)) {
    const scrubbed = redactor.scrub(name);
    let unique = scrubbed;
    while (members.has(unique)) {
      same += 1;
      unique = `${scrubbed} (${same})`;
    }
    members.set(unique, redactedJson(member, redactor));
  }
  return Object.fromEntries(members);
}

const redactedRequest = (request: CanonicalRequest, redactor: Redactor): CanonicalRequest => ({
  ...request,
  targets: request.targets.map((target) => redactedTarget(target, redactor)),
  attrs: redactedMembers(request.attrs, redactor),
});

function redactedDecision(decision: Decision, redactor: Redactor): Decision {
  const { target, hint } = decision;
  return changed(decision, {
    ...(target === undefined ? {} : { target: redactedTarget(target, redactor) }),
    ...(hint === undefined ? {} : { hint: redactor.scrub(hint) }),
  });
}

const redactedTarget = (target: Target, redactor: Redactor): Target => ({
  ...target,
  value: redactor.scrub(target.value),
});
