export { canonicalAddress, specialPurpose } from "./address.ts";
export { type ArgumentPath, argumentPaths } from "./argument-paths.ts";
export { matchArgs } from "./argv.ts";
export { type CallBase, requestOf } from "./call.ts";
export { readCall } from "./call-text.ts";
export { type Capacity, type CapacityPart, capacityOf } from "./capacity.ts";
export * from "./codes.ts";
export * from "./condition.ts";
export * from "./decision.ts";
export { explainLocalOnly } from "./explain-local-only.ts";
export type * from "./explanation.ts";
export { deniedFlagsOf, type FlagDenial } from "./flags.ts";
export { escapeGlob } from "./glob-text.ts";
export * from "./json.ts";
export { ALIASES, KEYS, type KeyPath, type KeySpec, LATER } from "./keys.ts";
export * from "./limits.ts";
export {
  boundBy,
  type LoadOptions,
  type LoadResult,
  loadPolicy,
  loadPolicyText,
  loadPreset,
  type PolicyText,
} from "./load.ts";
export type * from "./local-only-data.ts";
export { isMentioned } from "./mention.ts";
export { canonicalPath, type PathBase } from "./path.ts";
export { rootPattern } from "./path-pattern.ts";
export { Policy } from "./policy.ts";
export * from "./policy-data.ts";
export { formatProblems } from "./problem-text.ts";
export { readReleasePattern } from "./release-type.ts";
export * from "./request.ts";
export * from "./result.ts";
export { compileGlob, globStart, readScriptGlob, type ScriptGlob } from "./script-glob.ts";
export { secretField } from "./secret-field.ts";
export { showPolicy } from "./show.ts";
export * from "./signatures.ts";
export { nearest } from "./suggest.ts";
export { type FieldSpec, TABLE_TITLES, TABLES, type TableName } from "./table-keys.ts";
export { type CanonicalUrl, canonicalUrl } from "./url.ts";
export { canonicalVariable, isLoaderVariable } from "./variable.ts";
export { isWeakSecret } from "./weak-secret.ts";
export * from "./world.ts";
