/**
 * What a policy says about local-only values, as plain data (part of `PolicyData`). The rules that local-only lists
 * compile to are in `PolicyData.rules`, with `sealed` set; here is the rest: secrets, where each may go, releases,
 * labels, the settle clock and the bounds of compartments.
 */
import type { RuleRef } from "./decision.ts";
import type { HostPattern } from "./policy-data.ts";

export interface LocalOnlyData {
  /** `redact`: plaintext in the VM, encoded forms scrubbed at the output boundary. */
  readonly mode: "sealed" | "redact";
  readonly profile: "strict" | "default" | "relaxed";
  /** Ticks in milliseconds, ascending; exactly one in `strict`, none in `relaxed`. */
  readonly settleMs: readonly number[];
  /** Settle points of one run besides its end. */
  readonly maxWaits: number;
  readonly compute: ComputeLimits;
  readonly maxReleaseBitsPerDay: number | null;
  readonly secrets: readonly SecretData[];
  readonly releases: readonly ReleaseData[];
  readonly labels: readonly LabelData[];
}

/** Bounds of one compartment or private block. */
export interface ComputeLimits {
  /** Polls of the engine's interrupt handler; exactly reproducible. */
  readonly fuel: number;
  readonly wallMs: number;
  readonly memoryBytes: number;
  readonly outputBytes: number;
}

/** A credential. Its plaintext is not here, nor anywhere but in the vault. */
export interface SecretData {
  readonly name: string;
  readonly source: SecretSource;
  /** True: sealed data like any other (`data = true`); false: use-only, at its `uses` and nowhere else. */
  readonly data: boolean;
  readonly uses: readonly SecretUse[];
  readonly ref: RuleRef;
}

/** `field`: dotted path into the JSON that the source holds. */
export type SecretSource =
  | { readonly kind: "env"; readonly name: string; readonly field: string | null }
  | { readonly kind: "file"; readonly path: string; readonly field: string | null }
  | { readonly kind: "command"; readonly argv: readonly string[]; readonly field: string | null }
  /** Token exchange: POST of the secret named `secret` to `url`; the member `field` of the JSON answer is this secret. */
  | { readonly kind: "exchange"; readonly secret: string; readonly url: string; readonly field: string };

export type SecretUse = RequestUse | CommandUse;

/** One exact place in an otherwise public request. */
export interface RequestUse {
  readonly kind: "request";
  /** `secret.stripe.use[0]`; the id of the rule that grants it, too. */
  readonly ref: RuleRef;
  readonly hosts: readonly HostPattern[];
  readonly methods: readonly string[];
  readonly slot: { readonly kind: "header" | "query"; readonly name: string };
  readonly format: SlotFormat;
  readonly response: "public" | "sealed";
  /** `outcome = "ok"`: of a sealed answer the script sees one boolean, whether the status is 2xx. */
  readonly outcome: boolean;
  /** How many outcomes one run may see; null without `outcome`. */
  readonly outcomesPerRun: number | null;
}

/**
 * Text around one placeholder: `Bearer {}`. `of`: what stands in the place of `{}`: the secret itself, or a formatting
 * of it that we implement: `{basic}` (base64 of `user:secret`), `{hmac}` (of public text), `{jwt}` (public claims).
 * `sigv4`: the whole header is the signature of the request (`sigv4:eu-central-1/s3`).
 */
export type SlotFormat =
  | { readonly kind: "template"; readonly before: string; readonly after: string; readonly of: readonly Formatting[] }
  | { readonly kind: "sigv4"; readonly region: string; readonly service: string };

export type Formatting = "original" | "basic" | "hmac" | "jwt";

/** One command that is given the secret; its answer is sealed unless `response` says public. */
export interface CommandUse {
  readonly kind: "command";
  readonly ref: RuleRef;
  /** Words; `*` stands for any one word that does not begin with `-`, `**` (last) for any more of them. */
  readonly argv: readonly string[];
  readonly slot:
    | { readonly kind: "askpass"; readonly remote: string }
    | { readonly kind: "env"; readonly name: string }
    | { readonly kind: "stdin" };
  readonly response: "public" | "sealed";
  /** `outcome = "ok"`: the script may see one boolean, whether the command ended with 0. */
  readonly outcome: boolean;
  /** How many outcomes one run may see; null without `outcome`. */
  readonly outcomesPerRun: number | null;
}

export interface ReleaseData {
  readonly name: string;
  readonly ref: RuleRef;
  readonly from: ReleaseSource;
  /** `$.a.b[0]`, as keys and indexes; empty: the whole. */
  readonly select: readonly (string | number)[];
  readonly type: ReleaseType;
  /** What the script gets where the value is missing, of another type, or not settled. */
  readonly otherwise: string;
  readonly perRun: number;
  readonly perDay: number | null;
  /** Worst case of one release, log2 of the number of values (that of `otherwise` included). */
  readonly bits: number;
}

/** The handle must be an original answer of this request, or of this file, obtained with public arguments. */
export type ReleaseSource =
  | { readonly kind: "request"; readonly method: string; readonly url: string }
  | { readonly kind: "file"; readonly path: string };

export type ReleaseType =
  | { readonly kind: "bool" }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "int"; readonly min: number; readonly max: number }
  | { readonly kind: "pattern"; readonly pattern: string; readonly max: number }
  | { readonly kind: "text"; readonly max: number };

/** A group of local-only resources that are kept apart from others. What no group names has the label `local`. */
export interface LabelData {
  readonly name: string;
  readonly sources: readonly LabelPlace[];
  readonly sinks: readonly LabelPlace[];
}

/** `file:~/notes/**`, `host:localhost:11434`, `env:NAME`, `command:NAME`. */
export type LabelPlace =
  | { readonly kind: "file"; readonly pattern: string }
  | { readonly kind: "host"; readonly pattern: HostPattern }
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "command"; readonly name: string };
