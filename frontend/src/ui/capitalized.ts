/** A word of the API as it begins a phrase: "failed" is "Failed". */
export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
