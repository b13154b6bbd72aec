/** Which process of which host wrote a line; lines of different origins are different streams. */
export interface Origin {
  host?: string;
  unit?: string;
  pid?: string;
  container?: string;
}

/** A line, or a part of one, on its way through the layers. */
export interface Piece {
  text: string;
  origin: Origin;
  /** Milliseconds since 1970, where a layer told. */
  time: number | null;
  /** The writer cut its line here; the rest comes in the next piece with the same `joins`. */
  partial: boolean;
  joins: string;
}

/** Takes one wrapping off; null when the piece is not wrapped that way. */
export type Layer = (piece: Piece, year: number) => Piece[] | null;

/** The same piece with other text, and what the wrapping told about it. */
export function unwrapped(piece: Piece, text: string, more: Partial<Piece> = {}): Piece {
  return { ...piece, partial: false, ...more, text, origin: { ...piece.origin, ...more.origin } };
}
