export const ROWS: readonly { readonly row: number; readonly title: string; readonly elsewhere: string | null }[];
