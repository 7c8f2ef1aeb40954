/** Our entry among a host's MCP servers. */
import { field, isOurServer, wordsOf } from "./claude-code.ts";
import { type Parts, texts } from "./findings.ts";
import { ENTRY } from "./host.ts";

export function lookAtServer(config: unknown, table: string, parts: Parts): void {
  const entry = field(field(config, table), ENTRY);
  if (!isOurServer(entry)) return;
  parts.isThere = true;
  parts.servers.push(texts(wordsOf(entry)));
}
