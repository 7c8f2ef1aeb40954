/**
 * What clients can read without a tool: the policy as `policy show` prints it, and the server's latest runs, each with
 * what its record says. Names of the operator's files, root and home stay here; where the policy seals anything, the
 * record's times and outcomes do, too.
 */
import { type Policy, rootPattern, showPolicy } from "@agent-run/policy";
import { homeDirectory, recordedRun } from "@agent-run/runtime";
import { type Resource, ResourceNotFoundError, type ResourceTemplateType } from "@modelcontextprotocol/server";
import type { Bench } from "./performed.ts";
import type { RecentRun } from "./recent-runs.ts";

const POLICY_URI = "agent-run://policy";
const RUN_URI = "agent-run://run/";

/** Runs that are listed; older ones can still be read for a while. */
const MOST_LISTED = 20;
/** Calls of a run whose record is told, which is read into memory whole. */
const MOST_CALLS = 2000;

const POLICY: Resource = {
  uri: POLICY_URI,
  name: "policy",
  title: "The policy",
  description: "what is granted, asked about and denied, and the limits; read-only",
  mimeType: "text/plain",
};

export const RUN_TEMPLATE: ResourceTemplateType = {
  uriTemplate: `${RUN_URI}{id}`,
  name: "run",
  title: "A run of this server",
  description: "its report, and what its record says of each call",
  mimeType: "application/json",
};

export class Resources {
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  list(): Resource[] {
    const runs = this.#bench.recent.list().slice(0, MOST_LISTED);
    return [POLICY, ...runs.map(runResource)];
  }

  read(uri: string): { uri: string; mimeType: string; text: string } {
    const { policy } = this.#bench.runtime;
    if (uri === POLICY_URI) return { uri, mimeType: "text/plain", text: shownPolicy(policy) };
    const run = uri.startsWith(RUN_URI) ? this.#bench.recent.find(uri.slice(RUN_URI.length)) : undefined;
    if (run === undefined) throw new ResourceNotFoundError(uri.slice(0, 200));
    const told = { report: run.report, record: recordOf(run, policy) };
    return { uri, mimeType: "application/json", text: JSON.stringify(told) };
  }
}

function runResource({ report }: RecentRun): Resource {
  const { run, task_id, ok } = report;
  const title = task_id === undefined ? `Run ${run}` : `Run ${run} of ${task_id}`;
  return { ...RUN_TEMPLATE, uri: `${RUN_URI}${run}`, name: run, title, description: ok ? "ended well" : "failed" };
}

function recordOf({ report, record }: RecentRun, { data }: Policy) {
  const calls = report.calls.length + (report.moreCalls ?? 0);
  return record === null || data.localOnly !== null || calls > MOST_CALLS ? null : recordedRun(record);
}

/** Paths as a model is told them elsewhere: below the root relative, below the home with `~`, files by their names. */
function shownPolicy({ data }: Policy): string {
  const home = homeDirectory() ?? "/";
  const files = [data, ...data.ceilings].flatMap((one) => one.files.map(({ path }) => path));
  const swaps: [string, string][] = [
    ...files.map((path): [string, string] => [path, path.slice(path.lastIndexOf("/") + 1)]),
    ...[data.root, rootPattern(data.root, "")].flatMap((root) => below(root, "")),
    ...[home, rootPattern(home, "")].flatMap((place) => below(place, "~/")),
  ];
  return swaps.reduce((text, [from, to]) => text.replaceAll(from, to), showPolicy(data));
}

const below = (place: string, shown: string): [string, string][] =>
  place === "/" || place === ""
    ? []
    : [
        [`${place}/`, shown],
        [place, shown === "" ? "." : "~"],
      ];
