/** What the library promises to a compiler; `tsc` is what runs these. */
import { expectTypeOf, test } from "vitest";
import type { CapabilityDefinition, EffectContext } from "./define-capability.ts";
import type { CallAfter, CallBefore } from "./host-side.ts";
import {
  createRuntime,
  type Decision,
  defineCapability,
  type LoadedPolicy,
  loadPolicy,
  type OwnCapability,
  PolicyError,
  type RunOptions,
  type RunReport,
  type Runtime,
  type RuntimeOptions,
  type Ticket,
} from "./library.ts";
import type { StandardSchema } from "./standard-schema.ts";

test("functions take and give what the page says", () => {
  expectTypeOf(loadPolicy).parameter(0).toEqualTypeOf<string>();
  expectTypeOf(loadPolicy).returns.resolves.toEqualTypeOf<LoadedPolicy>();
  expectTypeOf(createRuntime).parameter(0).toEqualTypeOf<RuntimeOptions>();
  expectTypeOf(createRuntime).returns.resolves.toEqualTypeOf<Runtime>();
  expectTypeOf<PolicyError>().toExtend<Error>();
  expectTypeOf<PolicyError["code"]>().toEqualTypeOf<"E_POLICY_INVALID">();
  expectTypeOf<Runtime>().toExtend<AsyncDisposable>();
  expectTypeOf<Runtime["run"]>().parameter(1).toEqualTypeOf<RunOptions | undefined>();
  expectTypeOf<Runtime["run"]>().returns.resolves.toEqualTypeOf<RunReport>();
  expectTypeOf<Runtime["evaluate"]>().returns.toEqualTypeOf<Decision>();
  expectTypeOf<Runtime["declarations"]>().returns.toEqualTypeOf<string>();
  expectTypeOf<RunReport["ok"]>().toEqualTypeOf<boolean>();
  expectTypeOf<RunOptions["signal"]>().toEqualTypeOf<AbortSignal | undefined>();
});

test("a policy and nothing else is needed", () => {
  expectTypeOf<{ policy: LoadedPolicy }>().toExtend<RuntimeOptions>();
  expectTypeOf<object>().not.toExtend<RuntimeOptions>();
  expectTypeOf<{ policy: LoadedPolicy; spare: 1 }>().not.toEqualTypeOf<RuntimeOptions>();
  expectTypeOf<Parameters<NonNullable<RuntimeOptions["approve"]>>[0]>().toEqualTypeOf<Ticket>();
});

test("hooks are told of calls, and only the one before may answer", () => {
  expectTypeOf<NonNullable<RuntimeOptions["onCall"]>>().parameters.toEqualTypeOf<
    [call: CallBefore, signal: AbortSignal]
  >();
  expectTypeOf<() => undefined>().toExtend<RuntimeOptions["onCall"]>();
  expectTypeOf<() => Promise<string>>().toExtend<RuntimeOptions["onCall"]>();
  expectTypeOf<() => boolean>().not.toExtend<RuntimeOptions["onCall"]>();
  expectTypeOf<NonNullable<RuntimeOptions["onOutcome"]>>().parameters.toEqualTypeOf<[call: CallAfter]>();
});

test("an effect is given what its schema makes, and not what the schema takes", () => {
  type Schema = StandardSchema<{ amount: string }, { amount: number }>;
  expectTypeOf<Parameters<CapabilityDefinition<Schema>["effect"]>>().toEqualTypeOf<
    [args: { amount: number }, context: EffectContext]
  >();
  expectTypeOf<Parameters<NonNullable<CapabilityDefinition<Schema>["target"]>>>().toEqualTypeOf<
    [args: { amount: number }]
  >();
  expectTypeOf(defineCapability<Schema>).returns.toEqualTypeOf<OwnCapability>();
  expectTypeOf<CapabilityDefinition<Schema>["class"]>().toEqualTypeOf<"read" | "reversible" | "irreversible">();
});

test("what the library exports is there when it runs", () => {
  expectTypeOf<keyof typeof import("./library.ts")>().toEqualTypeOf<
    "PolicyError" | "createRuntime" | "defineCapability" | "loadPolicy"
  >();
  for (const exported of [PolicyError, createRuntime, defineCapability, loadPolicy]) expectTypeOf(exported).toBeObject;
});
