export interface Mistake {
  readonly name: string;
  readonly code: string | null;
}
export const SCRIPTS: readonly Mistake[];
