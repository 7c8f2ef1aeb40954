/**
 * Handles made of handles: parts, encodings, formattings, compartments. Each is a definition that the vault is told; no
 * answer comes back, so none can tell anything (rule 3).
 */
import {
  basicText,
  type Definition,
  define,
  ENCODINGS,
  type Failure,
  faceOf,
  fail,
  type GateAnswer,
  type Handle,
  HMAC_ALGORITHMS,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  JWT_ALGORITHMS,
  type Origin,
  ok,
  type PublicFlowPorts,
  type Result,
  textsOf,
  tokensIn,
  useOnly,
} from "@agent-run/gate";
import { readCompartment, type ScriptProgram } from "@agent-run/vm";

export interface DerivationPorts extends PublicFlowPorts {
  readonly program: ScriptProgram;
}

type Derivation = (args: JsonObject, ports: DerivationPorts) => Result<Handle>;

export function derivations(ports: DerivationPorts): ReadonlyMap<string, (args: Json) => GateAnswer> {
  const table: Readonly<Record<string, Derivation>> = {
    "seal.get": property,
    "seal.as": reading,
    "seal.encode": encoding,
    "seal.hmac": hmac,
    "seal.jwt": jwt,
    "seal.compute": compute,
    "seal.run": block,
  };
  const answer =
    (derive: Derivation) =>
    (args: Json): GateAnswer => {
      if (!isJsonObject(args)) return { error: wrong("it takes an object of arguments") };
      if (ports.handles.size >= MAX_HANDLES || ports.vault.isFull) return { error: tooMany };
      const made = derive(args, ports);
      return made.ok ? { sealed: faceOf(made.value) } : { error: made.failure };
    };
  return new Map(Object.entries(table).map(([name, derive]) => [name, answer(derive)]));
}

/** The vault holds a value for each. */
const MAX_HANDLES = 100_000;
const MAX_SOURCE = 1024 * 1024;

/** A part of a use-only secret is a value computed from it: harmless by itself, and no slot takes it. */
const property: Derivation = ({ token, key }, ports) => {
  const of = handleOf(token, ports);
  if (!of.ok) return of;
  if (typeof key !== "string") return fail(wrong("`key` must be a string"));
  return made(ports, [of.value], { kind: "get", of: of.value.id, key });
};

/** A fixed reading of an answer is still that answer, for a release. */
const reading: Derivation = ({ token, how }, ports) => {
  const of = handleOf(token, ports);
  if (!of.ok) return of;
  if (how !== "json" && how !== "text") return fail(wrong("`how` must be `json` or `text`"));
  const { origin } = of.value;
  return made(ports, [of.value], { kind: "as", of: of.value.id, how }, origin.kind === "answer" ? origin : undefined);
};

const encoding: Derivation = ({ how, text }, ports) => {
  const encoded = ENCODINGS.find((one) => one === how);
  if (encoded === undefined || typeof text !== "string") return fail(wrong("`how` must name an encoding of `text`"));
  const from = handlesIn(text, ports);
  if (!from.ok) return from;
  const [only] = from.value;
  // In a URL the vault encodes by itself, so a secret that is only encoded for one is still that secret.
  if (encoded === "uriComponent" && only?.token === text && only.origin.kind === "secret") return ok(only);
  const origin = encoded === "base64" ? basicOf(text, only) : undefined;
  return made(ports, from.value, { kind: "encode", how: encoded, text }, origin);
};

/** `user:KEY`, the user public and without a colon (RFC 7617). */
function basicOf(text: string, handle: Handle | undefined): Origin | undefined {
  if (handle?.origin.kind !== "secret" || basicText(text)?.token !== handle.token) return undefined;
  return { kind: "formatted", secret: handle.origin.secret, as: "basic" };
}

const hmac: Derivation = ({ algorithm, key, data, output = "hex" }, ports) => {
  if (typeof algorithm !== "string" || typeof key !== "string" || typeof data !== "string")
    return fail(wrong("`algorithm`, `key` and `data` must be strings"));
  if (!HMAC_ALGORITHMS.includes(algorithm))
    return fail(wrong(`\`algorithm\` is not one of ${HMAC_ALGORITHMS.join(", ")}`));
  if (output !== "hex" && output !== "base64") return fail(wrong("`output` must be `hex` or `base64`"));
  const from = handlesIn(`${key}\n${data}`, ports);
  if (!from.ok) return from;
  const signer = ports.handles.find(key)?.origin;
  // The text is public and the key is the secret: a signature, which shows nothing of the key.
  const origin: Origin | undefined =
    signer?.kind === "secret" && tokensIn(data).length === 0
      ? { kind: "formatted", secret: signer.secret, as: "hmac" }
      : undefined;
  return made(ports, from.value, { kind: "hmac", algorithm, key, data, output }, origin);
};

const jwt: Derivation = ({ token, algorithm = "HS256", claims = null }, ports) => {
  const of = handleOf(token, ports);
  if (!of.ok) return of;
  if (typeof algorithm !== "string" || !JWT_ALGORITHMS.includes(algorithm))
    return fail(wrong(`\`algorithm\` of \`seal.jwt\` is not one of ${JWT_ALGORITHMS.join(", ")}`));
  if (!isJsonObject(claims) || ports.handles.inJson(claims).length > 0)
    return fail(wrong("`claims` of `seal.jwt` must be an object of public values"));
  const { origin } = of.value;
  const signed: Origin | undefined =
    origin.kind === "secret" ? { kind: "formatted", secret: origin.secret, as: "jwt" } : undefined;
  return made(ports, [of.value], { kind: "jwt", key: of.value.token, algorithm, claims }, signed);
};

const compute: Derivation = (args, ports) => {
  const job = jobOf("seal.compute", args, ports);
  if (!job.ok) return job;
  const { inputs, source, args: values } = job.value;
  return made(ports, inputs, { kind: "compute", inputs: inputs.map(({ id }) => id), source, args: values });
};

/** A private block has effects, but at local-only places only; the vault's own wall decides each. */
const block: Derivation = (args, ports) => {
  const job = jobOf("seal.run", args, ports);
  if (!job.ok) return job;
  const { inputs, source, args: values } = job.value;
  const handle = ports.handles.derive(inputs);
  const { id, token, label } = handle;
  ports.settle.ordered();
  ports.writes.orderedAnywhere();
  const order = { kind: "block", run: ports.vault.run, handle: id, token, source, args: values, seq: 0 } as const;
  ports.vault.tell({ ...order, inputs: inputs.map((input) => input.id), accepts: label });
  return ok(handle);
};

interface Job {
  readonly inputs: readonly Handle[];
  readonly source: string;
  readonly args: readonly Json[];
}

function jobOf(call: string, { inputs, source, args = [] }: JsonObject, ports: DerivationPorts): Result<Job> {
  if (!isJsonArray(inputs) || inputs.length === 0) return fail(wrong(`\`${call}\` takes a list of sealed values`));
  const handles: Handle[] = [];
  for (const input of inputs) {
    const handle = handleOf(input, ports);
    if (!handle.ok) return handle;
    const secret = handle.value.label.find((label) => label.startsWith("secret:"));
    if (secret !== undefined) return fail(useOnly(ports.policy, secret.slice("secret:".length)));
    handles.push(handle.value);
  }
  if (typeof source !== "string" || source.length > MAX_SOURCE)
    return fail(wrong(`\`${call}\` takes a function of at most 1 MiB`));
  if (!isJsonArray(args)) return fail(wrong("public arguments must be a list"));
  const stray = [source, ...textsOf(args)].find(
    (text) => ports.handles.isBroken(text) || ports.handles.inText(text).length > 0,
  );
  if (stray !== undefined) return fail(sealedArgument);
  const kind = call === "seal.run" ? "run" : inputs.length === 1 ? "map" : "compute";
  const read = readCompartment(source, ports.program, kind);
  return read.ok ? ok({ inputs: handles, source: read.value.source, args }) : read;
}

function made(ports: DerivationPorts, from: readonly Handle[], as: Definition, origin?: Origin): Result<Handle> {
  const handle = ports.handles.derive(from, "value", origin);
  define(ports.vault, handle, as);
  return ok(handle);
}

function handleOf(token: Json | undefined, { handles }: DerivationPorts): Result<Handle> {
  const handle = typeof token === "string" ? handles.find(token) : undefined;
  return handle === undefined ? fail(wrong("that is no sealed value of this run")) : ok(handle);
}

function handlesIn(text: string, { handles }: DerivationPorts): Result<readonly Handle[]> {
  if (handles.isBroken(text)) return fail(broken);
  const found = handles.inText(text);
  return found.length === 0 ? fail(wrong("the text holds no sealed value")) : ok(found);
}

const broken: Failure = {
  code: "E_TOKEN_BROKEN",
  message: "the text contains a damaged sealed placeholder; was it sliced, split or upper-cased?",
  hint: "do it inside of a compartment: `value.map((v) => v.slice(0, 10))`",
};

const sealedArgument: Failure = {
  code: "E_ARGUMENT",
  message: "the function's text and its extra arguments must be public; a sealed value stands in them",
  hint: "pass sealed values as inputs: `seal.compute([a, b], (a, b) => …)`",
};

const tooMany: Failure = { code: "E_TOO_LARGE", message: `a run has at most ${MAX_HANDLES} sealed values` };

const wrong = (message: string): Failure => ({ code: "E_ARGUMENT", message });
