/**
 * Reads the arguments of `subprocess.exec` as a script sent them: the first place that sees hostile JSON. What leaves
 * here is a list of words that a kernel can take, never a line for a shell: a string instead of a list is refused, so
 * that nobody is led to believe that `;` or `$( )` would mean anything.
 */
import { type Failure, fail, isJsonArray, isJsonObject, type Json, ok, type Result } from "@agent-run/gate";

export interface ExecArguments {
  /** At least one word; none holds NUL. */
  readonly argv: readonly [string, ...string[]];
  /** As typed; null: the root. */
  readonly cwd: string | null;
  readonly stdin: string | null;
  /** Names are C identifiers; in the order of the names, so that a request has one form. */
  readonly env: readonly (readonly [name: string, value: string])[];
  /** Null: the policy's. */
  readonly timeoutMs: number | null;
}

const MEMBERS: ReadonlySet<string> = new Set(["argv", "cwd", "stdin", "env", "timeoutMs"]);

/** Bytes of all words, each with its NUL. Linux takes 128 KiB a word and about 2 MiB in all; nobody types more. */
export const MAX_ARGUMENT_BYTES = 128 * 1024;
/** Bytes of all names and values that a script sets. */
const MAX_ENV_BYTES = 32 * 1024;
/** UTF-16 units, to refuse the absurd before it is encoded; the policy's `max_file` is the real bound. */
const MAX_STDIN_UNITS = 256 * 1024 * 1024;

export function parseArguments(args: Json): Result<ExecArguments> {
  if (!isJsonObject(args)) return refuse("`subprocess.exec` takes an object with `argv`");
  const unknown = Object.keys(args).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) return refuse(`\`subprocess.exec\` has no option \`${unknown.slice(0, 40)}\``);
  const argv = parseArgv(args.argv);
  if (!argv.ok) return argv;
  const env = parseEnv(args.env);
  if (!env.ok) return env;
  const { cwd, stdin, timeoutMs } = args;
  if (cwd !== undefined && typeof cwd !== "string") return refuse("`cwd` must be a path as a string");
  if (stdin !== undefined && typeof stdin !== "string") return refuse("`stdin` must be a string");
  if (stdin !== undefined && stdin.length > MAX_STDIN_UNITS) return refuse("`stdin` is too long");
  if (timeoutMs !== undefined && !isDuration(timeoutMs)) {
    return refuse("`timeoutMs` must be a whole number of milliseconds, at least 1");
  }
  return ok({
    argv: argv.value,
    cwd: cwd ?? null,
    stdin: stdin ?? null,
    env: env.value,
    timeoutMs: timeoutMs ?? null,
  });
}

function parseArgv(value: Json | undefined): Result<readonly [string, ...string[]]> {
  if (value === undefined || !isJsonArray(value) || !value.every((word) => typeof word === "string")) {
    return refuse("`argv` must be an array of strings; there is no shell");
  }
  const [command, ...rest] = value;
  if (command === undefined || command === "") return refuse("`argv` must start with the name of a command");
  if (value.some(hasNul)) return refuse("`argv` holds a NUL character");
  if (value.some(isNotUnicode)) return refuse("`argv` holds text that is not valid Unicode");
  if (bytesOf(value) > MAX_ARGUMENT_BYTES) {
    return refuse(`\`argv\` is longer than ${MAX_ARGUMENT_BYTES} bytes; hand long text over by \`stdin\``);
  }
  return ok([command, ...rest]);
}

function parseEnv(value: Json | undefined): Result<ExecArguments["env"]> {
  if (value === undefined) return ok([]);
  if (!isJsonObject(value)) return refuse("`env` must be an object of names and strings");
  const env: [string, string][] = [];
  for (const [name, text] of Object.entries(value)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return refuse("`env` holds a name that no variable can have");
    if (typeof text !== "string") return refuse(`\`env.${name.slice(0, 40)}\` must be a string`);
    if (hasNul(text)) return refuse(`\`env.${name.slice(0, 40)}\` holds a NUL character`);
    if (isNotUnicode(text)) return refuse(`\`env.${name.slice(0, 40)}\` is not valid Unicode`);
    env.push([name, text]);
  }
  if (bytesOf(env.flat()) > MAX_ENV_BYTES) return refuse(`\`env\` is longer than ${MAX_ENV_BYTES} bytes`);
  return ok(env.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const isDuration = (value: Json): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 1;

/** A kernel would end the word here, so that what is decided and what is run would differ. */
const hasNul = (text: string): boolean => text.includes("\0");

/** Lone surrogates have no UTF-8: the child would get another word than the one that was decided. */
const isNotUnicode = (text: string): boolean => /\p{Surrogate}/u.test(text);

const bytesOf = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text, "utf8") + 1, 0);

const refuse = (message: string): Result<never> =>
  fail({ code: "E_ARGUMENT", message, capability: "subprocess.exec" } satisfies Failure);
