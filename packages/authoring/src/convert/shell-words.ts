/** A command line as words, as a POSIX shell parts it: quotes and backslashes; nothing is expanded. Null where a quote is open. */
export function shellWords(line: string): readonly string[] | null {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(line.slice(at))?.[0].length ?? 0;
    if (at >= line.length || line[at] === "#") return words;
    const word = WORD.exec(line.slice(at))?.[0] ?? "";
    if (word === "") return null;
    at += word.length;
    if (at < line.length && !/\s/.test(line[at] ?? "")) return null;
    words.push(word.replace(PIECE, (piece) => meant(piece)));
  }
}

const WORD = /^(?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+/;
const PIECE = /\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*"/g;

function meant(piece: string): string {
  if (piece.startsWith("'")) return piece.slice(1, -1);
  if (piece.startsWith('"'))
    return piece.slice(1, -1).replace(/\\([$`"\\\n])/g, (_all, one) => (one === "\n" ? "" : one));
  return piece === "\\\n" ? "" : piece.slice(1);
}
