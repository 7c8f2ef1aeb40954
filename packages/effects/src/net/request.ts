/**
 * `net.request`, the one operation behind everything that a script can ask of the network. Its plan is a request whose
 * addresses were resolved once and then decided; what the main thread dials is this plan and nothing that is looked up
 * again (CHECKED-IS-USED). Until the typed URL is allowed, not even its name is resolved (ONE-WALL).
 */
import {
  type CanonicalRequest,
  type Capability,
  type Carried,
  type Checked,
  canonicalAddress,
  canonicalJson,
  canonicalUrl,
  type Done,
  errand,
  type Failure,
  fail,
  type HttpAnswer,
  type Json,
  METHOD_CAPABILITY,
  type Operation,
  type OperationContext,
  ok,
  type Permit,
  type PinnedRequest,
  type Result,
  type Steps,
} from "@agent-run/gate";
import { parseArguments, type RequestArguments } from "./arguments.ts";
import type { HeaderField } from "./header-fields.ts";
import { nextArguments } from "./redirect.ts";

export interface RequestPlan {
  readonly on: Capability;
  readonly pinned: PinnedRequest;
  /** What a redirect is made of. */
  readonly args: RequestArguments;
}

export const requestOperation: Operation<RequestArguments, RequestPlan> = {
  name: "net.request",
  capabilities: [...new Set(Object.values(METHOD_CAPABILITY))],
  parse: parseArguments,
  canonicalize,
  carries,
  check,
  execute,
};

function canonicalize(args: RequestArguments): Result<CanonicalRequest> {
  const url = canonicalUrl(args.url);
  if (!url.ok) return url;
  const on = METHOD_CAPABILITY[args.method];
  if (on === undefined) return fail({ code: "E_ARGUMENT", message: `no capability covers ${args.method}` });
  const { scheme, host, port, path } = url.value;
  const bytes = args.body?.byteLength ?? 0;
  return ok({
    v: 1,
    on,
    targets: [{ on, role: "connect", kind: "url", value: url.value.url }],
    attrs: { host, port, scheme, method: args.method, url_path: path, bytes },
    labels: [],
  });
}

/** Header fields can say as much as a body (`x-http-method-override`). What is always sent is not among them. */
function carries({ headers, body }: RequestArguments): Carried | null {
  if (headers.length === 0) return body === null ? null : { as: "body", bytes: body };
  // Canonical JSON has no line breaks, so no other fields and body make these bytes.
  const fields = Buffer.from(`${canonicalJson(headers)}\n`, "utf8");
  return { as: "headers and body", bytes: Buffer.concat([fields, body ?? new Uint8Array()]) };
}

function* check(
  args: RequestArguments,
  typed: CanonicalRequest,
  context: OperationContext,
): Steps<Result<Checked<RequestPlan>>> {
  const url = canonicalUrl(args.url);
  if (!url.ok) return url;
  const timeoutMs = timeoutOf(args, context);
  const addresses = url.value.isAddress ? ok([url.value.host]) : yield* resolve(url.value.host, timeoutMs);
  if (!addresses.ok) return fail(about(addresses.failure, args, typed.on));
  const added = addresses.value.map((value) => ({ on: typed.on, role: "connect", kind: "address", value }) as const);
  const pinned: PinnedRequest = {
    method: args.method,
    url: url.value.url,
    addresses: addresses.value,
    headers: withDefaults(args.headers),
    body: args.body,
    timeoutMs,
    maxResponseBytes: context.limits.maxResponseBytes,
  };
  const request = { ...typed, targets: [...typed.targets, ...added] };
  return ok({ request, plan: { on: typed.on, pinned, args }, release: () => {} });
}

/** Every address, in canonical form: the gate must see all of them. One that cannot be read refuses the call. */
function* resolve(host: string, timeoutMs: number): Steps<Result<readonly string[]>> {
  const answer = yield* errand<"resolve">({ kind: "resolve", host, timeoutMs });
  if (!answer.ok) return answer;
  const unresolved: Failure = { code: "E_NETWORK", message: `the name \`${host}\` does not resolve` };
  const addresses = new Set<string>();
  for (const address of answer.value.addresses) {
    const canonical = canonicalAddress(address);
    if (!canonical.ok) return fail(unresolved);
    addresses.add(canonical.value);
  }
  return addresses.size === 0 ? fail(unresolved) : ok([...addresses]);
}

function* execute(permit: Permit<RequestPlan>, context: OperationContext): Steps<Result<Done>> {
  const { pinned, args, on } = permit.spend();
  const answer = yield* errand<"http">({ kind: "http", request: pinned });
  if (!answer.ok) return fail(about(answer.failure, args, on));
  const next = nextArguments(args, pinned.url, answer.value, context.policy.network.followRedirects);
  const bytes = (pinned.body?.byteLength ?? 0) + answer.value.body.byteLength;
  const done: Done = { value: responseValue(pinned.url, answer.value, args.hops > 0), bytes };
  return ok(next === undefined ? done : { ...done, next });
}

/** Text where the bytes are UTF-8, base64 where they are not: a script gets every byte either way. */
function responseValue(url: string, { status, headers, body }: HttpAnswer, redirected: boolean): Json {
  const text = decodeUtf8(body);
  const content = text === null ? { body: toBase64(body), base64: true } : { body: text, base64: false };
  return { status, url, redirected, headers, ...content };
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

/** The script may ask for less time than the policy gives, not for more. */
function timeoutOf(args: RequestArguments, context: OperationContext): number {
  const limit = Math.ceil(context.policy.network.timeoutSeconds * 1000);
  return args.timeoutMs === null ? limit : Math.min(args.timeoutMs, limit);
}

/** Sent where the script says nothing else. Some services refuse requests without a `user-agent`. */
const DEFAULT_FIELDS: readonly HeaderField[] = [
  ["accept", "*/*"],
  ["accept-encoding", "gzip, deflate, br"],
  ["user-agent", "agent-run"],
];

function withDefaults(fields: readonly HeaderField[]): readonly HeaderField[] {
  const named = new Set(fields.map(([name]) => name));
  return [...fields, ...DEFAULT_FIELDS.filter(([name]) => !named.has(name))];
}

const about = (failure: Failure, args: RequestArguments, on: Capability): Failure => ({
  ...failure,
  capability: on,
  target: args.url,
});
