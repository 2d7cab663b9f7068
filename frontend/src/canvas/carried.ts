/** How many items the edge has carried in all, and the output's name where it has one. */
export function carried(output: string, items: number): string {
  const name = output === 'main' ? [] : [output];
  const count =
    items === 0 ? [] : [`${items.toLocaleString('en')} ${items === 1 ? 'item' : 'items'}`];
  return [...name, ...count].join(' · ');
}
