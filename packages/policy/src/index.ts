export { canonicalAddress, rangeEnds, specialPurpose, specialRangeEnds } from "./address.ts";
export * from "./approval-words.ts";
export { type ApprovalSettings, askingRule, type Demand, demandOf } from "./approvals.ts";
export { runsArbitraryCode } from "./arbitrary-code.ts";
export { type ArgumentPath, argumentPaths } from "./argument-paths.ts";
export { BUNDLES, isCluster, matchArgs, matchesLines, readLine, readPattern } from "./argv.ts";
export { attributesOf, OPERATORS } from "./attributes.ts";
export { BUDGET_IDS, limitedRules } from "./budget.ts";
export { type CallBase, requestOf } from "./call.ts";
export { readCall } from "./call-text.ts";
export { type Capacity, type CapacityPart, capacityOf } from "./capacity.ts";
export * from "./codes.ts";
export { allNames, baseName, type CommandText, commandText, isGrantedCommand, isNamedCommand } from "./command.ts";
export * from "./condition.ts";
export * from "./decision.ts";
export { parseDuration } from "./duration.ts";
export { readCommandName, readVariable } from "./entry.ts";
export { expiredRules } from "./expired.ts";
export { explainLocalOnly } from "./explain-local-only.ts";
export type * from "./explanation.ts";
export { explanationDetails, explanationForModel, placed } from "./explanation-text.ts";
export { deniedFlagsIn, deniedFlagsOf, type FlagDenial, flagsOf } from "./flags.ts";
export { type CharacterClass, type Token, tokenize } from "./glob.ts";
export { escapeGlob } from "./glob-text.ts";
export { inAnyRange, isThisMachine } from "./host.ts";
export { compileHost } from "./host-pattern.ts";
export { hostText } from "./host-text.ts";
export { isWithin } from "./hours.ts";
export * from "./json.ts";
export { ALIASES, KEYS, type KeyPath, type KeySpec, LATER } from "./keys.ts";
export { changed, plainDecision } from "./lazy-hint.ts";
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
export { once } from "./once.ts";
export {
  allDetours,
  detours,
  globalValues,
  hasOwnOptions,
  interpreterOf,
  isSingleDash,
  readsResponseFiles,
  sameSubcommands,
  spellings,
  spellingWays,
  takesCamelTasks,
  takesShortSubcommands,
} from "./options.ts";
export { canonicalPath, type PathBase } from "./path.ts";
export { compilePath, rootPattern } from "./path-pattern.ts";
export { Policy } from "./policy.ts";
export * from "./policy-data.ts";
export { type PolicyVersion, versionOf } from "./policy-version.ts";
export { Problems, placeFinder } from "./problem.ts";
export { formatProblems } from "./problem-text.ts";
export { type RegexStep, regexProgram } from "./regex.ts";
export { readReleasePattern } from "./release-type.ts";
export * from "./request.ts";
export * from "./result.ts";
export { isRunner, linesBehind, namesBehind } from "./runner.ts";
export { compileGlob, globStart, readScriptGlob, type ScriptGlob } from "./script-glob.ts";
export { secretField } from "./secret-field.ts";
export { isUseOf } from "./secret-use.ts";
export { showPolicy } from "./show.ts";
export * from "./signatures.ts";
export { fold } from "./spelling.ts";
export { readSubject, type Subject } from "./subject.ts";
export { nearest } from "./suggest.ts";
export { type FieldSpec, TABLE_TITLES, TABLES, type TableName } from "./table-keys.ts";
export { readTestFile, type TestFile } from "./test-file.ts";
export { type Node, readToml, type TableNode } from "./toml.ts";
export { type CanonicalUrl, canonicalUrl, decodedPattern } from "./url.ts";
export { canonicalVariable, isLoaderVariable } from "./variable.ts";
export { isWeakSecret } from "./weak-secret.ts";
export { matchesWords } from "./words.ts";
export * from "./world.ts";
