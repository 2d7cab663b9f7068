/** Fields of items on their way into a parameter. */

const TYPE = 'application/x-flowforge-field';

/** Begin to carry a field: other programs get it as the text of an expression. */
export function dragField(transfer: DataTransfer, field: string): void {
  transfer.setData(TYPE, field);
  transfer.setData('text/plain', `={{ ${field} }}`);
  transfer.effectAllowed = 'copy';
}

export function isField(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes(TYPE) ?? false;
}

/** The field that was dropped, as `$json.order.id`; null where something else was. */
export function draggedField(transfer: DataTransfer | null): string | null {
  const field = transfer?.getData(TYPE) ?? '';
  return field === '' ? null : field;
}
