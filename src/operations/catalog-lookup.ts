import { BotError } from '../domain/error.ts';
import { nearest } from '../domain/names.ts';
import { fieldsOf } from './fields.ts';
import type { ChangeSpec, Operation, ReadSpec } from './spec.ts';
import { familyOf } from './usage.ts';

/** The operation of that name. Throws `invalid_input` with the nearest ones. */
export function operationOf(catalog: readonly Operation[], name: string): Operation {
  const found = catalog.find((operation) => operation.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    catalog.map((operation) => operation.name),
  );
  throw new BotError('invalid_input', `There is no operation ${name}`, {
    hint: near.length === 0 ? 'See `/hostler help`.' : `Did you mean ${near.join(' or ')}?`,
  });
}

/**
 * What a family alone is: its list, else what it shows without being told anything; of a family that has nouns only (`/storage pool …`),
 * the first noun's. Null where it has neither.
 */
export function overviewOf(catalog: readonly Operation[], family: string): Operation | null {
  const mine = catalog.filter((operation) => familyOf(operation) === family);
  const nouns = mine.every(({ name }) => name.split('.').length > 2);
  const found = ['list', 'show', 'plan'].map((verb) =>
    mine.find(({ name }) => (nouns ? name.endsWith(`.${verb}`) : name === `${family}.${verb}`)),
  );
  return found.find((each) => each !== undefined && fieldsOf(each).every(({ required }) => !required)) ?? null;
}

/** A change whose own types the caller need not know: facts and input go through its schemas. */
export type AnyChange = ChangeSpec<unknown, unknown, unknown>;

/** The change of that name; a kind that a row names and the catalog doesn't know is a bug. */
export function changeOf(catalog: readonly Operation[], name: string): AnyChange {
  const operation = operationOf(catalog, name);
  if (operation.kind !== 'change') throw new BotError('bug', `${name} is not a change`);
  // The catalog forgets each spec's types; its own schemas stand at every place where they come back in.
  return operation as unknown as AnyChange;
}

/** The read of that name. */
export function readOf(catalog: readonly Operation[], name: string): ReadSpec<unknown> {
  const operation = operationOf(catalog, name);
  if (operation.kind !== 'read') throw new BotError('bug', `${name} is not a read`);
  return operation as unknown as ReadSpec<unknown>; // as above: its input was checked by its own schema
}
