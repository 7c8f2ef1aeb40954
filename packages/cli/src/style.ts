/** Colours, where a person reads: never in a pipe, never with NO_COLOR, always with `--color`. */
import { isTerminal } from "./terminal.ts";

export interface Style {
  bold(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  dim(text: string): string;
}

export function styleFor(fd: 1 | 2, color: boolean | undefined): Style {
  const on = color ?? (isTerminal(fd) && !process.env.NO_COLOR);
  const wrap = (code: number) => (text: string) => (on ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: wrap(1), red: wrap(31), green: wrap(32), yellow: wrap(33), dim: wrap(2) };
}
