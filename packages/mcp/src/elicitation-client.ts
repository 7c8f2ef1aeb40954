/** The client of one call: how it names itself, whether it can show a form, and what ties a later call to the same client. */
import { createHash } from "node:crypto";
import { canonicalJson, isJsonObject, type Json } from "@agent-run/policy";
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { quoted } from "./quoted.ts";

export interface AskingClient {
  /** For the record: what it calls itself, which nobody has checked. */
  readonly name: string;
  /** It said that it can show forms. */
  readonly canElicit: boolean;
  /** It speaks a revision in which a server asks by its result; else by a request of its own. */
  readonly asksByResult: boolean;
  /** Same for all calls of one client, session and token. */
  readonly identity: string;
}

const FIRST_REVISION_BY_RESULT = "2026-07-28";

export function clientOf(server: Server, { mcpReq, sessionId, http }: ServerContext): AskingClient {
  const asksByResult = (server.getNegotiatedProtocolVersion() ?? "") >= FIRST_REVISION_BY_RESULT;
  // Older clients said it once; newer ones say it with each request.
  const envelope = mcpReq.envelope as Readonly<Record<string, unknown>> | undefined;
  const info = asksByResult ? envelope?.[CLIENT_INFO_META_KEY] : server.getClientVersion();
  const capabilities = asksByResult ? envelope?.[CLIENT_CAPABILITIES_META_KEY] : server.getClientCapabilities();
  const [name, version] = isJsonObject(info) ? [String(info.name), String(info.version)] : ["", ""];
  const { token = "", clientId = "" } = http?.authInfo ?? {};
  return {
    name: `client ${/^[\w.@/ -]{1,60}$/.test(name) ? name : quoted(name, 60)}`,
    canElicit: isJsonObject(capabilities) && hasForms(capabilities.elicitation),
    asksByResult,
    identity: digest([name, version, sessionId ?? "", clientId, token]),
  };
}

/** Before there were modes an empty object meant forms. */
const hasForms = (elicitation: unknown): boolean =>
  isJsonObject(elicitation) && (isJsonObject(elicitation.form) || Object.keys(elicitation).length === 0);

/** SHA-256 of the canonical JSON, in hex. */
export const digest = (value: Json): string => createHash("sha256").update(canonicalJson(value)).digest("hex");
