import { MAIN } from '../graph/edits';

/** How many items the edge has carried in all, and the output's name where it has one. */
export function carried(output: string, items: number): string {
  const name = output === MAIN ? [] : [output];
  const count =
    items === 0 ? [] : [`${items.toLocaleString('en')} ${items === 1 ? 'item' : 'items'}`];
  return [...name, ...count].join(' · ');
}

/** An edge as it is read: “From Check, true, to Keep, 2 items”. */
export function edgeName(from: string, output: string, to: string, items: number): string {
  const count = items === 0 ? [] : [carried(MAIN, items)];
  return [`From ${from}`, ...(output === MAIN ? [] : [output]), `to ${to}`, ...count].join(', ');
}
