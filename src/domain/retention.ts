/** Which snapshots of a schedule are due, and which are kept: `3 daily, 2 weekly`. Days and weeks are those of the team's zone. */
import { BotError } from './error.ts';
import { timeIn } from './time-zone.ts';

const PERIODS = ['hourly', 'daily', 'weekly'] as const;
type Period = (typeof PERIODS)[number];
/** How many of each are kept: the newest of each hour, day or week that has one. */
export type Retention = Readonly<Record<Period, number>>;
const MOST = 100;

/** Reads `3 daily, 2 weekly`. Throws `invalid_input` for anything else, and for nothing at all. */
export function parseRetention(text: string): Retention {
  const kept: Record<Period, number> = { hourly: 0, daily: 0, weekly: 0 };
  const wrong = (why: string) =>
    new BotError('invalid_input', `${JSON.stringify(text.slice(0, 60))} ${why}`, {
      field: 'keep',
      hint: 'Say how many of what are kept, such as "3 daily, 2 weekly" or "24 hourly, 7 daily"; or off.',
    });
  for (const part of text.toLowerCase().split(/\s*(?:,|\band\b)\s*/)) {
    const match = /^(?:keep\s+)?(\d{1,4})\s+(hourly|daily|weekly)$/.exec(part.trim());
    const period = PERIODS.find((each) => each === match?.[2]);
    if (match === null || period === undefined) throw wrong('is no retention');
    if (kept[period] !== 0) throw wrong(`says ${period} twice`);
    const count = Number(match[1]);
    if (count < 1 || count > MOST) throw wrong(`keeps ${count} ${period}; 1 to ${MOST} are possible`);
    kept[period] = count;
  }
  return kept;
}

/** `3 daily, 2 weekly`. */
export function formatRetention(retention: Retention): string {
  return PERIODS.filter((period) => retention[period] > 0)
    .map((period) => `${retention[period]} ${period}`)
    .join(', ');
}

/** The hour, day or week that an instant lies in, as text that sorts. A week is known by its Monday. */
function periodOf(at: number, period: Period, zone: string): string {
  const local = timeIn(at, zone);
  if (period === 'hourly') return `${local.slice(0, 13)} ${Math.floor(at / 3_600_000)}`;
  const day = local.slice(0, 10);
  if (period === 'daily') return day;
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

/** Whether another one should be taken: the shortest period that is kept has none yet. */
export function snapshotDue(takenAt: readonly number[], retention: Retention, now: number, zone: string): boolean {
  const shortest = PERIODS.find((period) => retention[period] > 0);
  if (shortest === undefined) return false;
  const current = periodOf(now, shortest, zone);
  return !takenAt.some((at) => periodOf(at, shortest, zone) === current);
}

/** What may be pruned: as the schedule's own snapshots stand. The newest is never among them, nor one that is protected. */
export function prunable<T extends { readonly takenAt: number; readonly protected: boolean }>(
  snapshots: readonly T[],
  retention: Retention,
  zone: string,
): T[] {
  const newestFirst = [...snapshots].sort((a, b) => b.takenAt - a.takenAt);
  const kept = new Set<T>(newestFirst.slice(0, 1));
  for (const period of PERIODS) {
    const seen = new Set<string>();
    for (const snapshot of newestFirst) {
      const key = periodOf(snapshot.takenAt, period, zone);
      if (seen.has(key)) continue;
      if (seen.size >= retention[period]) break;
      seen.add(key);
      kept.add(snapshot);
    }
  }
  return newestFirst.filter((snapshot) => !kept.has(snapshot) && !snapshot.protected);
}
