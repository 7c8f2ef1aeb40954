/** From a definition of the public side to a value: parts, readings, encodings, signatures, compartments. */
import type { Definition, Json } from "@agent-run/gate";
import { isResponse } from "./answer.ts";
import { hmac } from "./format/hmac.ts";
import { jwt } from "./format/jwt.ts";
import { type Attempt, done, failed, type Plain, plainText } from "./plain.ts";
import { encodeText } from "./substitute/encode.ts";
import { inText } from "./substitute/text.ts";
import type { Values } from "./values.ts";

export interface DefinitionPorts {
  readonly values: Values;
  secret(name: string): Promise<Attempt<Plain>>;
  variable(name: string): Attempt<Plain>;
  compute(source: string, inputs: readonly Plain[], args: readonly Json[]): Promise<Attempt<Plain>>;
}

/** `handle`: the one that is defined. */
export async function computedValue(handle: number, as: Definition, ports: DefinitionPorts): Promise<Attempt<Plain>> {
  const { values } = ports;
  switch (as.kind) {
    case "secret":
      return ports.secret(as.name);
    case "variable":
      return ports.variable(as.name);
    case "get":
      return mapped(await values.get(as.of), (value) => memberOf(value, as.key));
    case "as":
      return mapped(await values.get(as.of), (value) => readAs(as.how, value));
    case "encode":
      return mapped(await values.ofTexts([as.text], handle), (known) => encodeText(as.how, as.text, known));
    case "hmac":
      return mapped(await values.ofTexts([as.key, as.data], handle), (known) => {
        const key = inText(as.key, known);
        const data = inText(as.data, known);
        if (!key.ok || !data.ok) return failed("the key or the data of the signature has no text");
        return hmac(as.algorithm, key.value, data.value, as.output);
      });
    case "jwt":
      return mapped(await values.ofTexts([as.key], handle), (known) => {
        const key = inText(as.key, known);
        return key.ok ? jwt(as.algorithm, key.value, as.claims) : key;
      });
    case "compute": {
      const inputs: Plain[] = [];
      for (const input of as.inputs) {
        const value = await values.get(input);
        if (!value.ok) return value;
        inputs.push(value.value);
      }
      return ports.compute(as.source, inputs, as.args);
    }
  }
}

const mapped = <A, B>(value: Attempt<A>, next: (value: A) => Attempt<B>): Attempt<B> =>
  value.ok ? next(value.value) : value;

/** Own members only; a member that is not there is undefined, and stays sealed as that. */
function memberOf(value: Plain, key: string): Attempt<Plain> {
  if (typeof value === "string")
    return done(key === "length" ? value.length : /^\d+$/.test(key) ? value[Number(key)] : undefined);
  if (Array.isArray(value) && key === "length") return done(value.length);
  if (value === null || value === undefined) return failed(`it has no member \`${key}\`: it is ${value}`);
  return done(
    typeof value === "object" && Object.hasOwn(value, key) ? (value as Record<string, Json>)[key] : undefined,
  );
}

/** Of a response its body. */
function readAs(how: "json" | "text", value: Plain): Attempt<Plain> {
  const content = isResponse(value) ? value.body : value;
  const text = plainText(content);
  if (!text.ok || how === "text") return text;
  if (typeof content !== "string") return done(content);
  try {
    return done(JSON.parse(text.value) as Json);
  } catch {
    return failed("it is not JSON");
  }
}
