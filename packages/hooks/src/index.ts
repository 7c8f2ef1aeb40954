export { answerHook, failure, type HookAnswer, MAX_INPUT } from "./answer.ts";
export * from "./host-call.ts";
export { judgeHostCall } from "./judge-host.ts";
export { opencodePlugin } from "./opencode-plugin.ts";
