import type { Asked } from "./servers.mjs";
export function isSigned(asked: Asked, keys: Readonly<Record<string, string>>): boolean;
