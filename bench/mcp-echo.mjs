/** What B9 stands beside: the protocol's own SDK with a tool that gives back what it is given, nothing else. */
import { Server } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";

const inputSchema = { type: "object", properties: { script: { type: "string" } } };
serveStdio(() => {
  const server = new Server({ name: "echo", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools: [{ name: "run", inputSchema }] }));
  server.setRequestHandler("tools/call", ({ params }) => ({
    content: [{ type: "text", text: String(params.arguments.script) }],
    structuredContent: { value: params.arguments.script },
    isError: false,
  }));
  return server;
});
