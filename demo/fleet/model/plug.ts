/** Disks put into a definition and taken out of it, of a domain or of one that runs. */
import { normalise } from './domain-xml.ts';
import { factsOf } from './facts.ts';
import type { Domain, LiveDomain } from './host-model.ts';
import { child, parseXml, printXml, type XmlNode } from './xml.ts';

type Defined = Pick<Domain, 'xml' | 'facts'>;

export function targetOf(disk: XmlNode): string {
  return child(disk, 'target')?.attrs['dev'] ?? '';
}

/** libvirt keeps disks in the order of their targets. */
export function withDisk<D extends Defined>(domain: D, disk: XmlNode): D {
  return changed(domain, (list) => {
    const at = list.findIndex((it) => it.name === 'disk' && targetOf(it) > targetOf(disk));
    const inside = [...list];
    inside.splice(at < 0 ? list.length : at, 0, disk);
    return inside;
  });
}

/** Without it, and without the wish that it were gone. */
export function withoutDisk(live: LiveDomain, target: string): LiveDomain {
  const { [target]: _since, ...unplugging } = live.unplugging ?? {};
  const { [target]: _bytes, ...diskBytes } = live.diskBytes;
  return { ...dropDisk(live, target), unplugging, diskBytes };
}

export function dropDisk<D extends Defined>(domain: D, target: string): D {
  return changed(domain, (list) => list.filter((it) => it.name !== 'disk' || targetOf(it) !== target));
}

/** With another block device behind a disk of it. */
export function behindDisk<D extends Defined>(domain: D, target: string, source: string): D {
  return changed(domain, (list) =>
    list.map((it) => {
      if (it.name !== 'disk' || targetOf(it) !== target) return it;
      const children = it.children.map((part) =>
        part.name === 'source' ? { ...part, attrs: { ...part.attrs, dev: source } } : part,
      );
      return { ...it, children };
    }),
  );
}

function changed<D extends Defined>(domain: D, change: (devices: readonly XmlNode[]) => readonly XmlNode[]): D {
  const before = parseXml(domain.xml);
  const children = before.children.map((it) => (it.name === 'devices' ? { ...it, children: change(it.children) } : it));
  const xml = normalise({ ...before, children }, { uuid: () => '', mac: () => '' });
  return { ...domain, xml: printXml(xml), facts: factsOf(xml) };
}
