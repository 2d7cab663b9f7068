import type { Fault } from '../api/types';
import type { Field } from './fields';

interface Told {
  /** What is wrong with each field, in words. */
  atFields: Record<string, string>;
  /** What no field can show. */
  others: Fault[];
}

/** The server's faults at the fields that they are of; `at` is the path of the form's object. */
export function faultsAt(at: string, fields: Field[], faults: Fault[]): Told {
  const atFields: Record<string, string> = {};
  const others: Fault[] = [];
  for (const fault of faults) {
    const name = nameIn(at, fields, fault.path);
    if (name === undefined) {
      others.push(fault);
      continue;
    }
    const inside = fault.path.slice(`${at}.${name}`.length).replace(/^\./, '');
    const told = inside === '' ? fault.message : `${inside}: ${fault.message}`;
    atFields[name] = atFields[name] === undefined ? told : `${atFields[name]} ${told}`;
  }
  return { atFields, others };
}

/** The longest name counts: one may begin with another and a dot. */
function nameIn(at: string, fields: Field[], path: string): string | undefined {
  const names = fields.map(({ name }) => name).sort((a, b) => b.length - a.length);
  return names.find((name) => {
    const own = `${at}.${name}`;
    return path === own || path.startsWith(`${own}.`) || path.startsWith(`${own}[`);
  });
}
