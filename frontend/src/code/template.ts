/** Where the code of a template stands: `Hello {{ $json.name }}`, written without its "=". */

export interface Part {
  /** Of the code, between the braces. */
  from: number;
  to: number;
  isClosed: boolean;
}

export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let at = text.indexOf('{{');
  while (at >= 0) {
    const from = at + 2;
    const end = endFrom(text, from);
    parts.push({ from, to: end ?? text.length, isClosed: end !== null });
    at = end === null ? -1 : text.indexOf('{{', end + 2);
  }
  return parts;
}

/** The code that holds a place, if one does. */
export function partAt(text: string, place: number): Part | undefined {
  return partsOf(text).find(({ from, to }) => from <= place && place <= to);
}

/** Where "}}" closes a code: braces within a text, or of an object, do not. */
function endFrom(text: string, from: number): number | null {
  let quote = '';
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (quote !== '') {
      if (sign === '\\') at += 1;
      else if (sign === quote) quote = '';
    } else if (`'"\``.includes(sign)) quote = sign;
    else if (sign === '{') depth += 1;
    else if (sign === '}' && depth > 0) depth -= 1;
    else if (sign === '}' && text.charAt(at + 1) === '}') return at;
  }
  // A quote that is not closed, as an apostrophe in a regular expression: the plain end counts.
  const plain = text.indexOf('}}', from);
  return plain < 0 ? null : plain;
}
