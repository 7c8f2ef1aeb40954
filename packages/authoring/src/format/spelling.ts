/** One way to write a key and a text: without quotes, else in double quotes, where that needs no escape. */
/** Stands between double quotes as it is. What can not be seen is never put in the place of its escape. */
const PLAIN = /^[^"\\\p{Cc}]*$/u;

/** `written`: with its quotes. */
export function stringText(written: string, value: string): string {
  const width = /^("""|''')/.test(written) ? 3 : 1;
  return PLAIN.test(value) && written.slice(width, -width) === value ? `"${value}"` : written;
}

export const keyText = (written: string, name: string): string =>
  /^[A-Za-z0-9_-]+$/.test(name) ? name : stringText(written, name);
