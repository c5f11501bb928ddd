import type { Flavor, Headroom, HostSettings, Settings } from '../../domain/settings.ts';
import { mostOn, type Sizing } from '../../domain/sizing.ts';
import type { Rows } from '../store.ts';

/**
 * How far a VM can grow while it runs. Memory only where its guest is of an image: one that somebody installs may have no balloon
 * driver, and would then take the most for itself, which nobody has promised.
 */
export function headroomOf(settings: Settings, flavor: Flavor | null, fromImage: boolean): Headroom {
  const { vcpus, memory } = flavor?.headroom ?? settings.headroom;
  return { vcpus, memory: fromImage ? memory : 1 };
}

/** What one VM may have at most on this host, by its last report. A host that was never seen sets no bound. */
export function mostOf(rows: Rows, host: HostSettings): Pick<Sizing, 'vcpus' | 'memoryBytes'> {
  const seen = rows.hosts.find(host.name)?.observation ?? null;
  return seen === null ? { vcpus: Number.MAX_SAFE_INTEGER, memoryBytes: Number.MAX_SAFE_INTEGER } : mostOn(host, seen);
}
