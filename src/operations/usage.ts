import { type Field, fieldsOf, flagOf } from './fields.ts';
import type { Operation } from './spec.ts';

/** `vm` of `vm.disk.extend`. */
export function familyOf(operation: Operation): string {
  return operation.name.split('.')[0] ?? operation.name;
}

/** `/vm disk extend`: as one types it. */
export function typed(operation: Operation): string {
  return `/${operation.name.split('.').join(' ')}`;
}

/** The families of a catalog, in its order. */
export function familiesOf(catalog: readonly Operation[]): string[] {
  return [...new Set(catalog.map(familyOf))];
}

/** `/vm create VM --image IMAGE [--flavor FLAVOR]`: what is needed plain, what may be left out in brackets. */
export function usageLine(operation: Operation): string {
  return [typed(operation), ...fieldsOf(operation).map(placeOf)].join(' ');
}

/** How a field stands in a usage line. */
function placeOf(field: Field): string {
  const value = valueWord(field);
  const plain = field.position === null ? `${flagOf(field.name)}${value === null ? '' : ` ${value}`}` : `${value}`;
  const more = field.kind === 'list' ? '…' : '';
  return field.required ? `${plain}${more}` : `[${plain}${more}]`;
}

/** `FLAVOR`, or `graceful|force`; null for a flag that is typed alone. */
export function valueWord(field: Field): string | null {
  if (field.kind === 'flag') return null;
  const few = field.options.length > 0 && field.options.join('|').length <= 30;
  return few && field.position === null ? field.options.join('|') : flagOf(field.name).slice(2).toUpperCase();
}
