import { externalName } from '../../domain/alerts/alertmanager.ts';
import type { SilenceScope } from '../../domain/alerts/silence.ts';
import type { Settings } from '../../domain/settings.ts';
import { fullName } from '../../domain/vm.ts';
import type { Rows } from '../store.ts';
import { liveVm } from '../vm-ref.ts';
import { incidentOf } from './common.ts';

/** What a silence holds over. */
export interface SilenceTarget {
  readonly scope: SilenceScope;
  readonly of: string;
  /** For people. */
  readonly name: string;
  /** Whose it is: who belongs to it may silence it. Null for the admins’. */
  readonly team: string | null;
}

/** An alert's id, a host, a rule, `team:NAME`, or else a VM. Throws `not_found` with near names. */
export function silenceTarget(text: string, rows: Rows, settings: Settings, team: string | null): SilenceTarget {
  if (/^inc_/.test(text)) {
    const incident = incidentOf(rows, text);
    return { scope: 'alert', of: incident.id, name: `“${incident.title}”`, team: incident.team };
  }
  const named = /^team:(.+)$/.exec(text)?.[1];
  if (named !== undefined && settings.teams.some(({ name }) => name === named))
    return { scope: 'team', of: named, name: `team ${named}`, team: named };
  if (settings.hosts.some(({ name }) => name === text))
    return { scope: 'host', of: text, name: `host ${text}`, team: null };
  if (externalName(text) !== null || settings.alerts.rules.some(({ name }) => name === text))
    return { scope: 'rule', of: text, name: `rule ${text}`, team: null };
  const vm = liveVm(rows, text, team);
  return { scope: 'vm', of: vm.id, name: fullName(vm), team: vm.team };
}
