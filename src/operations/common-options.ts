import { type Field, fieldsOf } from './fields.ts';
import type { RequestOptions } from './service.ts';
import type { Operation } from './spec.ts';

/** A flag that belongs to the request and not to the operation's input. */
export interface CommonOption {
  readonly name: keyof RequestOptions;
  readonly flag: string;
  /** What stands for its value in help; null for one that is typed alone. */
  readonly value: string | null;
  readonly description: string;
}

const TEAM: CommonOption = {
  name: 'team',
  flag: '--team',
  value: 'TEAM',
  description: 'Team that this is about, where the channel doesn’t say it',
};
const FOR_READS: readonly CommonOption[] = [
  TEAM,
  { name: 'all', flag: '--all', value: null, description: 'Across all teams, for those who may' },
];
const FOR_CHANGES: readonly CommonOption[] = [
  TEAM,
  { name: 'reason', flag: '--reason', value: 'TEXT', description: 'Why: kept in the audit history' },
  { name: 'dryRun', flag: '--dry-run', value: null, description: 'Shows the plan and does nothing' },
  { name: 'wait', flag: '--wait', value: null, description: 'Waits its turn where another operation holds the VM' },
];

/** The common options of an operation; a field of its own with the same name goes before. */
export function commonOptions(operation: Operation, fields: readonly Field[] = fieldsOf(operation)): CommonOption[] {
  const own = new Set(fields.map((field) => field.name));
  return (operation.kind === 'change' ? FOR_CHANGES : FOR_READS).filter((option) => !own.has(option.name));
}
