declare const __VERSION__: string | undefined;

/** The published version; `dev` where the sources run without a build. */
export const version = typeof __VERSION__ === "string" ? __VERSION__ : "dev";
