export const PAGE: string;
export function exportedNames(): { readonly exported: readonly string[]; readonly documented: readonly string[] };
export function withApi(page: string): string;
