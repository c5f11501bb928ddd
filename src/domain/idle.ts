import type { Flavor } from './settings.ts';

/** What is known of one VM's use. `null` where it wasn't measured. */
export interface UseOfVm {
  readonly vcpus: number;
  readonly memoryBytes: number;
  /** Hours that were measured, and those of them in which it ran at all. */
  readonly hours: number;
  readonly hoursUp: number;
  /** Per cent of its vCPUs and of its memory, in 95 of 100 hours no more. */
  readonly cpu: number | null;
  readonly memory: number | null;
  /** Bytes a second in and out, likewise. */
  readonly net: number | null;
}

export type Judgement =
  /** It was off all the time. */
  | { readonly kind: 'off' }
  /** It ran, and did next to nothing. */
  | { readonly kind: 'unused' }
  /** A smaller flavor’s vCPUs and memory would do; its disk stays as it is. */
  | { readonly kind: 'oversized'; readonly flavor: Flavor }
  | { readonly kind: 'used' }
  | { readonly kind: 'too-little-known' };

/** Less than a week says nothing of a VM that works at weekends. */
const LEAST_HOURS = 7 * 24 - 8;
const IDLE_CPU = 2;
const IDLE_NET = 2048;
/** What it uses should be no more than this share of what it would have. */
const ROOM_CPU = 0.6;
const ROOM_MEMORY = 0.75;

/** What to think of a VM, by numbers alone: its team knows what it is for. */
export function judge(use: UseOfVm, flavors: readonly Flavor[]): Judgement {
  if (use.hours < LEAST_HOURS) return { kind: 'too-little-known' };
  if (use.hoursUp === 0) return { kind: 'off' };
  if (use.cpu === null) return { kind: 'too-little-known' };
  if (use.cpu < IDLE_CPU && use.net !== null && use.net < IDLE_NET) return { kind: 'unused' };
  // Without the guest's word on its memory there is no telling how much it needs.
  if (use.memory === null) return { kind: 'used' };
  const cpus = (use.cpu * use.vcpus) / 100 / ROOM_CPU;
  const memory = (use.memory * use.memoryBytes) / 100 / ROOM_MEMORY;
  const [flavor] = flavors
    .filter((each) => each.vcpus >= cpus && each.memoryBytes >= memory)
    .filter((each) => each.vcpus <= use.vcpus && each.memoryBytes <= use.memoryBytes)
    .filter((each) => each.vcpus < use.vcpus || each.memoryBytes < use.memoryBytes)
    .sort((a, b) => a.memoryBytes - b.memoryBytes || a.vcpus - b.vcpus);
  return flavor === undefined ? { kind: 'used' } : { kind: 'oversized', flavor };
}
