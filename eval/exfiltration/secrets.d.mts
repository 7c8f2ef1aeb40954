export interface Secret {
  readonly name: string;
  readonly raw: string;
}

export const SECRETS: readonly Secret[];
export const HEADER_SAFE: readonly Secret[];
export function behaviourOf(raw: string): Readonly<Record<string, unknown>>;
