/**
 * One line as it is typed on a raw terminal. Only printable ASCII and backspace edit it; anything else (arrow keys, pasted
 * escape sequences, other scripts) becomes a `?` in it, so that the line is no word that allows anything.
 */
export interface Typed {
  /** What the terminal shows of it. */
  readonly echo: string;
  /** `interrupt`: ^C or ^\; `stop`: ^Z; `end`: ^D on an empty line. */
  readonly end: "line" | "interrupt" | "stop" | "end" | null;
}

/** Longer than any answer; what is over it counts as one more character. */
const MAX_LENGTH = 200;

export class Typing {
  #line = "";

  get line(): string {
    return this.#line.trim();
  }

  /** Before a question can have been read: nothing of it is kept, but ^C is heard. */
  static urgent(data: string): Typed {
    return { echo: "", end: data.includes("\u0003") || data.includes("\u001c") ? "interrupt" : null };
  }

  take(data: string): Typed {
    let echo = "";
    for (const character of data) {
      const end = this.#endOf(character);
      if (end !== null) return { echo, end };
      echo += this.#put(character);
    }
    return { echo, end: null };
  }

  #endOf(character: string): Typed["end"] {
    if (character === "\r" || character === "\n") return "line";
    if (character === "\u0003" || character === "\u001c") return "interrupt";
    if (character === "\u001a") return "stop";
    return character === "\u0004" && this.#line === "" ? "end" : null;
  }

  #put(character: string): string {
    if (character === "\u007f" || character === "\b") {
      if (this.#line === "") return "";
      this.#line = this.#line.slice(0, -1);
      return "\b \b";
    }
    if (this.#line.length > MAX_LENGTH) return "";
    const shown = /^[ -~]$/.test(character) ? character : "?";
    this.#line += shown;
    return shown;
  }
}
