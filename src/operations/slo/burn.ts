import type { Settings } from '../../domain/settings.ts';
import { formatSpan } from '../../domain/size.ts';
import { BURN_WINDOWS, type BurnSpeed, burnOf, type WindowSeen } from '../../domain/slo/burn.ts';
import type { Rows } from '../store.ts';
import { targetOf } from './gather.ts';

/** What rules may ask of an error budget, as their metrics: `burn_fast`, `burn_slow`. */
export interface Burn {
  readonly values: Readonly<Record<string, number | null>>;
  readonly details: Readonly<Record<string, string>>;
}

/** How fast teams and the fleet use up their error budgets just now: read once, then asked for a team, or for all with null. */
export function burns(rows: Rows, settings: Settings, now: number): (team: string | null) => Burn {
  const windows = new Map<number, ReadonlyMap<string, WindowSeen>>();
  for (const { longMs, shortMs } of Object.values(BURN_WINDOWS)) {
    for (const ms of [longMs, shortMs])
      windows.set(ms, new Map(rows.slo.burned(now - ms, now).map((each) => [each.team, each])));
  }
  const seen = (ms: number, team: string | null): WindowSeen => {
    const all = windows.get(ms) ?? new Map<string, WindowSeen>();
    if (team !== null) return all.get(team) ?? { vms: 0, downMs: 0 };
    return [...all.values()].reduce((sum, each) => ({ vms: sum.vms + each.vms, downMs: sum.downMs + each.downMs }), {
      vms: 0,
      downMs: 0,
    });
  };
  return (team) => {
    const of = (speed: BurnSpeed) => {
      const { longMs, shortMs } = BURN_WINDOWS[speed];
      const long = seen(longMs, team);
      const rate = burnOf(speed, long, seen(shortMs, team), targetOf(settings, team));
      return { rate, text: burnText(rate, long, longMs, targetOf(settings, team)) };
    };
    const [fast, slow] = [of('fast'), of('slow')];
    return {
      values: { burn_fast: fast.rate, burn_slow: slow.rate },
      details: { burn_fast: fast.text, burn_slow: slow.text },
    };
  };
}

function burnText(rate: number | null, { vms, downMs }: WindowSeen, windowMs: number, percent: number): string {
  const times = Math.round((rate ?? 0) * 10) / 10;
  const whose = vms === 1 ? '1 VM' : `${vms} VMs together`;
  return `${whose} down for ${formatSpan(downMs)} in ${formatSpan(windowMs)}, ${times} times what ${percent} % allows; see /slo show`;
}
