/** What the server needs of a tool: how it is listed, and what a call of it gives. */
import type { Json } from "@agent-run/policy";
import type { CallToolResult, Tool as ListedTool, ServerContext } from "@modelcontextprotocol/server";
import { wellFormed, wellFormedText } from "./quoted.ts";

export interface Tool {
  readonly listed: ListedTool;
  /** `signal`: the client cancelled, or the server closes. */
  call(given: unknown, signal: AbortSignal, context: ServerContext): Promise<CallToolResult> | CallToolResult;
}

/** The same answer twice: as data after the tool's output schema, and as text. */
export function answer(data: Readonly<Record<string, unknown>>, text: string, isError: boolean): CallToolResult {
  return {
    content: [{ type: "text", text: wellFormedText(text) }],
    structuredContent: wellFormed(data as Json) as Record<string, unknown>,
    isError,
  };
}
