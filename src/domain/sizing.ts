import type { Observation } from './inventory.ts';
import type { Headroom, HostSettings } from './settings.ts';
import { MiB } from './size.ts';

/** What a VM has, and the most that it can have without a restart. */
export interface Sizing {
  readonly vcpus: number;
  readonly maxVcpus: number;
  readonly memoryBytes: number;
  readonly maxMemoryBytes: number;
}

/** What one VM may have at most on a host: QEMU gets no more memory than there is, and more vCPUs than CPUs only slow a guest down. */
export function mostOn(
  host: Pick<HostSettings, 'reserveMemoryBytes'>,
  seen: Pick<Observation, 'cpus' | 'memoryBytes'>,
): Pick<Sizing, 'vcpus' | 'memoryBytes'> {
  return { vcpus: seen.cpus, memoryBytes: wholeMiB(seen.memoryBytes - host.reserveMemoryBytes) };
}

/** The size with its maxima: its multiple, at most what the host has, and never below the size itself. */
export function withHeadroom(
  size: Pick<Sizing, 'vcpus' | 'memoryBytes'>,
  headroom: Headroom,
  most: Pick<Sizing, 'vcpus' | 'memoryBytes'>,
): Sizing {
  return {
    ...size,
    maxVcpus: Math.max(size.vcpus, Math.min(Math.floor(size.vcpus * headroom.vcpus), most.vcpus)),
    maxMemoryBytes: Math.max(
      size.memoryBytes,
      Math.min(wholeMiB(size.memoryBytes * headroom.memory), most.memoryBytes),
    ),
  };
}

/** How far a guest's balloon may stay from what it was told: it deals in pages, and counts some otherwise. */
const NEAR_BYTES = 4 * MiB;

/**
 * Whether a guest's balloon stands elsewhere than it was told to. One that has all that it may have most likely has no driver for it,
 * or is still booting: that says nothing.
 */
export function isElsewhere(balloonBytes: number, told: number, mostBytes: number): boolean {
  return Math.abs(balloonBytes - told) > NEAR_BYTES && balloonBytes < mostBytes;
}

/** QEMU deals memory out in MiB. */
function wholeMiB(bytes: number): number {
  return Math.floor(bytes / MiB) * MiB;
}
