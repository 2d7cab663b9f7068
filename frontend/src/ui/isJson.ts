/** What keeps the text from being JSON, in words, or null. */
export function jsonFault(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'This is no JSON.';
  }
}

export function isJson(text: string): boolean {
  return jsonFault(text) === null;
}
