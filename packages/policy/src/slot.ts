/**
 * The exact place of a request or command in which a secret may stand, and the text around it. What this guards: a slot
 * that frames the message (`content-length`, `host`) or that outlives it (`cookie`) would let a secret change where a
 * request goes or what it is, so none of these is a slot (DEFAULT-NO).
 */
import type { CommandUse, Formatting, RequestUse, SlotFormat } from "./local-only-data.ts";
import { type Misread, misread } from "./problem.ts";
import { CONTROL, shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import { isLoaderVariable } from "./variable.ts";

/** RFC 9110 sections 7.2, 7.6.1, 8.6, 10.1.1; RFC 6265; `accept-encoding` belongs to who reads the answer. */
const REFUSED_HEADERS: ReadonlySet<string> = new Set(
  (
    "host content-length transfer-encoding connection keep-alive te trailer upgrade expect proxy-connection " +
    "proxy-authorization proxy-authenticate http2-settings cookie cookie2 set-cookie content-encoding accept-encoding"
  ).split(" "),
);

/** RFC 9110: token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

export function readRequestSlot(text: string): { readonly ok: true; readonly slot: RequestUse["slot"] } | Misread {
  const [, kind = "", name = ""] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (kind === "header") {
    const lower = name.toLowerCase();
    if (!HEADER_NAME.test(name)) return misread(`\`${shown(name)}\` is not the name of a header`);
    if (REFUSED_HEADERS.has(lower)) {
      return misread(`\`${lower}\` is no slot: it frames the request, or outlives it`, "write `header:authorization`");
    }
    return { ok: true, slot: { kind, name: lower } };
  }
  if (kind === "query") {
    const good = /^[\w.[\]~-]{1,64}$/.test(name);
    return good
      ? { ok: true, slot: { kind, name } }
      : misread(`\`${shown(name)}\` is not the name of a query parameter`);
  }
  return misread("the slot of a request is `header:NAME` or `query:NAME`", didYouMean(kind, ["header", "query"]));
}

/** Without the remote, which stands beside it. */
export type CommandSlot = Exclude<CommandUse["slot"], { kind: "askpass" }> | { readonly kind: "askpass" };

/** Names that say what a child loads, finds or talks to. */
const REFUSED_VARIABLES = /^(?:PATH|HOME|PWD|SHELL|IFS|ENV|BASH_ENV|TMPDIR|GIT_.*|SSH_ASKPASS|.*_PROXY)$/i;

export function readCommandSlot(text: string): { readonly ok: true; readonly slot: CommandSlot } | Misread {
  if (text === "askpass" || text === "stdin") return { ok: true, slot: { kind: text } };
  const name = /^env:([A-Za-z_][A-Za-z0-9_]{0,127})$/.exec(text)?.[1];
  if (name === undefined) {
    const near = didYouMean(text, ["askpass", "stdin"]);
    return misread("the slot of a command is `askpass`, `env:NAME` or `stdin`", near);
  }
  if (isLoaderVariable(name) || REFUSED_VARIABLES.test(name)) {
    return misread(`\`${name}\` is no slot: it says what a command loads, finds or talks to`);
  }
  return { ok: true, slot: { kind: "env", name } };
}

export const PLAIN_FORMAT: SlotFormat = { kind: "template", before: "", after: "", of: ["original"] };

const PLACEHOLDERS: Readonly<Record<string, Formatting>> = {
  "{}": "original",
  "{basic}": "basic",
  "{hmac}": "hmac",
  "{jwt}": "jwt",
};

const MAX_FORMAT = 200;

export function readFormat(
  text: string,
  slot: RequestUse["slot"],
): { readonly ok: true; readonly format: SlotFormat } | Misread {
  if (/^sigv4\b/i.test(text)) return readSignature(text, slot);
  // Printable ASCII: what else stands in a header is read differently by different servers.
  if (text.length > MAX_FORMAT || CONTROL.test(text) || !/^[ -~]*$/.test(text)) {
    return misread(`\`format\` is up to ${MAX_FORMAT} characters of plain text`);
  }
  const [placeholder = "", ...others] = text.match(/\{[^{}]*\}/g) ?? [];
  const of = Object.hasOwn(PLACEHOLDERS, placeholder) ? PLACEHOLDERS[placeholder] : undefined;
  if (of === undefined || others.length > 0 || /[{}]/.test(text.replace(placeholder, ""))) {
    return misread(
      "`format` holds one placeholder: `{}`, `{basic}`, `{hmac}` or `{jwt}`",
      "write `Bearer {}`, `token {}`, `Basic {}`, or `sigv4:REGION/SERVICE`",
    );
  }
  const at = text.indexOf(placeholder);
  const [before, after] = [text.slice(0, at), text.slice(at + placeholder.length)];
  const isBasic = of === "original" && /^basic $/i.test(before) && after === "";
  return { ok: true, format: { kind: "template", before, after, of: isBasic ? ["original", "basic"] : [of] } };
}

function readSignature(
  text: string,
  slot: RequestUse["slot"],
): { readonly ok: true; readonly format: SlotFormat } | Misread {
  const [, region = "", service = ""] = /^sigv4:([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})$/.exec(text) ?? [];
  if (region === "") return misread("a signature is written `sigv4:REGION/SERVICE`", "write `sigv4:eu-central-1/s3`");
  if (slot.kind !== "header" || slot.name !== "authorization") {
    return misread("a signature stands in the slot `header:authorization`");
  }
  return { ok: true, format: { kind: "sigv4", region, service } };
}
