export function gapsOf(log: readonly { readonly text: string; readonly at: number }[], tickMs: number): string;
export function timeOf(
  file: { readonly name: string; readonly mtimeMs: number },
  times: { readonly startMs: number; readonly tickMs: number },
): string;
