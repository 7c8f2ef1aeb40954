export { type McpHandle, type McpOptions, serveMcp } from "./serve.ts";
