export type Via = "cli" | "text" | "mcp";

export interface Technique {
  readonly id: string;
  readonly theme: string;
  readonly title: string;
  readonly rows: readonly number[];
  readonly aegis: readonly number[];
  readonly via: readonly Via[];
  readonly expect: readonly string[];
  readonly scripts: readonly string[];
}

export function techniques(): readonly Technique[];
export function techniquesIn(theme: string, text: string): readonly Technique[];
