/**
 * Values that no call has: attributes are in canonical form, so a condition that asks for `GET` in small letters, for a
 * relative path or for a host in capitals would never hold. It does not load.
 */
import { compileHost } from "./host-pattern.ts";
import { METHOD_CAPABILITY } from "./signatures.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";

/** No call has such a value: attributes are in canonical form. */
export function neverEqual(
  attribute: string,
  value: string | number,
): { readonly message: string; readonly hint: string } | null {
  const text = String(value);
  if ((attribute === "path" || attribute === "url_path") && !/^\/(?!.*(?:\/\/|\/\.{1,2}(?:\/|$)))/s.test(text)) {
    return {
      message: `\`${attribute}\` is never \`${shown(text)}\`: it is absolute, without dot segments`,
      hint: `write \`${attribute} = { glob = ["${shown(text)}"] }\``,
    };
  }
  if (attribute === "method" && !Object.hasOwn(METHOD_CAPABILITY, text)) {
    return {
      message: `\`${shown(text)}\` is not a method`,
      hint:
        didYouMean(text, Object.keys(METHOD_CAPABILITY)) ?? `there are: ${Object.keys(METHOD_CAPABILITY).join(", ")}`,
    };
  }
  if (attribute === "scheme" && text !== "http" && text !== "https") {
    return { message: `\`${shown(text)}\` is not a scheme`, hint: "there are: http, https" };
  }
  if (attribute === "port" && !(Number(value) >= 1 && Number(value) <= 65_535)) {
    return { message: `\`${text}\` is not a port`, hint: "ports are 1 to 65535" };
  }
  return attribute === "host" ? neverHost(text) : null;
}

function neverHost(text: string): { readonly message: string; readonly hint: string } | null {
  const host = compileHost(text, true);
  const [pattern] = host.ok ? host.patterns : [];
  if (pattern?.host === text && !text.includes("*")) return null;
  const hint =
    pattern === undefined || text.includes("*")
      ? "write a name such as `api.example.com`; patterns stand in `glob`"
      : `did you mean \`${pattern.host}\`?`;
  return { message: `\`host\` is never \`${shown(text)}\``, hint };
}
