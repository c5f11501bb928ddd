/** What guests want of their host at an hour: a base, a wave over the day, and noise; all of it from the seed. */
import { chanceOf } from './chance.ts';
import type { Role } from './vm-plan.ts';

export interface Demand {
  /** Of its vCPUs, 0 to 1. */
  readonly cpu: number;
  /** Of its memory, 0 to 1. */
  readonly memory: number;
  /** Bytes a second. */
  readonly read: number;
  readonly written: number;
  readonly received: number;
  readonly sent: number;
  /** Bytes a second by which its disk fills. */
  readonly growth: number;
}

interface Habit {
  readonly base: number;
  /** How much the day adds at its height. */
  readonly day: number;
  readonly memory: number;
  /** MiB a second at full load: read, written, received, sent. */
  readonly io: readonly [number, number, number, number];
  /** MiB an hour. */
  readonly growth: number;
  /** The hour at which it is busiest, UTC. */
  readonly peak: number;
}

const HABITS: Readonly<Record<Role, Habit>> = {
  web: { base: 0.06, day: 0.4, memory: 0.4, io: [1, 0.5, 2, 9], growth: 4, peak: 14 },
  api: { base: 0.08, day: 0.45, memory: 0.5, io: [0.5, 0.5, 3, 4], growth: 4, peak: 14 },
  db: { base: 0.12, day: 0.35, memory: 0.75, io: [12, 9, 3, 5], growth: 60, peak: 14 },
  cache: { base: 0.04, day: 0.15, memory: 0.8, io: [0, 0.2, 6, 8], growth: 1, peak: 14 },
  worker: { base: 0.15, day: 0.3, memory: 0.45, io: [3, 4, 1, 1], growth: 10, peak: 10 },
  ci: { base: 0.03, day: 0.6, memory: 0.4, io: [8, 14, 4, 2], growth: 25, peak: 11 },
  mail: { base: 0.05, day: 0.12, memory: 0.35, io: [1, 2, 1, 1], growth: 40, peak: 9 },
  proxy: { base: 0.04, day: 0.25, memory: 0.2, io: [0, 0.2, 12, 12], growth: 2, peak: 14 },
  search: { base: 0.1, day: 0.35, memory: 0.7, io: [6, 5, 2, 3], growth: 30, peak: 15 },
  build: { base: 0.02, day: 0.7, memory: 0.5, io: [9, 16, 3, 1], growth: 35, peak: 16 },
};

const MIB = 1024 ** 2;
const HOUR = 3_600_000;
const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** `load` is how busy the whole fleet is: 1 as on a usual day. */
export function demandOf(key: string, role: Role, at: number, load: number): Demand {
  const habit = HABITS[role];
  const hour = (at / HOUR) % 24;
  // From 0 at night to 1 at the peak.
  const wave = (1 + Math.cos(((hour - habit.peak) / 24) * 2 * Math.PI)) / 2;
  const own = 0.6 + chanceOf(`${key} own`) * 0.8;
  const cpu = clamp((habit.base + habit.day * wave ** 2) * own * load * (0.5 + noise(`${key} cpu`, at, 120_000)));
  const activity = clamp(cpu * (0.7 + 0.6 * noise(`${key} io`, at, 60_000)));
  const [read, written, received, sent] = habit.io.map((mib) => mib * MIB * activity);
  return {
    cpu,
    memory: clamp(habit.memory * (0.85 + 0.3 * noise(`${key} memory`, at, 1_800_000)) + 0.1 * wave * Math.min(2, load)),
    read: read ?? 0,
    written: written ?? 0,
    received: received ?? 0,
    sent: sent ?? 0,
    growth: (habit.growth * MIB * own * Math.min(3, load)) / 3600,
  };
}

/** From 0 to 1, wandering smoothly: a point of chance every `period`, and lines between. */
function noise(key: string, at: number, period: number): number {
  const step = Math.floor(at / period);
  const from = chanceOf(`${key} ${step}`);
  return from + (chanceOf(`${key} ${step + 1}`) - from) * (at / period - step);
}
