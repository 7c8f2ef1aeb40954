/**
 * Every error code a user, script or host can see: its exit code and its fixed sentence.
 * Codes are stable; each has a page in docs/errors/. A code that is not here does not compile.
 */
export const CODES = {
  E_SYNTAX: { exit: 1, says: "the script does not parse" },
  E_ARGUMENT: { exit: 1, says: "an argument has the wrong type, size or form" },
  E_NOT_FOUND: { exit: 1, says: "the file, directory or command does not exist" },
  E_EXISTS: { exit: 1, says: "something is already there" },
  E_IO: { exit: 1, says: "the operating system refused the operation" },
  E_NETWORK: { exit: 1, says: "the request failed on its way" },
  E_TIMEOUT: { exit: 1, says: "the call took longer than it may" },
  E_TOO_LARGE: { exit: 1, says: "the file, response or output is larger than the policy allows" },
  E_EXEC: { exit: 1, says: "the command could not be run, or ended with a failure" },
  E_POLICY_DENIED: { exit: 2, says: "the policy does not allow this call" },
  E_CAPABILITY: { exit: 2, says: "the policy can never allow this capability" },
  E_SUBSET: { exit: 3, says: "the script uses something the language subset does not have" },
  E_SINK: { exit: 2, says: "a local-only value may not go there" },
  E_SLOT: { exit: 2, says: "a secret may be used at its declared place only" },
  E_NOT_ORIGINAL: { exit: 2, says: "a credential slot takes the secret itself, not a value computed from it" },
  E_SEALED_BRANCH: { exit: 2, says: "the program cannot branch on a sealed value" },
  E_SEALED_METHOD: { exit: 2, says: "a sealed value has no such method" },
  E_CAPTURE: { exit: 2, says: "a compartment's function uses a variable from outside" },
  E_FN: { exit: 2, says: "a compartment takes a plain function" },
  E_TOKEN_BROKEN: { exit: 2, says: "a sealed placeholder was damaged" },
  E_USE_ONLY: { exit: 2, says: "the secret can be used but not opened" },
  E_RELEASE: { exit: 2, says: "no release rule gives this value" },
  E_WAITS: { exit: 2, says: "the run may not wait for sealed work again" },
  E_APPROVAL_DENIED: { exit: 4, says: "a person said no" },
  E_APPROVAL_TIMEOUT: { exit: 4, says: "nobody answered in time" },
  E_APPROVAL_UNAVAILABLE: { exit: 4, says: "the call needs an approval and nobody can be asked" },
  E_POLICY_INVALID: { exit: 5, says: "the policy does not load" },
  E_CONFIG: { exit: 5, says: "the command, its options or its surroundings are not usable" },
  E_AUDIT: { exit: 5, says: "the record cannot be written, so nothing may happen" },
  E_LIMIT_TIME: { exit: 6, says: "the run took longer than `max_seconds`" },
  E_LIMIT_MEMORY: { exit: 6, says: "the script needed more than `max_memory`" },
  E_LIMIT_STACK: { exit: 6, says: "the script needed more than `max_stack`" },
  E_LIMIT_OUTPUT: { exit: 6, says: "the script printed more than `max_output`" },
  E_LIMIT_CALLS: { exit: 6, says: "the script made more than `max_calls` calls" },
  E_BUDGET: { exit: 6, says: "a budget of the policy is used up" },
  E_PARKED: { exit: 7, says: "the run waits for an approval and can be resumed" },
  E_INTERRUPTED: { exit: 130, says: "the run was interrupted" },
} as const satisfies Record<string, { exit: number; says: string }>;

export type Code = keyof typeof CODES;

/** Codes that end a run at once; a script cannot catch them. Stack overflow can be caught, so it is not here. */
export const FATAL_CODES = [
  "E_LIMIT_TIME",
  "E_LIMIT_MEMORY",
  "E_LIMIT_OUTPUT",
  "E_LIMIT_CALLS",
  "E_PARKED",
  "E_INTERRUPTED",
] as const;
export type FatalCode = (typeof FATAL_CODES)[number];
