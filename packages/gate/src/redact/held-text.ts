/** The end of a text, as the chunks it came in: adding to it and taking from its front do not copy what is between. */
export class HeldText {
  /** Place in the whole text where the held part begins. */
  start = 0;
  readonly pieces: string[] = [];

  add(piece: string): void {
    if (piece !== "") this.pieces.push(piece);
  }

  /** Removes and returns what lies before the place `to`; nothing, if that is gone already. */
  take(to: number): string {
    let taken = "";
    while (this.start < to) {
      const [piece] = this.pieces;
      if (piece === undefined) break;
      const part = piece.slice(0, to - this.start);
      taken += part;
      this.start += part.length;
      if (part.length === piece.length) this.pieces.shift();
      else this.pieces[0] = piece.slice(part.length);
    }
    return taken;
  }
}
