/**
 * What a call would do to a file, for the person who is asked about it: made on the host's side from the bytes that the
 * gate holds, after its check and before anything happens. It may show what the script itself may not read, so it is for
 * the operator's own terminal, and neither for the script nor for a model. Nothing local-only is in it.
 */
export type Preview =
  | {
      readonly kind: "diff";
      /** Lines of a unified diff without its header, each with its mark. */
      readonly lines: readonly string[];
      readonly added: number;
      readonly removed: number;
      /** Changed lines that are not among `lines`. */
      readonly left: number;
    }
  | {
      readonly kind: "sizes";
      /** Why there is no diff: `binary`, `large`, or too many differences. */
      readonly why: "binary" | "large" | "different";
      readonly before: Content | null;
      readonly after: Content;
    };

export interface Content {
  readonly bytes: number;
  /** SHA-256 in hex; null where there was too much to read. */
  readonly sha256: string | null;
}
