/** `policy learn`: a policy from records. Reads and writes files; what is learned is learned in `authoring`. */
import { dirname, relative, resolve } from "node:path";
import type { Learned, RecordedRun } from "@agent-run/authoring";
import { formatProblems, type PolicyData } from "@agent-run/policy";
import { homeDirectories, loadText } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import { printable, printableLine } from "../printable.ts";
import { type RecordedRuns, readRecordedRuns } from "../recorded-runs.ts";
import { selectPolicy } from "../select-policy.ts";
import type { Style } from "../style.ts";
import { createFile, namesIn, writeError, writeOut } from "../terminal.ts";

export interface LearnCommandOptions {
  readonly from: readonly string[];
  readonly ceiling?: string;
  readonly policy?: string;
  readonly root?: string;
  readonly output?: string;
  readonly expires: number;
  readonly minRuns: number;
  readonly count?: boolean;
  readonly json?: boolean;
}

const DEFAULT_NAME = "learned.toml";

export async function learnCommand(options: LearnCommandOptions, style: Style): Promise<number> {
  const records = await readRecordedRuns(options.from);
  const output = resolve(options.output ?? DEFAULT_NAME);
  const root = resolve(options.root ?? dirname(output));
  const bare = loadText("version = 1\n", output, root);
  if (!bare.ok)
    throw new CommandFailure("E_CONFIG", `nothing can be learned for \`${root}\`: ${bare.problems[0]?.message}`);
  const { learn } = await import("@agent-run/authoring");
  const base = options.policy === undefined ? null : policyAt(options.policy, root);
  const { runs } = records;
  const learned = learn({
    runs,
    load: (text) => loadText(text, output, root),
    bare: bare.data,
    homes: homeDirectories(),
    header: {
      comments: commentsOf(runs, options, root, output),
      inherits: inheritsOf(options, output),
      expires: options.expires,
    },
    base,
    ceiling: options.ceiling === undefined ? null : policyAt(options.ceiling),
    minRuns: options.minRuns,
    now: Date.now(),
    ...(options.count ? { count: filesIn } : {}),
  });
  if (!learned.ok)
    throw new CommandFailure("E_POLICY_INVALID", "what was learned does not load", {
      details: formatProblems(learned.problems),
      problems: learned.problems,
    });
  if (options.output !== undefined) createFile(options.output, learned.text);
  if (options.json) writeJson({ ...reportOf(records, learned), output: options.output ?? null });
  else {
    if (options.output === undefined) writeOut(printable(learned.text));
    writeError(summary(records, learned, options.output ?? null, style));
  }
  return 0;
}

const policyAt = (file: string, root?: string): PolicyData =>
  selectPolicy({ policy: file, ...(root === undefined ? {} : { root }) }).data;

/** A base policy is inherited where it lies beside or below the new one; elsewhere it can only be named. */
function inheritsOf({ policy }: LearnCommandOptions, output: string): readonly string[] {
  const name = policy === undefined ? null : relative(dirname(output), resolve(policy));
  return name === null || name.startsWith("..") ? ["secure-defaults"] : [`./${name}`];
}

function commentsOf(
  runs: readonly RecordedRun[],
  { policy, root }: LearnCommandOptions,
  realRoot: string,
  output: string,
): readonly string[] {
  const learning = runs.filter(({ isLearning }) => isLearning).length;
  const outside =
    policy !== undefined && inheritsOf({ policy } as LearnCommandOptions, output)[0] === "secure-defaults";
  return [
    `Learned from ${runs.length} recorded ${runs.length === 1 ? "run" : "runs"}, ${learning} of them learning runs. Read it before you use it:`,
    "it grants what was seen, which is not the same as what should be.",
    ...(outside ? [`It adds to ${printableLine(policy)}, which lies elsewhere and is not inherited.`] : []),
    ...(root === undefined || realRoot === dirname(output)
      ? []
      : [`Relative paths hang under ${printableLine(realRoot)}: name it with --root.`]),
  ];
}

/** Files of a directory with this ending, hidden ones left out. */
const filesIn = (directory: string, extension: string): number =>
  namesIn(directory).filter((name) => !name.startsWith(".") && name.endsWith(`.${extension}`)).length;

type Found = Extract<Learned, { ok: true }>;

/** Entries of a list in the report; a hostile record has a hundred thousand. */
const MOST = 1000;

function reportOf({ runs, leftOut }: RecordedRuns, learned: Found): object {
  const calls = runs.flatMap((run) => run.calls);
  const count = (kind: string) => calls.filter((call) => call.kind === kind).length;
  return {
    ok: true,
    exitCode: 0,
    runs: { read: runs.length, learning: runs.filter(({ isLearning }) => isLearning).length, leftOut },
    calls: {
      allowed: count("allowed"),
      learned: count("learned"),
      asked: count("asked"),
      denied: count("denied"),
      wanted: count("wanted"),
      sealed: count("sealed"),
      unread: runs.reduce((sum, { unread }) => sum + unread, 0),
    },
    rules: learned.rules,
    alreadyGranted: learned.alreadyGranted,
    leftOut: learned.leftOut.slice(0, MOST),
    notGranted: learned.wanted.slice(0, MOST),
    uncovered: learned.uncovered,
    more: Math.max(0, learned.leftOut.length - MOST) + Math.max(0, learned.wanted.length - MOST),
    text: learned.text,
  };
}

const MOST_SHOWN = 10;

function summary({ runs, leftOut }: RecordedRuns, learned: Found, output: string | null, style: Style): string {
  const { rules } = learned;
  const general = rules.flatMap(({ id, generalised }) =>
    generalised === null
      ? []
      : [
          `${id}: ${generalised.observed} seen, and \`${generalised.pattern}\` admits ${generalised.admits}${generalised.existing === null ? "" : ` (${generalised.existing} there now)`}`,
        ],
  );
  const lines = [
    `${style.green("learned")} ${rules.length} ${rules.length === 1 ? "rule" : "rules"} from ${runs.length} ${runs.length === 1 ? "run" : "runs"}${output === null ? "" : `, in ${printableLine(output)}`}`,
    ...listed(
      "records left out",
      leftOut.map(({ file, why }) => `${file}: ${why}`),
    ),
    ...listed("generalised", general),
    ...listed(
      "left out",
      learned.leftOut.map(({ what, why }) => `${what}: ${why}`),
    ),
    ...listed(
      "refused, so not granted",
      learned.wanted.map(({ what, why }) => `${what} (${why})`),
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function listed(title: string, entries: readonly string[]): readonly string[] {
  if (entries.length === 0) return [];
  const more = entries.length > MOST_SHOWN ? [`  and ${entries.length - MOST_SHOWN} more; --json has them`] : [];
  return [`${title}:`, ...entries.slice(0, MOST_SHOWN).map((entry) => `  ${printableLine(entry)}`), ...more];
}
