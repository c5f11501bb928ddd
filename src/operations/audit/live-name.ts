import { fullName } from '../../domain/vm.ts';
import { splitRef, teamOf } from '../vm-ref.ts';

/** `team/name` of a VM that may be long gone: the audit remembers names, not rows. */
export function liveName(text: string, team: string | null): string {
  const ref = splitRef(text, team);
  return fullName({ team: teamOf(ref), name: ref.name });
}
