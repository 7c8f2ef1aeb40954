/**
 * `policy explain`: what a policy does with local-only values, in sentences, with a table of how many bits can come out
 * in the worst case; or, with a call, what the policy answers to that one call. Nothing happens and nothing is resolved.
 */
import {
  type CapacityPart,
  CODES,
  capacityOf,
  type Decision,
  explainLocalOnly,
  explanationDetails,
  explanationForModel,
  type LocalOnlyData,
  Policy,
  type PolicyData,
  placed,
} from "@agent-run/policy";
import { type AroundOptions, askedCall, circumstancesOf } from "../asked-call.ts";
import { foldedForOut } from "../fold.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printable } from "../printable.ts";
import { selectPolicy, showOrigin } from "../select-policy.ts";
import { writeOut } from "../terminal.ts";
import { verdictOf } from "../verdict.ts";

export interface ExplainOptions extends PolicyOptions, OutputOptions, AroundOptions {
  readonly forModel?: boolean;
}

export function explainCommand(call: string | undefined, options: ExplainOptions): number {
  const selected = selectPolicy(options);
  showOrigin(selected);
  const { data } = selected;
  const { text, report } =
    call === undefined ? wholeOf(data) : answerTo(call, data, options, options.forModel === true);
  if (options.json) writeJson({ ok: true, exitCode: 0, hash: data.hash, ...report });
  else writeOut(foldedForOut(printable(text), (line) => line.startsWith(CANONICAL)));
  return 0;
}

/** This line is for copying. */
const CANONICAL = "canonical form: ";

interface Explained {
  readonly text: string;
  readonly report: object;
}

function wholeOf(data: PolicyData): Explained {
  const sentences = explainLocalOnly(data);
  const { localOnly } = data;
  if (localOnly === null) {
    const text = `nothing is local-only: the policy declares no secret and no local-only place\n${MORE}`;
    return { text, report: { sentences, capacity: null, open: [] } };
  }
  const open = openAnswers(localOnly);
  const { perRunBits, perDayBits, parts } = capacityOf(localOnly);
  const capacity = {
    bitsPerRun: finite(perRunBits),
    bitsPerDay: perDayBits,
    parts: parts.map(({ what, bitsPerRun, bitsPerDay }) => ({ what, bitsPerRun: finite(bitsPerRun), bitsPerDay })),
  };
  const text = [...sentences, "", ...tableOf(localOnly), ...unbounded(data, open)].join("\n");
  return { text: `${text}\n`, report: { sentences, capacity, open } };
}

const MORE =
  "what it grants: agent-run policy show; why a call is answered as it is: agent-run policy explain 'fs.read src/a.ts'\n";

/** JSON has no infinity; null is not bounded. */
const finite = (bits: number): number | null => (Number.isFinite(bits) ? bits : null);

/** Uses whose answers come back in the open: no measure holds for these. */
const openAnswers = ({ secrets }: LocalOnlyData): string[] =>
  secrets.flatMap(({ uses }) => uses.flatMap(({ ref, response }) => (response === "public" ? [ref.id] : [])));

const HEAD = "bits that can come out, at worst";

function tableOf(localOnly: LocalOnlyData): string[] {
  const { perRunBits, perDayBits, parts } = capacityOf(localOnly);
  const total: CapacityPart = { what: "together", bitsPerRun: perRunBits, bitsPerDay: perDayBits };
  const rows = [...parts, total].map(({ what, bitsPerRun, bitsPerDay }) => [
    what,
    bitsText(bitsPerRun),
    bitsText(bitsPerDay ?? Number.POSITIVE_INFINITY),
  ]);
  const lines = [[HEAD, "a run", "a day"], ...rows];
  const width = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  const [first, second, third] = [width(0), width(1), width(2)];
  return lines.map(
    ([what = "", run = "", day = ""]) => `${what.padEnd(first)}  ${run.padStart(second)}  ${day.padStart(third)}`,
  );
}

/** Rounded up, never down. */
const bitsText = (bits: number): string =>
  Number.isFinite(bits) ? String(Math.ceil(bits * 10 - 1e-9) / 10) : "not bounded";

function unbounded({ localOnly, subprocess }: PolicyData, open: readonly string[]): string[] {
  const lines: string[] = [];
  const answers = open.map((id) => `\`${id}\``).join(", ");
  if (open.length > 0) lines.push(`not in the table, and not bounded: what servers and commands answer to ${answers}`);
  if (subprocess.sandbox === "none" && subprocess.allowed.length > 0)
    lines.push("not in the table, and not bounded: commands without a jail");
  if (localOnly?.mode === "redact") lines.push("not in the table, and not bounded: scripts hold the plaintext");
  return lines;
}

function answerTo(call: string, data: PolicyData, options: AroundOptions, forModel: boolean): Explained {
  const explanation = Policy.revive(data).explain(askedCall(call, data), circumstancesOf(options));
  const { decision, targets, nearMisses, remedy, request } = explanation;
  const report = {
    ...verdictOf(decision),
    targets,
    nearMisses,
    remedy,
    request,
    forModel: explanationForModel(explanation),
  };
  const text = forModel
    ? explanationForModel(explanation)
    : `${[...linesOf(decision, data), ...explanationDetails(explanation)].join("\n")}\n`;
  return { text, report };
}

function linesOf({ effect, code, rule, layer, hint, sealed, use }: Decision, { localOnly }: PolicyData): string[] {
  const whose = layer === "policy" ? "" : ` of the ${layer.replace(":", " ")}`;
  const lines = [`${effect}, by rule ${placed(rule)}${whose}`];
  if (code !== null) lines.push(`a script would get ${code}: ${CODES[code].says}`);
  const secret = localOnly?.secrets.find(({ name }) => name === use?.secret);
  const declared = secret?.uses[use?.index ?? -1];
  if (secret !== undefined && declared !== undefined)
    lines.push(
      `given the secret ${secret.name} at its slot, by ${declared.ref.id}; the answer is ${declared.response}`,
    );
  if (sealed !== undefined) lines.push(`sealed: what comes back has the label ${sealed.label.join(", ")}`);
  if (sealed !== undefined && sealed.accepts.length > 0) lines.push(`takes data of: ${sealed.accepts.join(", ")}`);
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  lines.push(
    "this is for the call as typed; a run also decides where links lead, addresses, and paths among arguments",
  );
  return lines;
}
