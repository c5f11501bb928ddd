/** Times in which nobody is told. What is silenced is watched on, and told when the silence is over and it still holds. */

/** `host` and `team` include their VMs; `alert` is one incident's alerts, by its id. */
export const SILENCE_SCOPES = ['vm', 'host', 'team', 'rule', 'alert'] as const;
export type SilenceScope = (typeof SILENCE_SCOPES)[number];

export interface Silence {
  readonly id: string;
  readonly scope: SilenceScope;
  /** VM's id, host's, team's or rule's name, incident's id. */
  readonly of: string;
  readonly from: number;
  readonly until: number;
  readonly reason: string;
  readonly person: string;
  /** Planned work on a host, for uptime to leave out. */
  readonly maintenance: boolean;
}

interface Silenceable {
  readonly rule: string;
  readonly kind: string;
  readonly id: string;
  readonly host: string | null;
  readonly team: string | null;
  readonly incident: string | null;
}

/** The silence that holds the longest over it now; null where none does. */
export function silenceOver(silences: readonly Silence[], alert: Silenceable, now: number): Silence | null {
  return silences
    .filter((silence) => silence.from <= now && silence.until > now && covers(silence, alert))
    .reduce<Silence | null>((best, each) => (best === null || each.until > best.until ? each : best), null);
}

function covers({ scope, of }: Silence, alert: Silenceable): boolean {
  switch (scope) {
    case 'vm':
      return alert.kind === 'vm' && alert.id === of;
    case 'host':
      return alert.host === of;
    case 'team':
      return alert.team === of;
    case 'rule':
      return alert.rule === of;
    case 'alert':
      return alert.incident === of;
  }
}
