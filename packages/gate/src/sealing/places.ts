/**
 * Where in the arguments of an operation sealed data may stand. Content may hold it; what names a thing (a path, a host,
 * a method, a program's words) may not, at any destination: a name is seen by others than the destination.
 */
import { isJsonArray, isJsonObject, type Json } from "@agent-run/policy";
import { textsOf } from "./token.ts";

export interface Places {
  /** Texts that may hold tokens. */
  readonly content: readonly string[];
  /** Texts that may not, each with what it names. */
  readonly names: readonly (readonly [what: string, text: string])[];
}

export function placesOf(op: string, args: Json): Places {
  if (!isJsonObject(args)) return { content: [], names: named("argument", args) };
  const read = READERS[op];
  return read === undefined ? { content: [], names: named("argument", args) } : read(args);
}

type Reader = (args: { readonly [name: string]: Json }) => Places;

const READERS: Readonly<Record<string, Reader>> = {
  "fs.write": ({ data = null, base64 = false, ...rest }) => ({
    content: base64 === true ? decoded(data) : [...textsOf(data)],
    names: named("file name", rest),
  }),
  "net.request": ({ url = "", headers = null, body = null, bodyBase64 = null, ...rest }) => {
    const { place, content } = urlParts(url);
    const fields = isJsonArray(headers) ? headers : [];
    return {
      content: [
        ...content,
        ...fields.flatMap((field) => [...textsOf(second(field))]),
        ...textsOf(body),
        ...decoded(bodyBase64),
      ],
      names: [
        ...named("host name", place),
        ...fields.flatMap((field) => named("header's name", first(field))),
        ...named("argument", rest),
      ],
    };
  },
  "subprocess.exec": ({ stdin = null, env = null, argv = null, ...rest }) => ({
    content: [
      ...textsOf(stdin),
      ...(isJsonObject(env) ? Object.values(env).flatMap((value) => [...textsOf(value)]) : []),
    ],
    names: [
      ...named("command or one of its words", argv),
      ...named("variable's name", isJsonObject(env) ? Object.keys(env) : env),
      ...named("argument", rest),
    ],
  }),
};

const first = (field: Json): Json => (isJsonArray(field) ? (field[0] ?? null) : field);
const second = (field: Json): Json => (isJsonArray(field) ? (field[1] ?? null) : null);

const named = (what: string, value: Json): (readonly [string, string])[] =>
  [...textsOf(value)].map((text) => [what, text]);

/** Scheme, userinfo, host and port apart from path and query; a fragment is never sent and names nothing. */
function urlParts(url: Json): { readonly place: Json; readonly content: readonly string[] } {
  if (typeof url !== "string") return { place: url, content: [] };
  const [before = ""] = /^[a-z][a-z0-9+.-]*:[/\\]*[^/\\?#]*/i.exec(url) ?? [url];
  return { place: before, content: [url.slice(before.length)] };
}

/** A body in base64 is searched as what it decodes to. */
function decoded(value: Json): string[] {
  if (typeof value !== "string") return [];
  try {
    return [Buffer.from(value, "base64").toString("latin1")];
  } catch {
    return [];
  }
}
