/** The options of `run.mjs`. */
import { parseArgs } from "node:util";
import { COMMAND } from "./launch.mjs";

export const USAGE = `node eval/exfiltration/run.mjs [options]

  --list              names of the techniques, nothing runs
  --only TEXT         those whose name, theme or policy contains the text; \`=ID\`, \`row:39\`; may be repeated
  --mode MODE         sealed (default), redact, or open (all public: which techniques are attacks at all)
  --via VIA           cli, text or mcp only
  --over VIA          each technique this way, whatever ways it names
  --secrets N         the first N secrets only
  --retries N         how often a difference is looked at again (2)
  --thorough          compares what did not end as it must, too
  --jobs N            so many worlds at once (2)
  --json              one JSON report instead of the table
  --markdown          both modes, and writes docs/exfiltration.md
  --capacity          many secrets against the settle clock
  --command FILE      another built command`;

export function readOptions(argv) {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  const { values } = parseArgs({
    args: argv,
    options: {
      ...{
        list: flag,
        json: flag,
        markdown: flag,
        capacity: flag,
        thorough: flag,
        help: flag,
        only: { ...text, multiple: true, default: [] },
      },
      ...{
        mode: { ...text, default: "sealed" },
        via: text,
        over: text,
        secrets: text,
        retries: text,
        jobs: text,
        command: text,
      },
    },
  });
  if (!["sealed", "redact", "open"].includes(values.mode)) throw new Error("`--mode` is `sealed`, `redact` or `open`");
  return {
    ...values,
    secrets: numberOf(values.secrets, Infinity),
    retries: numberOf(values.retries, 2),
    jobs: numberOf(values.jobs, 2),
    command: values.command === undefined ? COMMAND : [values.command],
  };
}

function numberOf(text, otherwise) {
  if (text === undefined) return otherwise;
  if (!/^\d{1,4}$/.test(text)) throw new Error(`\`${text}\` is not a number`);
  return Number(text);
}

/** Whether a technique is among those that were asked for. */
export function isWanted({ id, theme, policy, rows }, only) {
  const isMeant = (text) => {
    if (text.startsWith("=")) return id === text.slice(1);
    if (text.startsWith("row:")) return rows.includes(Number(text.slice(4)));
    return [id, theme, policy].some((name) => name.includes(text));
  };
  return only.length === 0 || only.some(isMeant);
}
