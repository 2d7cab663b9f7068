/** What stands before the caret in code: a name, or a chain such as `$('Orders').first().json.`. */

export interface Step {
  name: string | number;
  isCall: boolean;
}

export interface Chain {
  /** As `$json`, or `$()` with the node's name as its first step. */
  root: string;
  steps: Step[];
  /** What was typed of the member's name, and whether `?.` stands before it. */
  typed: string;
  isOptional: boolean;
}

const TEXT = String.raw`'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"`;
const STEP = String.raw`\??\.[\w$]+|(?:\?\.)?\[\s*(?:\d+|${TEXT})\s*\]|\([^()]*\)`;
const CHAIN = new RegExp(
  String.raw`(?<![\w$.])(\$\(\s*(?:${TEXT})\s*\)|[\w$]+|${TEXT})((?:${STEP})*)(\??\.)([\w$]*)$`,
);
const STEPS = new RegExp(STEP, 'g');
const NODE = new RegExp(String.raw`^\$\(\s*(${TEXT})\s*\)$`);

/** The chain whose member is being written at the end of the code; null where none is. */
export function chainAt(code: string): Chain | null {
  const found = CHAIN.exec(code);
  if (found === null) return null;
  const [, root = '', written = '', dot, typed = ''] = found;
  const node = NODE.exec(root)?.[1];
  const steps = stepsIn(written);
  if (node !== undefined) steps.unshift({ name: unquoted(node), isCall: false });
  return {
    root: node === undefined ? root : '$()',
    steps,
    typed,
    isOptional: dot === '?.',
  };
}

function stepsIn(written: string): Step[] {
  const steps: Step[] = [];
  for (const [step] of written.matchAll(STEPS)) {
    const last = steps.at(-1);
    if (step.startsWith('(')) {
      if (last !== undefined) last.isCall = true;
    } else steps.push({ name: nameIn(step), isCall: false });
  }
  return steps;
}

function nameIn(step: string): string | number {
  const inner = /\[\s*([\s\S]*?)\s*\]$/.exec(step)?.[1];
  if (inner === undefined) return step.replace(/^\??\./, '');
  return /^\d+$/.test(inner) ? Number(inner) : unquoted(inner);
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\([\s\S])/g, '$1');
}

/** What was typed of a node's name, and its quote: `$('Ord`. */
export function nodeNameAt(code: string): { typed: string; quote: string } | null {
  const found = /\$(?:\(|node\[)\s*(?:(['"])((?:\\.|(?!\1)[^\\])*))?$/.exec(code);
  return found === null ? null : { typed: found[2] ?? '', quote: found[1] ?? '' };
}

/** What was typed of a name that stands for itself; null behind a dot, or within a word. */
export function nameAt(code: string): string | null {
  return /(?:^|[^\w$.])(\$?[A-Za-z]*)$/.exec(code)?.[1] ?? null;
}
