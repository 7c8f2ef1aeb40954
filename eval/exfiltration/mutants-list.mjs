/**
 * The rules that the guarantee rests on, each switched off by one replacement in one file. `find` must be in the file
 * exactly once. `killers`: techniques (as `--only` takes them) of which at least one must then leak or not end as it
 * must; a mutant that survives says that the suite does not test the rule.
 *
 * `file: null`: the rule has no place in the sources yet; such a mutant is listed and not run.
 */
const pending = (id, rule, killers) => ({ id, rule, file: null, find: null, replace: null, killers });

export const MUTANTS = [
  pending("read-shows-failure", "1: a read of a local-only resource shows no outcome", [
    "missing-file",
    "encoding-error",
    "stat-of-private",
  ]),
  pending("text-is-plaintext", "2: text holds a token, not the value", ["raw-print", "length-leak", "sorted-letters"]),
  {
    id: "broken-token-passes",
    rule: "2: a damaged token is an error in every sink",
    file: "packages/gate/src/token.ts",
    find: `  return text.replace(TOKEN, "").match(TRACE) !== null || /sealed0[0-9a-f]{33,}/.test(text);`,
    replace: "  return text.length < 0;",
    killers: ["upper-case", "half-of-a-token", "broken-argv"],
  },
  pending("compartment-failure-is-thrown", "3: a compartment's exception is sealed", [
    "throws-on-a-bit",
    "memory-on-a-bit",
  ]),
  pending("captures-allowed", "3: free variables are refused before a compartment runs", [
    "capture-by-name",
    "writes-to-outside",
  ]),
  pending("use-only-is-data", "3: a credential is not computed on", ["use-only"]),
  pending("sealed-call-waits", "4: a sealed call resolves at once", ["race", "race-of-two-sealed", "event-loop"]),
  pending("sealed-result-is-public", "4: what a data sink answers is sealed", ["sealed-response", "cleared-oracle"]),
  pending("labels-ignored", "4: a data sink takes its labels only", ["label-of-the-other"]),
  pending("slot-takes-derived", "5: a slot takes the original only", ["derived-credential", "choice-of-two"]),
  pending("slot-any-format", "5: the exact format of a slot", ["extra-text"]),
  pending("slot-more-than-once", "5: once in a request, the rest free of tokens", [
    "brokered-twice",
    "store-in-the-service",
  ]),
  pending("slot-any-path", "5: host, method and path of a slot", ["spellings-of-the-slot"]),
  pending("redirects-followed", "5: no redirect with a secret", ["brokered-redirect", "local-redirect"]),
  pending("no-tripwire", "5: a brokered answer that quotes the credential is withheld", ["brokered-echo"]),
  pending("public-sink-takes-tokens", "6: a public sink refuses every token", [
    "fs-write-to-disk",
    "public-body",
    "argv-env-stdin",
  ]),
  pending("two-passes", "6: what was substituted is not scanned again", ["token-in-the-file", "second-order"]),
  pending("release-takes-derived", "7: a release takes an original answer of its source", ["release-of-other-things"]),
  pending("release-budget-ignored", "7: a release's budget", ["release-walk"]),
  pending("no-settle", "8: public effects after sealed work happen at ticks", [
    "gap-between-requests",
    "gap-of-a-command",
  ]),
  pending("settle-when-empty", "8: at the tick, not when the lane is empty", ["end-of-run", "gap-between-requests"]),
  pending("duration-is-shown", "8: times that are shown are ticks", ["end-of-run", "record-fields"]),
  pending("handles-outlive-the-run", "9: handles die with their run", ["handle-of-another-run", "next-run"]),
  pending("output-is-rewritten", "output of a script is never rewritten", ["print-a-dictionary"]),
];
