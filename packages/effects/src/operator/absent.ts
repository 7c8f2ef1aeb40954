import { lstatSync } from "node:fs";

/** True only if there certainly is nothing: any other answer of the system, an error included, counts as "there". */
export function isAbsent(path: string): boolean {
  try {
    lstatSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
