export { Elicitation } from "./elicitation.ts";
export { type McpHandle, type McpOptions, serveMcp } from "./serve.ts";
