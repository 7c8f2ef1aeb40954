export { type McpOptions, serveMcp, serverFor } from "./server.ts";
