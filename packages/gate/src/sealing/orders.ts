/**
 * Calls about local-only things, as orders to the vault. They touch nothing here, not even to look whether something is
 * there; they resolve at once, whatever the vault will find (rules 1 and 4).
 */
import { type CanonicalRequest, isJsonArray, isJsonObject, type Json, ok, signatureOf } from "@agent-run/policy";
import type { Call } from "../call.ts";
import type { AnyOperation, OperationContext } from "../operation.ts";
import { faceOf, type Handle, type NewHandle, type Origin } from "./handles.ts";
import type { PublicFlowPorts } from "./public-flow.ts";
import { define } from "./vault-line.ts";

/** Whether a call changes nothing, neither here nor elsewhere. */
export const reads = ({ targets }: CanonicalRequest): boolean =>
  targets.every(({ on }) => signatureOf(on).class === "read");

/** An effect that the vault carries out: its answer is sealed, its existence, size, status and failure included. */
export function sealedOperation(ports: PublicFlowPorts, call: Call, carried: readonly Handle[]): AnyOperation {
  const { operation, typed, args } = call;
  const { vault, handles, settle } = ports;
  return orderOf(operation, () => {
    const handle = handles.mint(newHandle(call, carried));
    const deferrable = reads(typed);
    if (!deferrable) settle.ordered();
    ports.writes.ordered(typed);
    const { id, token } = handle;
    const seq = call.seq ?? 0;
    vault.tell({ kind: "effect", run: vault.run, handle: id, token, op: operation.name, args, seq, deferrable });
    return handle;
  });
}

/** A variable or a secret by name: defined, not carried out. Whether a declared name is set at the start is public. */
export function sealedVariable(ports: PublicFlowPorts, call: Call): AnyOperation {
  const { operation, typed, first } = call;
  const name = typed.targets[0]?.value ?? "";
  const secrets = ports.policy.localOnly?.secrets ?? [];
  const secret = secrets.find((one) => one.name === name || (one.source.kind === "env" && one.source.name === name));
  const variable = secret?.source.kind === "env" ? secret.source.name : secret === undefined ? name : null;
  const isThere = ({ environment }: OperationContext) => variable === null || Object.hasOwn(environment, variable);
  return {
    ...operation,
    *check(_args, request) {
      return ok({ request, plan: null, release: () => undefined });
    },
    *execute(permit, context) {
      permit.spend();
      if (operation.name !== "env.read") return ok({ value: isThere(context) });
      if (!isThere(context)) return ok({ value: null });
      const origin: Origin =
        secret === undefined ? { kind: "answer", of: `env:${name}` } : { kind: "secret", secret: secret.name };
      const source = secret === undefined ? `env:${name}` : `secret:${secret.name}`;
      const handle = ports.handles.mint({ label: first.sealed?.label ?? [], origin, kind: "value", sources: [source] });
      define(
        ports.vault,
        handle,
        secret === undefined ? { kind: "variable", name } : { kind: "secret", name: secret.name },
      );
      return ok({ value: null, sealed: faceOf(handle) });
    },
  };
}

function orderOf(operation: AnyOperation, order: () => Handle): AnyOperation {
  return {
    ...operation,
    *check(_args, request) {
      return ok({ request, plan: null, release: () => undefined });
    },
    *execute(permit) {
      permit.spend();
      return ok({ value: null, sealed: faceOf(order()) });
    },
  };
}

function newHandle({ operation, typed, first, args }: Call, carried: readonly Handle[]): NewHandle {
  const [family] = operation.name.split(".");
  const source = sourceText(typed, args);
  const label = [...new Set([...(first.sealed?.label ?? []), ...carried.flatMap((handle) => handle.label)])].sort();
  const kind = family === "net" ? "response" : family === "subprocess" ? "exec" : "value";
  const of = carried.length > 0 ? null : answerOf(operation.name, typed, args);
  const origin: Origin = of === null ? { kind: "derived" } : { kind: "answer", of };
  return { label, origin, kind, sources: [...new Set([source, ...carried.flatMap(({ sources }) => sources)])] };
}

/**
 * What a release rule compares with its `from`: the request or the file as such. A part of a file, or a request with
 * headers or a body of the script's choice, would let a script walk over a larger value.
 */
export function answerOf(op: string, { targets, attrs }: CanonicalRequest, args: Json): string | null {
  const [target] = targets;
  const given = isJsonObject(args) ? args : {};
  if (op === "net.request") {
    const { headers = [], body, bodyBase64 } = given;
    const isPlain = isJsonArray(headers) && headers.length === 0 && body === undefined && bodyBase64 === undefined;
    return isPlain ? `${String(attrs.method)} ${target?.value}` : null;
  }
  if (op !== "fs.read") return null;
  const isWhole = given.offset === undefined && given.length === undefined && given.encoding !== "base64";
  return isWhole ? `file:${target?.value}` : null;
}

/** For people: what the script typed. */
export function sourceText({ targets, attrs }: CanonicalRequest, args: Call["args"]): string {
  const [target] = targets;
  if (target?.kind === "url") return `host:${hostText(attrs)}`;
  if (target?.kind === "command") return `command:${String(attrs.command)}`;
  if (target?.kind === "variable") return `env:${target.value}`;
  const { path, pattern, from } = isJsonObject(args) ? args : {};
  return `file:${String(path ?? pattern ?? from ?? target?.value)}`;
}

const hostText = ({ host, port, scheme }: CanonicalRequest["attrs"]): string => {
  const isUsual = (scheme === "https" && port === 443) || (scheme === "http" && port === 80);
  return isUsual ? String(host) : `${String(host)}:${String(port)}`;
};
