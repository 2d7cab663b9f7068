/** On which a retry may go on, of a set of runs too. */
export const VERSIONS = [
  { value: 'same', label: 'The version that it ran on' },
  { value: 'published', label: 'The published version' },
] as const;

/** In the editor, where it has been changed since. */
export const ON_DRAFT = { value: 'draft', label: 'The draft as it is now' };
