/**
 * `[approvals]`: who counts as a person, how long a question waits, how often one is asked, what an answer may be kept for.
 * And what one call demands of its answer: of all the questions that its rules ask, in every layer, the strictest.
 */
import { APPROVAL_CHANNELS, type ApprovalChannel, REMEMBER, type Remember } from "./approval-words.ts";
import type { LayerValues } from "./assemble.ts";
import { layerOf, nameInCeiling } from "./layers.ts";
import type { Layer } from "./merge.ts";
import type { PolicyData, RuleData } from "./policy-data.ts";
import type { Problems } from "./problem.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";

export interface ApprovalSettings {
  readonly channels: readonly ApprovalChannel[];
  /** Of `channels`, those that also answer for what cannot be taken back. */
  readonly irreversibleChannels: readonly ApprovalChannel[];
  readonly timeoutMs: number;
  /** Questions that a run may put to people; a session is all runs of a runtime or MCP server. */
  readonly maxPrompts: number;
  readonly maxPromptsPerSession: number;
  readonly remember: Remember;
  readonly quorum: number;
  /** Name to public key, as `ed25519:` and 43 characters of base64url. */
  readonly approvers: Readonly<Record<string, string>>;
}

export function approvalsOf(layer: Layer, values: LayerValues): ApprovalSettings {
  const channels = (key: "approvals.channels" | "approvals.irreversible_channels"): readonly ApprovalChannel[] => {
    const value = values.value(key);
    return Array.isArray(value) ? APPROVAL_CHANNELS.filter((name) => value.some((one) => one === name)) : [];
  };
  const remember = values.text("approvals.remember");
  const approvers = [...layer.scalars.values()]
    .filter(({ key }) => key === "approvals.approvers.NAME")
    .map(({ name, value }) => [name ?? "", String(value)] as const);
  return {
    channels: channels("approvals.channels"),
    irreversibleChannels: channels("approvals.irreversible_channels"),
    timeoutMs: values.number("approvals.timeout"),
    maxPrompts: values.number("approvals.max_prompts"),
    maxPromptsPerSession: values.number("approvals.max_prompts_per_session"),
    // An unknown value can not come out of the reader; if it did, nothing is kept.
    remember: REMEMBER.find((one) => one === remember) ?? "never",
    quorum: values.number("approvals.quorum"),
    approvers: Object.fromEntries(approvers.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** What only shows once all files are merged: names that nobody has, keys that two names share, and a quorum nobody reaches. */
export function checkApprovals({ scalars, tables }: Layer, settings: ApprovalSettings, problems: Problems): void {
  const names = new Map<string, string>();
  for (const { key, name, value, source, at } of scalars.values()) {
    if (key !== "approvals.approvers.NAME") continue;
    const other = names.get(String(value));
    names.set(String(value), name ?? "");
    if (other === undefined) continue;
    const message = `\`${shown(name ?? "")}\` has the key of \`${shown(other)}\`, and would count twice`;
    problems.add(source, at, message, "give each approver a key of their own: `agent-run keys new`");
  }
  const known = Object.keys(settings.approvers);
  for (const { table, rules } of tables.rules) {
    const named = table.texts("approvers");
    for (const { text, at } of named) {
      if (known.includes(text)) continue;
      const add = `add \`${shown(text)} = "ed25519:..."\` to \`[approvals.approvers]\``;
      table.report(at, `there is no approver \`${shown(text)}\``, didYouMean(text, known) ?? add);
    }
    const quorum = Math.max(settings.quorum, rules[0]?.quorum ?? 1);
    if (named.length > 0 && quorum > new Set(named.map(({ text }) => text)).size) {
      const at = table.placeOf(table.has("quorum") ? "quorum" : "approvers");
      table.report(at, `a quorum of ${quorum} is never reached by ${named.length} approvers`, "name more of them");
    }
  }
}

/** The stricter of both, key by key. A ceiling that names approvers accepts no others. */
export function narrowedApprovals(main: ApprovalSettings, ceiling: ApprovalSettings): ApprovalSettings {
  const keys = new Set(Object.values(ceiling.approvers));
  const accepted = Object.entries(main.approvers).filter(([, key]) => keys.size === 0 || keys.has(key));
  return {
    channels: main.channels.filter((name) => ceiling.channels.includes(name)),
    irreversibleChannels: main.irreversibleChannels.filter((name) => ceiling.irreversibleChannels.includes(name)),
    timeoutMs: Math.min(main.timeoutMs, ceiling.timeoutMs),
    maxPrompts: Math.min(main.maxPrompts, ceiling.maxPrompts),
    maxPromptsPerSession: Math.min(main.maxPromptsPerSession, ceiling.maxPromptsPerSession),
    remember: REMEMBER[Math.min(REMEMBER.indexOf(main.remember), REMEMBER.indexOf(ceiling.remember))] ?? "never",
    quorum: Math.max(main.quorum, ceiling.quorum),
    approvers: Object.fromEntries(accepted),
  };
}

/** What the answer to one call must be. */
export interface Demand {
  readonly quorum: number;
  /** Only keys of `signers` answer; else whoever the channels take for a person, too. */
  readonly onlySigners: boolean;
  /** Name to public key: who may sign. */
  readonly signers: Readonly<Record<string, string>>;
  readonly channels: readonly ApprovalChannel[];
  /** Of the rules that ask, first one first. */
  readonly reasons: readonly string[];
}

/**
 * Of a call with these matched rules (`Decision.matched`). Where rules of several layers ask, or several rules of one, an
 * approver must be one that all of them accept; if there is none, nobody can answer.
 */
export function demandOf(data: PolicyData, matched: readonly string[], irreversible: boolean): Demand {
  const { approvals: main } = data;
  const layers = [
    { settings: main, rules: asking(data.rules, (id) => matched.includes(id)) },
    ...data.ceilings.map((ceiling) => ({
      settings: ceiling.approvals,
      rules: asking(ceiling.rules, (id) => matched.includes(nameInCeiling(ceiling, id))),
    })),
  ].filter(({ rules }) => rules.length > 0);
  const rules = layers.flatMap((layer) => layer.rules);
  const circles = layers.flatMap(({ settings: { approvers }, rules: own }) => [
    ...own.flatMap(({ approvers: names }) =>
      names === undefined ? [] : [Object.entries(approvers).filter(([name]) => names.includes(name))],
    ),
    Object.entries(approvers),
  ]);
  const [first = Object.entries(main.approvers), ...others] = circles;
  const signers = first.filter(([, key]) => others.every((circle) => circle.some(([, other]) => other === key)));
  const channels = irreversible
    ? main.channels.filter((name) => main.irreversibleChannels.includes(name))
    : main.channels;
  return {
    quorum: Math.max(main.quorum, ...rules.map(({ quorum }) => quorum ?? 1)),
    onlySigners: rules.some(({ approvers }) => approvers !== undefined),
    signers: Object.fromEntries(signers),
    channels,
    reasons: [...new Set(rules.flatMap(({ reason }) => reason ?? []))],
  };
}

const asking = (rules: readonly RuleData[], isMatched: (id: string) => boolean): readonly RuleData[] =>
  rules.filter(({ effect, ref }) => effect === "ask" && isMatched(ref.id));

/** The rule that asks, of whichever layer, for who proposes another one. */
export function askingRule(data: PolicyData, layer: string, id: string): RuleData | null {
  const of = layer === "policy" ? data : data.ceilings.find((ceiling) => layerOf(ceiling) === layer);
  return of?.rules.find(({ effect, ref }) => effect === "ask" && ref.id === id) ?? null;
}
