/** Line icons on a grid of 24, drawn in the colour of the text around them. */

const PATHS = {
  tag: ['M4 4h8l8 8-8 8-8-8z', 'M8.5 8.5v.2'],
  trash: ['M5 7h14', 'M10 7V4h4v3', 'M7 7l1 13h8l1-13'],
  check: ['M5 12.5l4.5 4.5L19 7.5'],
  cross: ['M6 6l12 12', 'M18 6L6 18'],
  circle: ['M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16'],
  spinner: ['M12 3a9 9 0 1 1-9 9'],
  clock: ['M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18', 'M12 7.5V12l3 2'],
  stop: ['M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18', 'M5.7 5.7l12.6 12.6'],
  skip: ['M5 6l7 6-7 6z', 'M13 6l6 6-6 6', 'M19.5 6v12'],
  pencil: ['M4 20l1-4L16 5l3 3L8 19z'],
  archive: ['M4 5h16v4H4z', 'M6 9v10h12V9', 'M10 13h4'],
  bolt: ['M13 3L5 14h6l-1 7 8-11h-6z'],
  pause: ['M8 5v14', 'M16 5v14'],
  play: ['M7 5l12 7-12 7z'],
  retry: ['M20 11a8 8 0 1 0-2.3 6.3', 'M20 5v6h-6'],
  search: ['M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13', 'M15.5 15.5L20 20'],
  signOut: ['M14 5H6v14h8', 'M11 12h9', 'M17 9l3 3-3 3'],
  shield: ['M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z'],
  down: ['M6 9l6 6 6-6'],
  right: ['M9 6l6 6-6 6'],
  left: ['M15 6l-6 6 6 6'],
  up: ['M6 15l6-6 6 6'],
  plus: ['M12 5v14', 'M5 12h14'],
  minus: ['M5 12h14'],
  undo: ['M8 5L4 9l4 4', 'M4 9h10a5 5 0 0 1 0 10h-3'],
  redo: ['M16 5l4 4-4 4', 'M20 9H10a5 5 0 0 0 0 10h3'],
  warning: ['M12 4l9 16H3z', 'M12 10v4', 'M12 17v.2'],
  copy: ['M9 9h10v10H9z', 'M15 9V5H5v10h4'],
  more: [
    'M4.5 12a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0',
    'M11.5 12a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0',
    'M18.5 12a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0',
  ],
  fx: ['M15 4c-3-1-4 1-4.5 4L8 18c-.5 2-1.5 2.5-3 2', 'M6.5 10h7', 'M14 13l6 7', 'M20 13l-6 7'],
  note: ['M5 4h14v10l-5 6H5z', 'M19 14h-5v6'],
  menu: ['M4 7h16', 'M4 12h16', 'M4 17h16'],
  key: ['M8 11a4 4 0 1 0 0 8a4 4 0 1 0 0-8', 'M11 12L20 4', 'M16 7.5l3 3'],
  people: [
    'M9 5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7',
    'M3 20c0-4 3-5.5 6-5.5s6 1.5 6 5.5',
    'M16 5.5a3.5 3.5 0 0 1 0 6.5',
    'M18 15c2 .7 3 2.4 3 5',
  ],
  sliders: ['M4 8h9', 'M17 8h3', 'M15 6v4', 'M4 16h3', 'M11 16h9', 'M9 14v4'],
  columns: ['M3 5h18v14H3z', 'M9 5v14', 'M15 5v14'],
  pin: ['M9 4h6l-1 6 3 3v2H7v-2l3-3z', 'M12 15v6'],
  log: ['M5 7h14', 'M5 12h14', 'M5 17h9'],
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      style={{ flex: 'none' }}
    >
      {PATHS[name].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}
