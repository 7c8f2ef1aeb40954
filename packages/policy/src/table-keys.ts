/**
 * Every key of the tables that a policy may hold several of: `[[rule]]`, `[[test]]`, `[[never]]`, `[[secret]]`,
 * `[[secret.use]]`, `[[release]]`, `[[label]]` and the inline tables inside. As keys.ts: the reader is driven by this table, docs/policy.md is held against it, and
 * a key that is not here does not load (DEFAULT-NO). Lists of tables of inherited policies are joined. Long because it is
 * one table.
 */
export type FieldType =
  | "text"
  | "texts"
  | "text or texts"
  | "flag"
  | "count"
  | "choice"
  /** Two whole numbers. */
  | "range"
  /** Ports, and `"*"`; one of them or a list. */
  | "ports"
  /** A date, or a date with a time. */
  | "date"
  /** Attributes of a call, each with operators: when-table.ts. */
  | "conditions"
  /** A call as a table or a text: call-table.ts. */
  | "call"
  | "calls"
  /** An inline table, with the keys of `of`. */
  | "table"
  | "text or table"
  /** A list of tables. */
  | "tables";

export interface FieldSpec {
  readonly type: FieldType;
  readonly of?: TableName;
  readonly required?: true;
  /** As the docs say it. */
  readonly default?: string;
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** How to write it, where the writer did not. */
  readonly example?: string;
  readonly says: string;
}

export type TableName =
  | "rule"
  | "rule.limit"
  | "test"
  | "test.expect"
  | "table"
  | "never"
  | "secret"
  | "secret.from"
  | "secret.use"
  | "release"
  | "release.type"
  | "label";

/** How a policy writes each table. */
export const TABLE_TITLES: Readonly<Record<TableName, string>> = {
  rule: "[[rule]]",
  "rule.limit": "[[rule]] limit",
  test: "[[test]]",
  "test.expect": "[[test]] expect",
  table: "[[table]]",
  never: "[[never]]",
  secret: "[[secret]]",
  "secret.from": "[[secret]] from",
  "secret.use": "[[secret.use]]",
  release: "[[release]]",
  "release.type": "[[release]] type",
  label: "[[label]]",
};

const name = { type: "text", required: true, example: 'name = "stripe"' } as const;

const on = { type: "text or texts", required: true, example: 'on = ["fs.write"]' } as const;

export const TABLES: Readonly<Record<TableName, Readonly<Record<string, FieldSpec>>>> = {
  rule: {
    id: {
      type: "text",
      required: true,
      example: 'id = "small-reports"',
      says: "what decisions, reports and records call the rule; up to 64 letters, digits, `_`, `.` and `-`",
    },
    effect: {
      type: "choice",
      values: ["allow", "ask", "deny"],
      required: true,
      example: 'effect = "allow"',
      says: "what the rule does to a call that it matches; an `ask` with a place opens the door, too",
    },
    on: { ...on, says: "capabilities or families (`fs.*`) that it is about" },
    path: { type: "text or texts", says: "paths, for `fs.*`; without it every path" },
    host: { type: "text or texts", says: "hosts, for `net.*`; without it every host" },
    port: { type: "ports", says: 'ports, or `"*"`, where `host` names none' },
    scheme: { type: "text or texts", says: "`http` and `https`, where `host` names none" },
    method: { type: "text or texts", says: "methods of the request, for `net.*`" },
    url_path: { type: "text or texts", says: "paths of the URL, where `host` names none" },
    command: { type: "text or texts", says: "commands, for `subprocess.exec`; an `allow` needs it" },
    argv: {
      type: "text or texts",
      says: "their arguments; `deny` and `ask` read them as `deny_args` does, `allow` word by word, with `*` for a word that is no option and `**` at the end for any more",
    },
    name: { type: "text or texts", says: "variables, for `env.read`; without it every variable" },
    except: {
      type: "text or texts",
      says: "what it leaves out: paths, hosts or variables; with `command`, arguments",
    },
    when: { type: "conditions", says: "conditions on attributes of the call, all of which must hold" },
    limit: {
      type: "table",
      of: "rule.limit",
      example: "limit = { calls = 20 }",
      says: "bounds of a run; not for `deny`",
    },
    expires: { type: "date", says: "from then on an `allow` grants nothing; other rules stay" },
    hours: { type: "text", says: "when it speaks, as `Mon-Fri 08:00-18:00 Europe/Berlin`" },
    reason: { type: "text", says: "why it is there, for people" },
    advice: { type: "text", says: "what a script is told when it is refused, instead of the usual hint" },
    quorum: {
      type: "count",
      min: 1,
      max: 16,
      says: "of an `ask`: how many different approvers must say yes, where that is more than `[approvals] quorum`",
    },
    approvers: {
      type: "text or texts",
      says: "of an `ask`: who answers, by their keys only; names of `[approvals.approvers]`",
    },
    match: { type: "calls", says: "calls that it must match, else the policy does not load" },
    no_match: { type: "calls", says: "calls that it must not match" },
  },
  "rule.limit": {
    calls: {
      type: "count",
      required: true,
      min: 1,
      max: 10_000_000,
      example: "calls = 20",
      says: "how many calls of a run it may match; a further one is denied",
    },
  },
  test: {
    name: { type: "text", says: "what reports call the test" },
    given: {
      type: "call",
      required: true,
      example: 'given = { on = "fs.read", path = "src/a.ts" }',
      says: "the call, as a table or a text; a table may also say `now`, `actor` and `labels`",
    },
    expect: {
      type: "text or table",
      of: "test.expect",
      required: true,
      example: 'expect = "deny"',
      says: "the answer: `allow`, `ask` or `deny`, or the keys below",
    },
  },
  "test.expect": {
    effect: {
      type: "choice",
      values: ["allow", "ask", "deny"],
      required: true,
      example: 'effect = "deny"',
      says: "the answer",
    },
    rule: { type: "text", says: "id of the rule that decides" },
    code: { type: "text", says: "code of the refusal" },
  },
  // Of files of tests only: test-file.ts.
  table: {
    name: { type: "text", says: "in files of tests: what reports call the tests of this table" },
    on: { ...on, says: "capabilities or families that each entry is a call of" },
    allow: { type: "texts", says: "paths, URLs, variables or command lines that are allowed" },
    ask: { type: "texts", says: "those that are asked about" },
    deny: { type: "texts", says: "those that are denied" },
    with: {
      type: "table",
      says: 'what all of these calls have besides: `{ bytes = 10, now = 2027-03-31, actor = "ci" }`',
    },
  },
  never: {
    id: { type: "text", says: "what reports call it" },
    on: { ...on, says: "capabilities or families of which no call is allowed or asked about" },
    path: { type: "text or texts", says: "at these paths; without a place, anywhere" },
    path_not: { type: "text or texts", says: "anywhere but at these paths" },
    host: { type: "text or texts", says: "at these hosts" },
    host_not: { type: "text or texts", says: "anywhere but at these hosts" },
    name: { type: "text or texts", says: "these variables" },
    name_not: { type: "text or texts", says: "any variables but these" },
    command: { type: "text or texts", says: "these commands" },
    command_not: { type: "text or texts", says: "any commands but these" },
  },
  secret: {
    name: { ...name, says: "what scripts and messages call the secret" },
    description: { type: "text", says: "free text" },
    env: {
      type: "text",
      says: "the variable that holds it; exactly one of `env`, `file`, `command` and `from` is given",
    },
    file: { type: "text", says: "the file that holds it; nothing else reaches this file" },
    command: { type: "texts", says: "the command that prints it" },
    from: { type: "table", of: "secret.from", says: "token exchange: it is part of an answer to another secret" },
    field: { type: "text", says: "dotted path, where the source holds JSON and the secret is a part of it" },
    data: {
      type: "flag",
      default: "false",
      says: "sealed data like any other; otherwise it can be used at its uses and not opened",
    },
    use: { type: "tables", of: "secret.use", says: "a place where it may go" },
  },
  "secret.from": {
    secret: { type: "text", required: true, example: 'secret = "client"', says: "name of the secret that is sent" },
    url: {
      type: "text",
      required: true,
      example: 'url = "https://auth.example.com/token"',
      says: "where it is sent, by POST",
    },
    field: {
      type: "text",
      required: true,
      example: 'field = "access_token"',
      says: "dotted path into the JSON of the answer",
    },
  },
  "secret.use": {
    host: { type: "text or texts", says: "hosts of the request; exactly one of `host` and `command` is given" },
    methods: { type: "texts", says: "methods of the request; required with `host`" },
    paths: { type: "texts", says: "paths of the request, as patterns; required with `host`" },
    wildcard: { type: "flag", default: "false", says: "accepts a host with `*`" },
    command: {
      type: "texts",
      says: "the command, word by word; `*` stands for one word that is no option, `**` at the end for any more words",
    },
    slot: {
      type: "text",
      required: true,
      example: 'slot = "header:authorization"',
      says: "`header:NAME` or `query:NAME` of a request; `askpass`, `env:NAME` or `stdin` of a command",
    },
    format: {
      type: "text",
      default: "{}",
      says: "text around the secret, such as `Bearer {}`, `Basic {}`, `{basic}`, `{hmac}`, `{jwt}`; or `sigv4:REGION/SERVICE`",
    },
    remote: { type: "text", says: "with `askpass`, and required there: the one URL that git may talk to" },
    response: {
      type: "choice",
      values: ["public", "sealed"],
      required: true,
      example: 'response = "sealed"',
      says: "whether the script sees the answer",
    },
    outcome: { type: "choice", values: ["ok"], says: "of a sealed answer the script sees whether it went well" },
    per_run: {
      type: "count",
      min: 1,
      max: 10_000,
      default: "10",
      says: "with `outcome`: how many outcomes a run may see",
    },
  },
  release: {
    name: { ...name, example: 'name = "state"', says: "what scripts call the release" },
    description: { type: "text", says: "free text" },
    from: {
      type: "text",
      required: true,
      example: 'from = "GET https://status.internal/state"',
      says: "the sealed answer or file that a value is released from: `GET https://...` or `file:PATH`",
    },
    select: { type: "text", default: "$", says: "which part of it: `$.a.b[0]`" },
    type: {
      type: "text or table",
      of: "release.type",
      required: true,
      example: 'type = "bool"',
      says: "`bool`, or one of the keys below; anything else is not released",
    },
    else: { type: "text", default: "withheld", says: "what the script gets instead of a value of another type" },
    per_run: { type: "count", min: 1, max: 10_000, default: "1", says: "how many a run may have" },
    per_day: { type: "count", min: 1, max: 1_000_000, says: "how many there may be in a day" },
  },
  "release.type": {
    enum: { type: "texts", says: "one of these texts" },
    int: { type: "range", says: "a whole number from the first to the second" },
    pattern: { type: "text", says: "a text that matches as a whole; `max` is needed" },
    max: { type: "count", min: 1, max: 128, says: "longest text that `pattern` releases" },
    text: { type: "count", min: 1, max: 4096, says: "any text up to this length" },
  },
  label: {
    name: { ...name, example: 'name = "notes"', says: "the group" },
    description: { type: "text", says: "free text" },
    sources: {
      type: "texts",
      required: true,
      example: 'sources = ["file:~/notes/**"]',
      says: "what comes from there has this label: `file:PATTERN`, `host:HOST`, `env:NAME`, `command:NAME`",
    },
    sinks: {
      type: "texts",
      required: true,
      example: 'sinks = ["host:localhost:11434"]',
      says: "what has this label may go there",
    },
  },
};
