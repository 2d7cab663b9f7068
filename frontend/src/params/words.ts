/** Choices whose schema gives them no label, in words made of their values. */

const SIGNS: Record<string, string> = {
  equals: '=',
  notEquals: '!=',
  gt: '>',
  lt: '<',
  gte: '>=',
  lte: '<=',
};

/** An operation of a condition, which is also found by the sign that one may know it by. */
export function operationWords({ name, meaning }: { name: string; meaning: string }): string {
  return name in SIGNS ? `${meaning} (${SIGNS[name]})` : meaning;
}

const TYPES: Record<string, string> = {
  string: 'Text',
  boolean: 'True or false',
  dateTime: 'Date',
  array: 'List',
  any: 'Anything',
};

/** The type of the values that a condition compares. */
export function typeWords(type: string): string {
  return TYPES[type] ?? choiceWords(type);
}

const SHORT = new Set(
  'api csv gif html http https id ip jpeg jpg json jwt md5 pdf png sql tls txt url utf8 xlsx xml zip'.split(
    ' ',
  ),
);
const PROPER: Record<string, string> = {
  javascript: 'JavaScript',
  github: 'GitHub',
  graphql: 'GraphQL',
  postgres: 'PostgreSQL',
  hmac: 'HMAC',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/** "run_again" reads "Run again", "dateTime" "Date time"; what is no plain word stays as it is. */
export function choiceWords(value: string): string {
  if (!/^[a-z][A-Za-z0-9]*([_-][a-z0-9]+)*$/.test(value)) return value;
  const [first = '', ...more] = spaced(value.replace(/[_-]/g, ' '))
    .split(' ')
    .map((word) => PROPER[word] ?? (SHORT.has(word) ? word.toUpperCase() : word));
  return [first.charAt(0).toUpperCase() + first.slice(1), ...more].join(' ');
}

function spaced(words: string): string {
  return words.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
