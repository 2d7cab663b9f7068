/** Search by what somebody types: words of a name and words for it first, letters of a name last. */

export interface Texts {
  name: string;
  /** Other words for it, as good as its name. */
  keywords?: readonly string[];
  /** What is said about it. */
  more: string;
}

/** Those that fit what was typed, the best first; of those as good, in the order they came. */
export function found<T>(typed: string, all: readonly T[], textsOf: (each: T) => Texts): T[] {
  const wanted = typed.toLowerCase().trim();
  const scored = all.flatMap((each) => {
    const score = fit(wanted, textsOf(each));
    return score === null ? [] : [{ each, score }];
  });
  return scored.sort((a, b) => b.score - a.score).map(({ each }) => each);
}

/** How well it fits, larger is better; null where it does not. */
function fit(wanted: string, { name, keywords = [], more }: Texts): number | null {
  const inName = clearness(wanted, name);
  const own = Math.max(inName, ...keywords.map((word) => clearness(wanted, word)));
  // A short name is more of what was typed.
  const byName = own === inName ? 50 - name.length / 100 : 0;
  if (own >= BEGINNING) return 3_000 + own * 100 + byName;
  if (own === WITHIN) return 2_000 + byName;
  const said = clearness(wanted, more);
  return said > NOWHERE ? 1_000 + said : scattered(wanted, name);
}

const [WORD, BEGINNING, WITHIN, NOWHERE] = [3, 2, 1, 0];

/** Whether it stands in the text as whole words, as the beginning of one, or within one. */
function clearness(wanted: string, text: string): number {
  const within = text.toLowerCase();
  let best = NOWHERE;
  for (let at = within.indexOf(wanted); at >= 0; at = within.indexOf(wanted, at + 1)) {
    const ends = isEdge(within, at + wanted.length);
    best = Math.max(best, isEdge(within, at) ? (ends ? WORD : BEGINNING) : WITHIN);
  }
  return best;
}

/** How well its letters stand in the text in their order; beginnings of words are best. */
function scattered(wanted: string, text: string): number | null {
  const within = text.toLowerCase();
  let score = 0;
  let from = 0;
  for (const letter of wanted) {
    if (letter === ' ') continue;
    const at = within.indexOf(letter, from);
    if (at < 0) return null;
    score += isEdge(within, at) ? 20 : at === from ? 10 : 1;
    from = at + 1;
  }
  return score - within.length / 100;
}

/** Whether a word may begin or end between this letter and the one before. */
function isEdge(text: string, at: number): boolean {
  return !isLetter(text[at - 1]) || !isLetter(text[at]);
}

function isLetter(letter: string | undefined): boolean {
  return letter !== undefined && /[\p{L}\p{N}]/u.test(letter);
}
