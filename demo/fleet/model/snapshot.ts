/** All that operations can leave behind on a host, as text to compare: no times, no running ids. */
import { sha256Of } from './files.ts';
import type { Domain, DomainFacts, FileNode, HostModel } from './host-model.ts';
import { originOf } from './lvm.ts';

export interface Snapshot {
  readonly domains: readonly string[];
  readonly volumes: readonly string[];
  readonly files: readonly string[];
  readonly units: readonly string[];
  readonly networks: readonly string[];
}

/** Disks of its definition, and of the running domain where those differ. */
function disks({ facts, live }: Domain): string {
  const list = (of: DomainFacts) =>
    of.disks
      .map(({ target, source }) => `${target} ${source}`)
      .sort()
      .join(', ');
  const [kept, now] = [list(facts), list(live?.facts ?? facts)];
  return kept === now ? kept : `${kept}; now ${now}`;
}

/** vCPUs and memory, each of at most; of its definition, and of the running domain where that differs. */
function sizes({ facts, live }: Domain): string {
  const size = (of: DomainFacts) => `${of.vcpus}/${of.maxVcpus} vCPU ${of.currentKiB}/${of.memoryKiB} KiB`;
  const [kept, now] = [size(facts), size(live?.facts ?? facts)];
  return kept === now ? kept : `${kept}, now ${now}`;
}

/** Files on the machine that backups go to. */
function elsewhere({ remote }: HostModel): [string, FileNode][] {
  const files = Object.entries(remote?.files ?? {}).filter(([, { kind }]) => kind === 'file');
  return files.map(([path, node]) => [`ssh:${path}`, node]);
}

export function snapshotOf(model: HostModel): Snapshot {
  return {
    domains: model.domains
      .map(
        (it) =>
          `${it.name} ${it.uuid} ${it.state}${it.persistent ? '' : ' transient'}${it.autostart ? ' autostart' : ''}${it.live?.frozen === true ? ' frozen' : ''} ${sizes(it)} (${disks(it)})`,
      )
      .sort(),
    volumes: model.volumes
      .map((it) => {
        const origin = originOf(model, it);
        const of = origin === undefined ? '' : ` of ${origin.name}`;
        return `${it.vg}/${it.name} ${it.kind} ${it.sizeBytes}${of} [${it.tags.join(' ')}]${it.active ? '' : ' inactive'}${it.metadataHeld === true ? ' metadata held' : ''} ${it.content}`;
      })
      .sort(),
    files: [...Object.entries(model.files), ...elsewhere(model)]
      .map(([path, it]) => (it.kind === 'dir' ? `${path}/` : `${path} ${it.sizeBytes} ${sha256Of(it).slice(0, 12)}`))
      .sort(),
    units: model.units.map((it) => `${it.name} ${it.state}`).sort(),
    networks: model.networks.map((it) => `${it.name} ${it.active ? 'active' : 'inactive'}`).sort(),
  };
}
