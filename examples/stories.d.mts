export const KEYS: Readonly<Record<string, string>>;
export const STORIES: Readonly<Record<string, object>>;
