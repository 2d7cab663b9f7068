/** Search by what somebody types of a name: letters in their order, beginnings of words first. */

/**
 * How well `typed` fits `text`, larger is better; null where its letters do not stand in the text
 * in their order.
 */
export function fit(typed: string, text: string): number | null {
  const [wanted, within] = [typed.toLowerCase().trim(), text.toLowerCase()];
  if (wanted === '') return 0;
  const whole = within.indexOf(wanted);
  if (whole >= 0) return 1_000 - whole - within.length / 100 + (isStart(within, whole) ? 500 : 0);
  let score = 0;
  let from = 0;
  for (const letter of wanted) {
    if (letter === ' ') continue;
    const at = within.indexOf(letter, from);
    if (at < 0) return null;
    score += isStart(within, at) ? 20 : at === from ? 10 : 1;
    from = at + 1;
  }
  return score - within.length / 100;
}

/** Those that fit what was typed, the best first; each has a name and words that also count. */
export function found<T>(
  typed: string,
  all: readonly T[],
  textsOf: (each: T) => { name: string; more: string },
): T[] {
  const scored = all.flatMap((each) => {
    const { name, more } = textsOf(each);
    const byName = fit(typed, name);
    const isInMore = more.toLowerCase().includes(typed.toLowerCase().trim());
    const score = byName ?? (isInMore ? -1_000 : null);
    return score === null ? [] : [{ each, score }];
  });
  return scored.sort((a, b) => b.score - a.score).map(({ each }) => each);
}

function isStart(text: string, at: number): boolean {
  return at === 0 || !/[a-z0-9]/.test(text[at - 1] ?? '');
}
