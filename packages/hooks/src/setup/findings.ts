/** What an inspection found, and the settings that it reads: a file that cannot be read is a finding, and holds nothing. */
import { parse } from "jsonc-parser";
import { type Setting, type SetupHost, SetupRefusal } from "./host.ts";
import { parsedRoot } from "./json-document.ts";
import { readSettings } from "./settings-file.ts";
import { valuesOf } from "./toml-setup.ts";

export interface Finding {
  readonly host: SetupHost;
  readonly state: "ok" | "warn" | "fail";
  readonly detail: string;
  readonly hint?: string;
}

/** Our own entries of both scopes, as the words that a host would start. */
export interface Parts {
  readonly servers: (readonly string[])[];
  readonly hooks: (readonly string[])[];
  isThere: boolean;
}

export class Notes {
  readonly all: Finding[] = [];
  readonly #host: SetupHost;
  constructor(host: SetupHost) {
    this.#host = host;
  }
  say(state: Finding["state"], detail: string, hint?: string): void {
    this.all.push({ host: this.#host, state, detail, ...(hint === undefined ? {} : { hint }) });
  }
  failures(): readonly Finding[] {
    return this.all.filter(({ state }) => state === "fail");
  }
}

/** Settings of one scope; a file that cannot be read is told, and holds nothing. */
export class Settings {
  readonly setting: Setting;
  readonly #seen: Notes;
  constructor(setting: Setting, seen: Notes) {
    this.setting = setting;
    this.#seen = seen;
  }
  text(path: string): string | null {
    return this.#attempt(path, (text) => text);
  }
  json(path: string): unknown {
    return this.#attempt(path, (text) => {
      parsedRoot(text.replace(/^\uFEFF/, ""));
      return parse(text.replace(/^\uFEFF/, ""), [], { allowTrailingComma: true }) as unknown;
    });
  }
  toml(path: string): unknown {
    return this.#attempt(path, valuesOf);
  }
  #attempt<T>(path: string, read: (text: string) => T): T | null {
    try {
      const text = readSettings(path, this.setting.scope === "project" ? this.setting.project : this.setting.home);
      return text === null ? null : read(text);
    } catch (error) {
      const says =
        error instanceof SetupRefusal ? error.message : String((error as NodeJS.ErrnoException).code ?? error);
      this.#seen.say("fail", `\`${path}\`: ${says}`, "what it says is not known, so count on nothing being asked");
      return null;
    }
  }
}

export const texts = (words: readonly unknown[]): string[] => words.map(String);
