export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}
export interface Served {
  readonly port: number;
  readonly heard: Asked[];
  close(): Promise<void>;
}
export const CA_FILE: string;
export function serve(
  answer: (asked: Asked) => Answer | Promise<Answer>,
  options?: { readonly secure?: boolean },
): Promise<Served>;
