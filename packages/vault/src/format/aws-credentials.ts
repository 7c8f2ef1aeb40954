/** The three parts that an AWS secret has, from one text or from an object. */
import { isJsonObject } from "@agent-run/gate";
import { type Attempt, done, failed, type Plain } from "../plain.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials have one. */
  readonly sessionToken: string | null;
}

/** `ID:SECRET`, `ID:SECRET:TOKEN`, or JSON with `access_key_id`, `secret_access_key` and perhaps `session_token`. */
export function awsCredentials(value: Plain): Attempt<AwsCredentials> {
  const fields = typeof value === "string" && !value.trimStart().startsWith("{") ? value.split(":") : members(value);
  const [accessKeyId, secretAccessKey, sessionToken = null, ...rest] = fields;
  const all = [accessKeyId, secretAccessKey, sessionToken ?? "-"];
  // What is not printable ASCII could end a header, or is no credential of AWS.
  const clean = all.every((text): text is string => typeof text === "string" && /^[!-~]+$/.test(text));
  if (rest.length > 0 || typeof accessKeyId !== "string" || typeof secretAccessKey !== "string" || !clean) {
    return failed("the secret is neither `ID:SECRET[:TOKEN]` nor JSON with access_key_id and secret_access_key");
  }
  return done({ accessKeyId, secretAccessKey, sessionToken: typeof sessionToken === "string" ? sessionToken : null });
}

function members(value: Plain): readonly unknown[] {
  const object = typeof value === "string" ? parsed(value) : value;
  if (!isJsonObject(object)) return [];
  return ["access_key_id", "secret_access_key", "session_token"].map((name) =>
    Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
