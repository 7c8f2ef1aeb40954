/**
 * The part of Standard Schema v1 (https://standardschema.dev) that is used here: what zod, valibot, arktype and others
 * offer, and what a definition without any library can offer by itself.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** Standard JSON Schema: where it is there, declarations for a model are made of it. */
    readonly jsonSchema?: { readonly input: (options: { readonly target: string }) => Record<string, unknown> };
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema makes of what it is given. */
export type OutputOf<Schema extends StandardSchema> = NonNullable<Schema["~standard"]["types"]>["output"];

const MOST_ISSUES = 5;
const MOST_OF_ONE = 300;

/** `amount: must be positive; to: is missing`. Text of the definition's library, on one line. */
export function issuesText(issues: readonly SchemaIssue[]): string {
  const shown = issues.slice(0, MOST_ISSUES).map(({ message, path = [] }) => {
    const place = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
    return oneLine(`${place === "" ? "" : `${place}: `}${message}`);
  });
  const more = issues.length - shown.length;
  return `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** What a terminal or a model could take for something else is shown as a space. */
export const oneLine = (text: string, most = MOST_OF_ONE): string => {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
};
