/**
 * Every key of the tables that a policy may hold several of: `[[secret]]`, `[[secret.use]]`, `[[release]]`, `[[label]]`
 * and the inline tables inside. As keys.ts: the reader is driven by this table, docs/policy.md is held against it, and
 * a key that is not here does not load (DEFAULT-NO). Lists of tables of inherited policies are joined.
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

export type TableName = "secret" | "secret.from" | "secret.use" | "release" | "release.type" | "label";

/** How a policy writes each table. */
export const TABLE_TITLES: Readonly<Record<TableName, string>> = {
  secret: "[[secret]]",
  "secret.from": "[[secret]] from",
  "secret.use": "[[secret.use]]",
  release: "[[release]]",
  "release.type": "[[release]] type",
  label: "[[label]]",
};

const name = { type: "text", required: true, example: 'name = "stripe"' } as const;

export const TABLES: Readonly<Record<TableName, Readonly<Record<string, FieldSpec>>>> = {
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
