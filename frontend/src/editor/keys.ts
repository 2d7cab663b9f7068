const WORDS: Record<string, string> = {
  '[plus]': '+',
  '-': '−',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
};

/** A key as people read it: "mod+shift+Z" is "Ctrl+Shift+Z", on a Mac "⌘+Shift+Z". */
export function shown(key: string): string {
  const mod = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
  return key
    .split('+')
    .map(
      (part) =>
        WORDS[part] ?? (part === 'mod' ? mod : part.charAt(0).toUpperCase() + part.slice(1)),
    )
    .join('+');
}
