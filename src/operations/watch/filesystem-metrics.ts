import { type Filling, freshFilling } from '../../domain/guest-filesystem.ts';
import type { Metric, MetricSample } from '../../domain/metric.ts';
import type { Rows } from '../store.ts';

/** Of the filesystems that guests' agents told of lately. */
export function filesystemMetrics(rows: Rows, now: number): readonly Metric[] {
  const known = rows.filesystems.all();
  const seen = rows.vms
    .list(null)
    .flatMap((vm) => (freshFilling(known.get(vm.id) ?? null, vm.disks, now) ?? []).map((filling) => ({ vm, filling })));
  const of = (pick: (filling: Filling) => number): MetricSample[] =>
    seen.map(({ vm, filling }) => ({
      labels: { team: vm.team, vm: vm.name, mountpoint: filling.mountpoint },
      value: pick(filling),
    }));
  return [
    {
      name: 'hostler_vm_filesystem_size_bytes',
      help: 'What users may fill of a filesystem in the guest, as its agent says.',
      type: 'gauge',
      samples: of(({ totalBytes }) => totalBytes),
    },
    {
      name: 'hostler_vm_filesystem_used_ratio',
      help: 'Share of a filesystem in the guest that is used, as its agent says.',
      type: 'gauge',
      samples: of(({ usedPercent }) => usedPercent / 100),
    },
  ];
}
