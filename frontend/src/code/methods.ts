/**
 * What values can do in expressions. The own methods are those of `apps/expressions/prelude`, held
 * against it by a test; of JavaScript's and luxon's there are the ones that builders ask for.
 */

export type Kind = 'texts' | 'numbers' | 'booleans' | 'arrays' | 'objects' | 'dates';

const CONVERSIONS = ['toBoolean', 'toDateTime', 'toFloat', 'toInt', 'toNumber'];
const ALIASES = ['toDecimalNumber', 'toWholeNumber'];

/** Beside JavaScript's own; in expressions alone, not in code. */
export const OWN_METHODS: Record<Kind, string[]> = {
  texts: [
    ...CONVERSIONS,
    ...ALIASES,
    ...['base64Decode', 'base64Encode', 'extractDomain', 'extractEmail', 'extractUrl'],
    ...['extractUrlPath', 'hash', 'isDomain', 'isEmail', 'isEmpty', 'isNotEmpty', 'isNumeric'],
    ...['isUrl', 'length', 'parseJson', 'quote', 'removeMarkdown', 'removeTags'],
    ...['replaceSpecialChars', 'toDate', 'toJsonString', 'toSentenceCase', 'toSnakeCase'],
    ...['toTitleCase', 'urlDecode', 'urlEncode'],
  ],
  numbers: [
    ...CONVERSIONS,
    ...['abs', 'ceil', 'floor', 'format', 'isEmpty', 'isEven', 'isInteger', 'isNotEmpty', 'isOdd'],
    ...['round', 'toJsonString'],
  ],
  booleans: [...CONVERSIONS, 'isEmpty', 'isNotEmpty', 'toJsonString'],
  arrays: [
    ...CONVERSIONS,
    ...ALIASES,
    ...['append', 'average', 'chunk', 'compact', 'difference', 'first', 'intersection', 'isEmpty'],
    ...['isNotEmpty', 'last', 'length', 'max', 'merge', 'min', 'pluck', 'randomItem'],
    ...['removeDuplicates', 'renameKeys', 'smartJoin', 'sum', 'toJsonString', 'union', 'unique'],
  ],
  objects: [
    ...CONVERSIONS,
    ...ALIASES,
    ...['compact', 'hasField', 'isEmpty', 'isNotEmpty', 'keepFieldsContaining', 'keys', 'merge'],
    ...['removeField', 'removeFieldsContaining', 'toJsonString', 'urlEncode', 'values'],
  ],
  dates: [
    ...['beginningOf', 'diffTo', 'diffToNow', 'endOfMonth', 'extract', 'format', 'inBetween'],
    ...['isBetween', 'isDst', 'isEmpty', 'isInLast', 'isNotEmpty', 'isWeekend', 'minus', 'plus'],
    ...['toDate', 'toDateTime', 'toFloat', 'toInt', 'toJsonString'],
  ],
};

/** Of JavaScript, and of luxon's dates. Those that are no calls stand as they are. */
export const NATIVE: Record<Kind, string[]> = {
  texts: [
    ...['length', 'at()', 'endsWith()', 'includes()', 'indexOf()', 'match()', 'padStart()'],
    ...['replace()', 'replaceAll()', 'slice()', 'split()', 'startsWith()', 'substring()'],
    ...['toLowerCase()', 'toUpperCase()', 'trim()'],
  ],
  numbers: ['toFixed()', 'toLocaleString()', 'toString()'],
  booleans: ['toString()'],
  arrays: [
    ...['length', 'at()', 'concat()', 'every()', 'filter()', 'find()', 'flat()', 'flatMap()'],
    ...[
      'includes()',
      'indexOf()',
      'join()',
      'map()',
      'reduce()',
      'slice()',
      'some()',
      'toSorted()',
    ],
  ],
  objects: [],
  dates: [
    ...['toFormat()', 'toISO()', 'toISODate()', 'toMillis()', 'toSeconds()', 'plus()', 'minus()'],
    ...['startOf()', 'endOf()', 'diff()', 'set()', 'setZone()', 'setLocale()', 'year', 'month'],
    ...['day', 'hour', 'minute', 'second', 'weekday', 'weekNumber'],
  ],
};

/** What a call gives, where it is not of the kind that it was called on. */
const GIVES: Partial<Record<string, Kind>> = {
  toDateTime: 'dates',
  split: 'arrays',
  keys: 'arrays',
  values: 'arrays',
  length: 'numbers',
  toNumber: 'numbers',
  toInt: 'numbers',
  toFloat: 'numbers',
  sum: 'numbers',
  average: 'numbers',
  join: 'texts',
  smartJoin: 'objects',
  toFormat: 'texts',
  toISO: 'texts',
  toISODate: 'texts',
  toJsonString: 'texts',
  toFixed: 'texts',
  hash: 'texts',
};
const SAME: Record<Kind, RegExp> = {
  texts: /^(to.*Case|trim|slice|substring|replace|replaceAll|extract|remove|quote|url|base64|pad)/,
  numbers: /^(abs|ceil|floor|round)$/,
  booleans: /^$/,
  arrays: /^(filter|map|slice|unique|union|compact|concat|flat|toSorted|difference|intersection)/,
  objects: /^(merge|compact|remove|keep)/,
  dates: /^(plus|minus|startOf|endOf|set|beginningOf|endOfMonth)/,
};

/** The kind of what a member gives; null where that cannot be told. */
export function kindGiven(kind: Kind, member: string): Kind | null {
  return GIVES[member] ?? (SAME[kind].test(member) ? kind : null);
}

/** The names that stand for themselves in an expression, and what they are. */
export const NAMES: Record<string, string> = {
  $json: 'the item’s fields',
  $binary: 'the item’s files',
  $input: 'what came into this node',
  $itemIndex: 'the item’s place, from 0',
  $runIndex: 'how often the node has run before',
  $prevNode: 'the node that the item came from',
  $workflow: 'id, name, active',
  $execution: 'id, mode, resumeUrl',
  $parameter: 'this node’s parameters',
  $vars: 'variables of the workspace',
  $env: 'what the operator lets expressions read',
  $now: 'the moment, a date',
  $today: 'the day’s begin, a date',
  $if: '$if(condition, then, else)',
  $ifEmpty: '$ifEmpty(value, otherwise)',
  $min: 'the least of numbers',
  $max: 'the greatest of numbers',
  $not: '$not(value)',
  $jmespath: '$jmespath(data, query)',
  $evaluateExpression: 'a text as an expression',
  DateTime: 'luxon’s dates',
  Duration: 'luxon’s spans of time',
  Interval: 'luxon’s times from and to',
};
