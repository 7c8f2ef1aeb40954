/**
 * The rules that the guarantee rests on, each switched off by replacements in the sources. `find` must be in its file
 * exactly once. `killers`: techniques (as `--only` takes them), of which at least one must then leak or not end as it
 * must; a mutant that survives says that the suite does not test the rule. `guards`: the rule is kept in two places, each
 * of which is enough, so both are switched off.
 *
 * The public side has no way to a plaintext, so where a rule says that it gets none there is nothing to switch off: such
 * a mutant builds the way (`TELLS`: the vault answers an order for a made-up secret with the value of any handle).
 * (A table, so longer than other files.)
 */
const GATE = "packages/gate/src/sealing";
const RUNTIME = "packages/runtime/src";
const VAULT = "packages/vault/src";

const edit = (file, find, replace) => ({ file, find, replace });

const TELLS = edit(
  `${VAULT}/vault-run.ts`,
  `    const { handle, token, run, id } = order;`,
  `    const { handle, token, run, id } = order;
    if (order.secret === "any") {
      const say = (answer) => this.#say({ kind: "brokered", run, id, answer: { ok: true, value: answer } });
      void this.#values.get(order.use).then((value) => say(value.ok ? { plain: value.value ?? null } : { why: value.why }));
      return;
    }`,
);
/** `told`: `{ plain }` or `{ why }` of the handle. */
const ASKS = `const reply = yield { kind: "broker", secret: "any", use: handle.id, work: null, handle: null };
      const told = reply.ok ? reply.value.value : { why: "there is no answer" };`;

/** A sealed effect, once it was ordered: `then` may use `handle`, `told` and `operation`. */
const afterOrder = (then) => [
  TELLS,
  edit(
    `${GATE}/orders.ts`,
    `      return ok({ value: null, sealed: faceOf(order()) });`,
    `      const handle = order();
      ${ASKS}
      ${then}
      return ok({ value: null, sealed: faceOf(handle) });`,
  ),
];

const OUT_OF_ORDER = edit(`${RUNTIME}/keeping.ts`, `inOrder: true }`, `inOrder: false }`);

/** Calls of the script that have no effect, as ones that may wait for the vault. */
const asWaiting = (name, body) => [
  TELLS,
  edit(
    `${RUNTIME}/keeping.ts`,
    `    callOptions: (pure) => ({ pure: new Map([...pure, ...sealed.pure]), waiting: sealed.waiting, inOrder: true }),`,
    `    callOptions: (pure) => {
      const own = new Map([...pure, ...sealed.pure]);
      const call = own.get("${name}");
      own.delete("${name}");
      const waiting = function* (args) {
        ${body}
      };
      return { pure: own, waiting: new Map([...sealed.waiting, ["${name}", waiting]]), inOrder: true };
    },`,
  ),
];

const READS = [
  {
    id: "read-shows-failure",
    rule: "1: a read of a local-only resource shows no outcome",
    edits: afterOrder(
      `if ("why" in told && operation.name.startsWith("fs.")) return { ok: false, failure: { code: "E_IO", message: told.why } };`,
    ),
    killers: ["stat-of-private"],
  },
  {
    id: "vault-errors-thrown",
    rule: "1: what fails in the vault is no error of the script",
    edits: afterOrder(
      `if ("why" in told && !operation.name.startsWith("fs.")) return { ok: false, failure: { code: "E_IO", message: told.why } };`,
    ),
    killers: ["local-failure", "header-injection"],
    secrets: 3,
  },
  {
    id: "text-is-plaintext",
    rule: "2: text holds a token, not the value",
    edits: [
      TELLS,
      edit(
        `${GATE}/orders.ts`,
        `      return ok({ value: null, sealed: faceOf(handle) });`,
        `      ${ASKS}
      return ok({ value: told.plain ?? null });`,
      ),
    ],
    killers: ["raw-print", "length-leak", "sorted-letters"],
  },
  {
    id: "broken-token-passes",
    rule: "2: a damaged token is an error in every sink",
    edits: [
      edit(`${GATE}/token.ts`, `  if (!/sealed0/i.test(text)) return false;`, "  if (text.length >= 0) return false;"),
    ],
    killers: ["half-of-a-token", "broken-argv"],
  },
  {
    id: "listings-show-sealed",
    rule: "public listings, trees and jails see local-only things as denied",
    edits: [
      edit(
        `${GATE}/public-view.ts`,
        `decision.sealed === undefined || decision.effect === "deny"`,
        `decision !== null`,
      ),
    ],
    killers: ["glob-private", "list-private", "list-around-private"],
  },
  {
    id: "links-lead-to-sealed",
    rule: "a public name that leads to a local-only file is denied",
    edits: [
      edit(
        "packages/gate/src/gate.ts",
        `if (decision.sealed !== undefined && call.first.sealed === undefined)`,
        `if (decision.effect === "none")`,
      ),
    ],
    killers: ["public-symlink"],
  },
  {
    id: "second-names",
    rule: "no second name (hard link) of a local-only file is read in the open",
    edits: [
      edit(
        `${RUNTIME}/worker.ts`,
        `      ...layers.flatMap((layer) => (layer.localOnly?.mode === "sealed" ? sealedInodes(layer) : [])),`,
        ``,
      ),
    ],
    killers: ["hard-link"],
  },
  {
    id: "environment-not-divided",
    rule: "local-only variables leave the public side's environment",
    guards: "children get no variable that is not public, too",
    edits: [
      edit(`${RUNTIME}/divide-environment.ts`, `open[name] = isShut ? "" : value;`, `open[name] = value;`),
      edit(
        "packages/effects/src/subprocess/environment.ts",
        `([name]) => !isNeverForChildren(name) && !secret.has(name) && readable(name),`,
        `([name]) => !isNeverForChildren(name),`,
      ),
    ],
    killers: ["public-command-environment"],
  },
  {
    id: "environment-not-forgotten",
    rule: "local-only variables leave the process's environment block",
    edits: [
      edit(
        `${RUNTIME}/runtime.ts`,
        `    this.plaintextStays = !forgetVariables(names);`,
        `    this.plaintextStays = false;`,
      ),
    ],
    killers: ["environment-of-ancestors"],
  },
];

const COMPARTMENTS = [
  {
    id: "compartment-failure-is-thrown",
    rule: "3: a compartment's exception is sealed",
    edits: asWaiting(
      "seal.compute",
      `const made = call(args);
        const handle = made.sealed === undefined ? undefined : sealed.handles.find(made.sealed.token);
        if (handle === undefined) return made;
        ${ASKS}
        return "why" in told ? { error: { code: "E_ARGUMENT", message: told.why } } : made;`,
    ),
    killers: ["throws-on-a-bit", "memory-on-a-bit"],
  },
  {
    id: "captures-allowed",
    rule: "3: free variables are refused before a compartment runs",
    edits: [
      edit(
        "packages/vm/src/source/compartment.ts",
        `  return failure === null ? ok({ source: text, line: lineAt(0) }) : fail(failure);`,
        `  return ok({ source: text, line: failure === null ? lineAt(0) : null });`,
      ),
    ],
    killers: ["capture-by-name", "writes-to-outside"],
  },
  {
    id: "use-only-is-data",
    rule: "3: a credential is not computed on",
    edits: [
      edit(
        `${RUNTIME}/sealing/derivations.ts`,
        `    if (secret !== undefined) return fail(useOnly(ports.policy, secret.slice("secret:".length)));`,
        `    if (secret === "") return fail(useOnly(ports.policy, ""));`,
      ),
    ],
    killers: ["use-only"],
  },
  {
    id: "block-acts-in-public",
    rule: "3: a private block has no public effects",
    edits: [
      edit(
        `${VAULT}/sealed-flow.ts`,
        `    if (first.sealed === undefined) return fail(publicPlace(typed.on));`,
        `    if (first.sealed === undefined) return ok(operation);`,
      ),
    ],
    killers: ["block-sends-publicly", "block-writes-publicly"],
  },
];

const SINKS = [
  {
    id: "sealed-call-waits",
    rule: "4: a sealed call resolves at once, not on completion",
    guards: "answers of started calls come in the order of the calls, too",
    edits: [...afterOrder(""), OUT_OF_ORDER],
    killers: ["race", "race-of-two-sealed", "event-loop"],
  },
  {
    id: "answers-as-they-come",
    rule: "4: answers of started calls come in the order of the calls",
    edits: [OUT_OF_ORDER],
    killers: ["brokered-order"],
    secrets: 3,
  },
  {
    id: "sealed-result-is-public",
    rule: "4: what a data sink answers is sealed",
    edits: afterOrder(
      `const { headers } = told.plain ?? {};
      if (told.plain !== undefined)
        return ok({ value: headers === undefined ? told.plain : { ...told.plain, headers: Object.entries(headers) } });`,
    ),
    killers: ["sealed-response", "cleared-oracle"],
  },
  {
    id: "labels-ignored",
    rule: "4: a data sink takes its labels only",
    edits: [
      edit(
        `${GATE}/public-flow.ts`,
        `      const kept = carried.find(({ label }) => !label.every((one) => accepts.includes(one)));`,
        `      const kept = accepts.length < 0 ? carried[0] : undefined;`,
      ),
    ],
    killers: ["label-of-the-other", "use-only-to-host"],
  },
  {
    id: "public-sink-takes-tokens",
    rule: "6: a public sink refuses every token",
    edits: [
      edit(
        `${GATE}/public-flow.ts`,
        `    if (leaving !== undefined) return fail(toPublic(policy, leaving, call));`,
        `    if (leaving === null) return fail(toPublic(policy, leaving, call));`,
      ),
    ],
    killers: ["fs-write-to-disk", "public-body", "public-headers"],
  },
  {
    id: "names-take-tokens",
    rule: "6: no name of anything holds a token",
    edits: [
      edit(
        `${GATE}/public-flow.ts`,
        `    if (stray !== undefined) return fail(misplaced(handles.inText(stray[1])[0], stray[0]));`,
        `    if (stray === null) return fail(misplaced(undefined, ""));`,
      ),
    ],
    killers: ["secret-in-a-name", "dns-label", "secret-as-command"],
  },
  {
    id: "two-passes",
    rule: "6: what was substituted is not scanned again",
    edits: [
      edit(
        `${VAULT}/filled.ts`,
        `    : fill(args, known.value, values.forUrl(known.value));`,
        `    : twice(op, fill(args, known.value, values.forUrl(known.value)), values);`,
      ),
      edit(
        `${VAULT}/filled.ts`,
        `/** Bodies in base64 may hold tokens inside. */`,
        `const twice = (op, once, values) => (once.ok ? filled(op, once.value, values) : once);

/** Bodies in base64 may hold tokens inside. */`,
      ),
    ],
    killers: ["second-order", "use-only-by-file"],
  },
  {
    id: "answers-hold-live-tokens",
    rule: "6: a public answer with a live token is withheld",
    edits: [
      edit(`${GATE}/public-flow.ts`, `    return ok(withoutTokens(carrier, handles));`, `    return ok(carrier);`),
    ],
    killers: ["public-answer-with-token"],
  },
  {
    id: "sealed-redirects-followed",
    rule: "4: a sealed request is not redirected to a public place",
    edits: [
      edit(
        `${VAULT}/sealed-flow.ts`,
        `    first.effect === "deny" || first.sealed !== undefined ? ok(operation) : fail(publicPlace(typed.on)),`,
        `    typed.on === "" ? fail(publicPlace(typed.on)) : ok(operation),`,
      ),
    ],
    killers: ["local-redirect"],
  },
];

const SLOTS = [
  {
    id: "slot-takes-derived",
    rule: "5: a slot takes the original only",
    guards: "the whole handle's origin, and the text of the slot",
    edits: [
      edit(
        `${GATE}/broker.ts`,
        `  if (!isOf(secret.name, only)) return fail(notOriginal(use, only));`,
        `  if (isOf("", only)) return fail(notOriginal(use, only));`,
      ),
      edit(`${GATE}/slot-text.ts`, `if (of === null || of === "derived")`, `if (of === null)`),
      edit(`${GATE}/slot-text.ts`, `return takes.includes(of) ?`, `return of === "derived" || takes.includes(of) ?`),
    ],
    killers: ["derived-credential", "choice-of-two"],
  },
  {
    id: "slot-any-format",
    rule: "5: the exact format of a slot",
    guards: "the public side and the vault look",
    edits: [
      edit(
        `${GATE}/slot-text.ts`,
        "  if (typed !== `${around.before}${token}${around.after}`) return",
        "  if (typed === around.before) return",
      ),
      edit(
        `${VAULT}/format/slot.ts`,
        "  const typed = `${format.before}${filling.token}${format.after}`;\n  const whole = `${format.before}${text.value}${format.after}`;",
        "  const given = request.headers.find(([name]) => name.toLowerCase() === slot.name.toLowerCase())?.[1];\n  const typed = given ?? `${format.before}${filling.token}${format.after}`;\n  const whole = typed.replaceAll(filling.token, text.value);",
      ),
    ],
    killers: ["extra-text"],
  },
  {
    id: "slot-more-than-once",
    rule: "5: the credential is once in a request",
    guards: "the public side and the vault count",
    edits: [
      edit(`${GATE}/broker.ts`, `  if (carried.length !== 1 || only === undefined)`, `  if (only === undefined)`),
      edit(
        `${VAULT}/format/slot.ts`,
        `  if (occurrences(request, filling.token) !== 1)`,
        `  if (occurrences(request, filling.token) < 1)`,
      ),
    ],
    killers: ["brokered-in-two-places"],
  },
  {
    id: "slot-beside-data",
    rule: "5: the rest of a brokered request is free of sealed data",
    guards: "the public side counts, and the vault fills nothing but the slot",
    edits: [
      edit(`${GATE}/broker.ts`, `  if (carried.length !== 1 || only === undefined)`, `  if (only === undefined)`),
      edit(
        `${VAULT}/credentials.ts`,
        `import { responseOf } from "./answer.ts";`,
        `import { responseOf } from "./answer.ts";
import { inBodyBytes } from "./substitute/body.ts";`,
      ),
      edit(
        `${VAULT}/credentials.ts`,
        `    const request = { ...work.request, body };`,
        `    const known = body === null ? null : await values.ofTexts([body.toString("latin1")]);
    const whole = known?.ok ? inBodyBytes(null, body, known.value) : null;
    const request = { ...work.request, body: whole?.ok ? whole.value : body };`,
      ),
    ],
    killers: ["store-in-the-service"],
  },
  {
    id: "slot-any-path",
    rule: "5: host, method and path of a slot",
    edits: [
      edit(
        "packages/policy/src/secret-rules.ts",
        `  return [[...new Set(on)], { kind: "host", patterns: use.hosts }];`,
        `  return [[...new Set(on)], { kind: "host", patterns: use.hosts.map((host) => ({ ...host, path: null })) }];`,
      ),
    ],
    killers: ["spellings-of-the-slot"],
  },
  {
    id: "brokered-redirects-followed",
    rule: "5: no redirect with a secret",
    edits: [
      edit(
        `${GATE}/broker.ts`,
        `      const { value, bytes = 0 } = step.value.value;
      return ok({ value, bytes });`,
        `      return step.value;`,
      ),
    ],
    killers: ["brokered-moved"],
  },
  {
    id: "no-tripwire",
    rule: "5: a brokered answer that quotes the credential is withheld",
    edits: [
      edit(
        `${VAULT}/broker.ts`,
        `  return wire !== null && parts.some((bytes) => wire(bytes));`,
        `  return wire === undefined && parts.length > 0;`,
      ),
    ],
    killers: ["brokered-echo"],
  },
  {
    id: "drop-aborts-brokered",
    rule: "5: a tick that drops sealed work leaves brokered requests alone",
    edits: [
      edit(
        `${VAULT}/vault-run.ts`,
        `new Credentials({ ...own, localOnly, errands, ca: open.ca }, signal);`,
        `new Credentials({ ...own, localOnly, errands, ca: open.ca }, this.#lane.signal);`,
      ),
    ],
    killers: ["brokered-after-late-data"],
    secrets: 3,
  },
  {
    id: "outcomes-unbounded",
    rule: "7: a credential's outcomes have a budget",
    edits: [
      edit(
        `${GATE}/public-flow.ts`,
        `    if (use.outcomesPerRun !== null && told >= use.outcomesPerRun) return fail(outcomesUsedUp(use));`,
        `    if (told < 0) return fail(outcomesUsedUp(use));`,
      ),
    ],
    killers: ["outcomes-used-up"],
  },
];

const RELEASES = [
  {
    id: "release-takes-derived",
    rule: "7: a release takes an original answer of its source",
    edits: [
      edit(
        `${RUNTIME}/sealing/releases.ts`,
        `    if (handle === undefined || handle.origin.kind !== "answer" || handle.origin.of !== sourceOf(rule))`,
        `    if (handle === undefined)`,
      ),
    ],
    killers: ["release-of-chosen"],
  },
  {
    id: "release-of-a-part",
    rule: "7: a part of a file is not the file",
    edits: [
      edit(
        `${GATE}/orders.ts`,
        `  const isWhole = given.offset === undefined && given.length === undefined && given.encoding !== "base64";`,
        `  const isWhole = given !== null;`,
      ),
    ],
    killers: ["release-of-a-part"],
  },
  {
    id: "release-budget-ignored",
    rule: "7: a release's budget",
    edits: [
      edit(
        `${RUNTIME}/sealing/releases.ts`,
        `    if (used >= rule.perRun) return fail(usedUp(rule));`,
        `    if (used < 0) return fail(usedUp(rule));`,
      ),
    ],
    killers: ["release-walk"],
  },
];

const TIME = [
  {
    id: "no-settle",
    rule: "8: public effects and the end come after sealed work, at ticks",
    edits: [edit(`${GATE}/settle.ts`, `    this.#isDue = true;`, `    this.#isDue = false;`)],
    killers: ["gap-around-long", "work-before-the-end"],
  },
  {
    id: "settle-when-empty",
    rule: "8: at the tick, not when the lane is empty",
    edits: [
      edit(
        `${RUNTIME}/vault/run-vault.ts`,
        `    const ticks = durationMs === null ? this.#policy.settleMs : [durationMs];`,
        `    const ticks: number[] = [];`,
      ),
    ],
    killers: ["gap-around-long"],
  },
  {
    id: "joins-do-not-wait",
    rule: "8: public effects that begin while one waits join its tick",
    edits: [
      edit(
        `${GATE}/settle.ts`,
        `    return this.#waiting > 0 ? yield* this.#tick(null, true) : ok(null);`,
        `    return ok(null);`,
      ),
    ],
    killers: ["gap-of-two"],
  },
  {
    id: "reads-start-a-wait",
    rule: "8: reads that nothing needs yet are no reason to wait",
    edits: [edit(`${GATE}/orders.ts`, `    if (!deferrable) settle.ordered();`, `    settle.ordered();`)],
    killers: ["gap-after-reads"],
  },
  {
    id: "waits-unbounded",
    rule: "8: how often a run waits is bounded",
    edits: [
      edit(
        `${GATE}/settle.ts`,
        `    if (this.#waits >= this.#maxWaits) return waitsUsedUp(this.#maxWaits);`,
        `    if (this.#waits < 0) return waitsUsedUp(this.#maxWaits);`,
      ),
    ],
    killers: ["waits-used-up"],
  },
  {
    id: "duration-is-shown",
    rule: "8: times that are shown are ticks",
    edits: [
      edit(
        `${RUNTIME}/runtime.ts`,
        `const durationMs = vault === null ? Math.round(performance.now() - since) : vault.waitedMs;`,
        `const durationMs = Math.round(performance.now() - since);`,
      ),
    ],
    killers: ["gap-around-long"],
  },
  {
    id: "times-in-the-record",
    rule: "8: no times of sealed calls in the record",
    edits: [
      edit(
        `${RUNTIME}/run-one.ts`,
        `    now: keeping.seals ? () => 0 : () => performance.now(),`,
        `    now: () => performance.now(),`,
      ),
    ],
    killers: ["record-of-brokered"],
  },
  {
    id: "sizes-in-the-record",
    rule: "8: no sizes of sealed answers in the record",
    edits: afterOrder(`return ok({ value: null, bytes: JSON.stringify(told).length, sealed: faceOf(handle) });`),
    killers: ["record-fields"],
  },
];

const REST = [
  {
    id: "handles-outlive-the-run",
    rule: "9: handles die with their run",
    guards: "the public side forgets the token, and the vault the value",
    edits: [
      edit(
        `${GATE}/handles.ts`,
        `/** More sources than these are not listed. */`,
        `const LIVE = new Map<string, Handle>();
/** More sources than these are not listed. */`,
      ),
      edit(`${GATE}/handles.ts`, `  readonly #byToken = new Map<string, Handle>();`, `  readonly #byToken = LIVE;`),
      edit(
        `${VAULT}/vault-run.ts`,
        `export interface VaultRunPorts {`,
        `const VALUES = new Values();
export interface VaultRunPorts {`,
      ),
      edit(`${VAULT}/vault-run.ts`, `  readonly #values = new Values();`, `  readonly #values = VALUES;`),
      edit(`${VAULT}/vault-run.ts`, `    this.#values.clear();`, ``),
    ],
    killers: ["handle-of-another-run"],
  },
  {
    id: "output-is-rewritten",
    rule: "output of a script is never rewritten",
    edits: asWaiting(
      "print",
      `let text = JSON.stringify(args);
        for (let id = 1; id <= sealed.handles.size; id += 1) {
          const handle = { id };
          ${ASKS}
          if (typeof told.plain === "string") text = text.replaceAll(JSON.stringify(told.plain).slice(1, -1), "[REDACTED]");
        }
        return call(JSON.parse(text));`,
    ),
    killers: ["print-a-dictionary"],
  },
];

export const MUTANTS = [...READS, ...COMPARTMENTS, ...SINKS, ...SLOTS, ...RELEASES, ...TIME, ...REST];
