export interface Played {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly happened: Readonly<Record<string, unknown>>;
}
export function play(name: string): Promise<Played>;
