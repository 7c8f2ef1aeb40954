import { isTool, type ToolCapability } from "./tool-name.ts";

/**
 * The capabilities as data. Rules, the verifier, reports, docs and the types for a model derive from this table;
 * executors for them live in `effects`.
 */
export interface Signature {
  /** read: no trace. write: changes local state. irreversible: cannot be undone. network: leaves the machine. */
  readonly class: "read" | "write" | "irreversible" | "network";
  /** The policy key that grants it, as a person would look it up. */
  readonly grantedBy: string;
  /** How the policy line that grants it looks; `$` is replaced by the target. */
  readonly grantExample: string;
  /** Attributes that rules may test, with their types. */
  readonly attributes: Readonly<Record<string, "string" | "int" | "bytes" | "strings">>;
  /** One line for docs and models. */
  readonly says: string;
}

export const SIGNATURES = {
  "fs.read": {
    class: "read",
    grantedBy: "filesystem.read_allow",
    grantExample: '[filesystem] read_allow = ["$"]',
    attributes: { path: "string" },
    says: "read, list or stat files and directories",
  },
  "fs.write": {
    class: "write",
    grantedBy: "filesystem.write_allow",
    grantExample: '[filesystem] write_allow = ["$"]',
    attributes: { path: "string", bytes: "bytes" },
    says: "create, overwrite or append to files; create directories",
  },
  "fs.delete": {
    class: "irreversible",
    grantedBy: "filesystem.delete_allow",
    grantExample: '[filesystem] delete_allow = ["$"]',
    attributes: { path: "string" },
    says: "delete files and directories",
  },
  "net.http_get": network("GET and HEAD requests", "http_get_allow"),
  "net.http_post": network("POST requests", "http_post_allow"),
  "net.http_put": network("PUT requests", "http_put_allow"),
  "net.http_patch": network("PATCH requests", "http_patch_allow"),
  "net.http_delete": network("DELETE requests", "http_delete_allow"),
  "subprocess.exec": {
    class: "irreversible",
    grantedBy: "subprocess.allow_commands",
    grantExample: '[subprocess] allow_commands = ["$"]',
    attributes: { command: "string", argv: "strings", command_line: "string", env: "strings", stdin_bytes: "bytes" },
    says: "run a command, never through a shell",
  },
  "env.read": {
    class: "read",
    grantedBy: "environment.allow_vars",
    grantExample: '[environment] allow_vars = ["$"]',
    attributes: { name: "string" },
    says: "read an environment variable",
  },
} as const satisfies Record<string, Signature>;

/** Those that agent-run has itself. */
export type BuiltInCapability = keyof typeof SIGNATURES;

export type Capability = BuiltInCapability | ToolCapability;

export const CAPABILITIES = Object.keys(SIGNATURES) as readonly BuiltInCapability[];

/** What is known of a tool before anybody defines it: nothing, so that it counts as what cannot be undone. */
const TOOL: Signature = {
  class: "irreversible",
  grantedBy: "[[rule]]",
  grantExample: '[[rule]] id = "allow-$" effect = "allow" on = ["tool.$"]',
  attributes: {},
  says: "call a tool of the host program",
};

export const signatureOf = (on: Capability): Signature => (isTool(on) ? TOOL : SIGNATURES[on]);

/** HTTP method to capability; methods that are not here never leave. */
export const METHOD_CAPABILITY: Readonly<Record<string, BuiltInCapability>> = {
  GET: "net.http_get",
  HEAD: "net.http_get",
  POST: "net.http_post",
  PUT: "net.http_put",
  PATCH: "net.http_patch",
  DELETE: "net.http_delete",
};

function network<K extends string>(says: string, key: K) {
  return {
    class: "network",
    grantedBy: `network.${key}`,
    grantExample: `[network] ${key} = ["$"]`,
    attributes: {
      host: "string",
      port: "int",
      scheme: "string",
      method: "string",
      url_path: "string",
      bytes: "bytes",
    },
    says,
  } as const;
}
