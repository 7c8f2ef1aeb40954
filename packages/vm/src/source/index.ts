export { codeFrame, type FrameOptions } from "./frame.ts";
export { BUILTIN_MODULES } from "./modules.ts";
export { originalPosition } from "./original-position.ts";
export { loadTypescript, parseScript, type ScriptOptions, type ScriptParse, type ScriptProgram } from "./parse.ts";
export type { Position } from "./position.ts";
export type { SourceProblem } from "./problem.ts";
export type { Edit } from "./rewrite.ts";
export { fencedLanguage } from "./unfence.ts";
export type { Use } from "./uses.ts";
