export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly {
  readonly id: string;
  readonly rule: string;
  readonly edits: readonly Edit[];
  readonly killers: readonly string[];
}[];
