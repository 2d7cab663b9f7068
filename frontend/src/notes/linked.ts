/** A text in pieces: as it is, or the address of a link. */
export interface Piece {
  text: string;
  isLink: boolean;
}

/** What ends a sentence or closes a bracket belongs to the text around an address. */
const ADDRESS = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}]/g;

/** Find the addresses in a text. Nothing but `http` and `https` is one. */
export function linked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    if (found.index > end) pieces.push({ text: text.slice(end, found.index), isLink: false });
    pieces.push({ text: found[0], isLink: true });
    end = found.index + found[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isLink: false });
  return pieces;
}
