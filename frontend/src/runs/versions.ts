/** On which a retry may go on. */
export const VERSIONS = [
  { value: 'same', label: 'The version that it ran on' },
  { value: 'published', label: 'The published version' },
] as const;
