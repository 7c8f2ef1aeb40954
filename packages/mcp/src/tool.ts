/** What the server needs of a tool: how it is listed, and what a call of it gives. */
import type { Failure, Json } from "@agent-run/policy";
import type { RunOptions } from "@agent-run/runtime";
import type { CallToolResult, Tool as ListedTool, ServerContext } from "@modelcontextprotocol/server";
import { wellFormed, wellFormedText } from "./quoted.ts";

export interface Tool {
  readonly listed: ListedTool;
  /** The policy never allows what it does: a call of it is answered, but it takes no room in a model's prompt. */
  readonly unlisted?: boolean;
  /** `signal`: the client cancelled, or is away for too long, or the server closes. */
  call(given: unknown, signal: AbortSignal, context: ToolContext): Promise<CallToolResult> | CallToolResult;
  /** A call that began nothing, after the tool's output schema; without it, text alone. */
  refused?(failure: Failure): CallToolResult;
}

export interface ToolContext extends ServerContext {
  /** For a run that may ask this client; `onBegin` tells it that the run is no longer waiting for its turn. */
  readonly asking: Required<Pick<RunOptions, "channels" | "onBegin">>;
}

/** For hosts that cut results early unless a tool says how long they may get: characters of text. */
export const LARGE_RESULT = { "anthropic/maxResultSizeChars": 500_000 } as const;

/** The same answer twice: as data after the tool's output schema, and as text. */
export function answer(data: Readonly<Record<string, unknown>>, text: string, isError: boolean): CallToolResult {
  return {
    content: [{ type: "text", text: wellFormedText(text) }],
    structuredContent: wellFormed(data as Json) as Record<string, unknown>,
    isError,
  };
}
