/** What loading a policy may ask of the world. Passed in, so that this package stays pure and tests can break it. */
export interface PolicyWorld {
  /**
   * Reads a policy file. `realPath` is what relative names in it hang under; `links`, each by the real path of its
   * directory, are those that lead from the name to the file.
   */
  readText(path: string): { ok: true; text: string; realPath: string; links?: readonly string[] } | Unread;
  /** Real path of a directory that exists, or null. */
  realPath(path: string): string | null;
  /** $HOME and the account's home, absolute, without duplicates; `~` stands for each. */
  readonly homes: readonly string[];
  /** Preset name to its text. */
  readonly presets: ReadonlyMap<string, string>;
  sha256(text: string): string;
}

/** `near`: the text as far as it can be shown and the place in it, 1-based, where it goes wrong. */
export interface Unread {
  readonly ok: false;
  readonly reason: string;
  readonly near?: { readonly text: string; readonly line: number; readonly column: number };
}

/** A place in a policy's file. `text` is the line; for the operator only, never for a script. */
export interface PolicyPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** One thing wrong with a policy. */
export interface PolicyProblem extends PolicyPlace {
  /** Lower case, says what was expected. */
  readonly message: string;
  /** `did you mean \`read_allow\`?` */
  readonly hint?: string;
}
