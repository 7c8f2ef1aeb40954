/**
 * Where secrets come from: read here, by this process itself, when they are first needed in a run. Nothing of them, not
 * even whether they could be read, is told.
 */
import { readFileSync, statSync } from "node:fs";
import type { SecretData, SecretSource } from "@agent-run/gate";
import { secretField } from "@agent-run/policy";
import { type Attempt, done, failed, type Plain, plainText } from "./plain.ts";

export interface SecretPorts {
  readonly secrets: readonly SecretData[];
  /** Values of the variables that the launcher handed over. */
  readonly variables: Readonly<Record<string, string>>;
  /** Output of the operator's own command. */
  command(argv: readonly string[]): Promise<Attempt<string>>;
  /** The body of a token endpoint's answer, asked with the other secret. */
  exchange(url: string, secret: string): Promise<Attempt<string>>;
}

/** Larger ones are no secrets. */
const MAX_BYTES = 1024 * 1024;

export class Secrets {
  readonly #ports: SecretPorts;
  readonly #known = new Map<string, Promise<Attempt<Plain>>>();

  constructor(ports: SecretPorts) {
    this.#ports = ports;
  }

  get(name: string): Promise<Attempt<Plain>> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const secret = this.#ports.secrets.find((one) => one.name === name);
    const value = secret === undefined ? Promise.resolve(failed("there is no such secret")) : this.#read(secret.source);
    this.#known.set(name, value);
    return value;
  }

  async #read(source: SecretSource): Promise<Attempt<Plain>> {
    switch (source.kind) {
      case "env": {
        const value = Object.hasOwn(this.#ports.variables, source.name)
          ? this.#ports.variables[source.name]
          : undefined;
        return value === undefined ? failed(`\`${source.name}\` is not set`) : fieldOf(value, source.field);
      }
      case "file":
        return readFile(source.path, source.field);
      case "command": {
        const output = await this.#ports.command(source.argv);
        return output.ok ? fieldOf(withoutLineEnd(output.value), source.field) : output;
      }
      case "exchange": {
        const other = await this.get(source.secret);
        if (!other.ok) return other;
        const text = plainText(other.value);
        if (!text.ok) return text;
        const answer = await this.#ports.exchange(source.url, text.value);
        return answer.ok ? fieldOf(answer.value, source.field) : answer;
      }
    }
  }
}

function readFile(path: string, field: string | null): Attempt<Plain> {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > MAX_BYTES)
      return failed(`\`${path}\` is no file of at most ${MAX_BYTES} bytes`);
    const text = readFileSync(path, "utf8");
    // Editors end files with a line break that is no part of the secret.
    return fieldOf(field === null ? withoutLineEnd(text) : text, field);
  } catch {
    return failed(`\`${path}\` cannot be read`);
  }
}

const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, "");

function fieldOf(text: string, field: string | null): Attempt<Plain> {
  if (field === null) return done(text);
  const value = secretField(text, field);
  return value === undefined ? failed(`it is not JSON with a field \`${field}\``) : done(value);
}
