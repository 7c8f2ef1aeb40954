/**
 * Resolves a name that the policy has allowed to all of its addresses. All, because every one is decided: a name with
 * one public and one private record must not slip through on the public one. Failures say no more than that it failed:
 * which server was asked and what it said is the operator's.
 */
import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { type ErrandAnswer, fail, ok } from "@agent-run/gate";
import { startDeadline } from "./deadline.ts";

/** Answers all addresses of a name. The operating system's resolver, hosts file included, unless a test breaks it. */
export type Lookup = (host: string) => Promise<readonly LookupAddress[]>;

export const lookupBySystem: Lookup = (host) => systemLookup(host, { all: true, verbatim: true, family: 0 });

/** More addresses than this are not tried, and so not returned. */
const MAX_ADDRESSES = 32;

export async function resolveName(
  host: string,
  timeoutMs: number,
  lookup: Lookup,
  stop: AbortSignal,
): Promise<ErrandAnswer<"resolve">> {
  const deadline = startDeadline(`the lookup of \`${host}\``, timeoutMs, stop);
  try {
    const answered = await Promise.race([
      lookup(host).then(
        (records) => [...new Set(records.map(({ address }) => address))].slice(0, MAX_ADDRESSES),
        () => [],
      ),
      aborted(deadline.signal),
    ]);
    if (answered === null) return fail(deadline.failure());
    if (answered.length > 0) return ok({ addresses: answered });
    return fail({ code: "E_NETWORK", message: `the name \`${host}\` does not resolve` });
  } finally {
    deadline.end();
  }
}

const aborted = (signal: AbortSignal): Promise<null> =>
  new Promise((settle) => {
    signal.addEventListener("abort", () => settle(null), { once: true });
    if (signal.aborted) settle(null);
  });
