import { SAMPLE_METRICS, type Sample, type Values } from '../../src/domain/samples.ts';
import type { World } from './world.ts';

/** A sample of a VM that writes so much, as a sweep leaves it. */
export function writes({ rows }: Pick<World, 'rows'>, vmId: string, bytesPerSecond: number, at: number): void {
  const none = Object.fromEntries(Object.keys(SAMPLE_METRICS.vm).map((name) => [name, null])) as Values<'vm'>;
  const sample: Sample<'vm'> = { kind: 'vm', object: vmId, values: { ...none, up: 1, disk_write: bytesPerSecond } };
  rows.samples.add(at, [sample]);
}
