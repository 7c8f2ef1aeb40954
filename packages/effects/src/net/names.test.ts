import { describe, expect, it } from "vitest";
import { createErrands } from "../errands.ts";
import type { Lookup } from "./names.ts";

const record = (address: string) => ({ address, family: address.includes(":") ? 6 : 4 });

async function resolve(lookup: Lookup | undefined, host = "name.test", timeoutMs = 20_000) {
  const errands = createErrands(lookup === undefined ? {} : { lookup });
  const answer = await errands.perform({ kind: "resolve", host, timeoutMs }, new AbortController().signal);
  await errands.close();
  return answer.ok ? answer.value : answer.failure;
}

describe("resolving a name", () => {
  it("asks the operating system, hosts file included", async () => {
    expect(await resolve(undefined, "localhost")).toMatchObject({ addresses: expect.arrayContaining(["127.0.0.1"]) });
  });

  it("gives all addresses of both families, in the resolver's order and each once", async () => {
    const lookup: Lookup = async () => ["::1", "127.0.0.1", "::1", "10.0.0.1"].map(record);
    expect(await resolve(lookup)).toEqual({ addresses: ["::1", "127.0.0.1", "10.0.0.1"] });
  });

  it("gives 32 addresses at most", async () => {
    const lookup: Lookup = async () =>
      Array.from({ length: 5000 }, (_, index) => record(`10.0.${index >> 8}.${index & 255}`));
    const answer = await resolve(lookup);
    expect("addresses" in answer && answer.addresses.length).toBe(32);
  });

  it.each<[string, Lookup]>([
    ["an error", async () => Promise.reject(Object.assign(new Error("SERVFAIL from 10.1.1.1"), { code: "ESERVFAIL" }))],
    ["no record", async () => []],
  ])("is E_NETWORK on %s, and says nothing of the resolver", async (_name, lookup) => {
    expect(await resolve(lookup)).toEqual({ code: "E_NETWORK", message: "the name `name.test` does not resolve" });
  });

  it("fails for a name that the resolver cannot even ask for", async () => {
    const host = `${"a".repeat(64)}.test`;
    expect(await resolve(undefined, host)).toMatchObject({ code: "E_NETWORK" });
  });

  it("is E_TIMEOUT if the resolver never answers", async () => {
    expect(await resolve(() => new Promise(() => {}), "name.test", 50)).toEqual({
      code: "E_TIMEOUT",
      message: "the lookup of `name.test` took longer than 50 ms",
    });
  });
});
