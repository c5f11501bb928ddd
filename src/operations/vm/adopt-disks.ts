import type { BotError } from '../../domain/error.ts';
import type { HostSettings } from '../../domain/settings.ts';
import { fullName } from '../../domain/vm.ts';
import { volumeAt } from '../../domain/volume-path.ts';
import { strangerWith } from '../drift/strangers.ts';
import type { PlanContext } from '../spec.ts';
import type { AdoptFacts } from './adopt-facts.ts';
import type { AdoptLook } from './adopt-look.ts';

type No = (why: string, hint: string) => BotError;

/** The disks that it writes to: each a volume that Hostler can grow, snapshot and move to the trash, and nobody else's. Throws why not. */
export function adoptableDisks(hostName: string, looked: AdoptLook, context: PlanContext, no: No): AdoptFacts['disks'] {
  const { definition, devices } = looked;
  const { settings, rows } = context;
  const host = settings.hosts.find(({ name }) => name === hostName);
  if (definition.kind !== 'read' || host === undefined) return [];
  const written = definition.disks.filter((disk) => disk.written);
  const volumes = rows.hosts.find(hostName)?.observation?.volumes;
  if (volumes == null) throw no(`${hostName} does not say what volumes it has`, `See \`/host check ${hostName}\`.`);
  // What has no path (a network's, a pool's of libvirt) the definition's list leaves out.
  const other = devices.disks.find(({ target, readonly }) => !readonly && !written.some((it) => it.target === target));
  if (other !== undefined)
    throw no(`its disk ${other.target} is neither a volume nor a file of the host`, 'Move it to a volume first.');
  const whose = owners(hostName, context);
  return written.map(({ target, path }) => {
    const at = volumeAt(path);
    if (at === null) {
      throw no(
        `its disk ${target} (${path}) is no LVM volume, and Hostler could neither snapshot nor delete it`,
        `Copy it into one while it is off (qemu-img convert -O raw ${path} /dev/${host.vg}/NAME), and change its definition.`,
      );
    }
    const { vg, volume } = at;
    const name = `${vg}/${volume}`;
    if (vg !== host.vg)
      throw no(
        `its disk ${target} (${name}) is not in ${host.vg}, Hostler’s volume group on ${hostName}`,
        'Move it there.',
      );
    const sharer = strangerWith(looked.others, at);
    const owner = whose.get(name) ?? (sharer === undefined ? undefined : `that of domain ${sharer} too`);
    if (owner !== undefined) throw no(`its disk ${target} (${name}) is ${owner}`, 'Two guests on one disk destroy it.');
    const seen = volumes.find((each) => each.vg === vg && each.name === volume);
    if (seen === undefined || seen.kind === 'thin-pool')
      throw no(`its disk ${target} (${name}) is not there`, 'See `lvs` on the host.');
    const mark = seen.tags.find((tag) => tag.startsWith('hostler.'));
    if (mark !== undefined)
      throw no(
        `its disk ${target} (${name}) bears the mark ${mark}`,
        `If it is left over, take it off on the host: lvchange --deltag ${mark} ${name}`,
      );
    if (seen.kind === 'thin' && seen.pool !== host.pool)
      throw no(
        `its disk ${target} (${name}) draws from the pool ${seen.pool}, and Hostler watches ${host.pool} alone`,
        `Move it to a volume of ${host.vg}/${host.pool}.`,
      );
    return { target, vg, volume, sizeBytes: seen.sizeBytes, kind: seen.kind };
  });
}

/** Whose each volume of the host is that Hostler knows, in words. */
function owners(host: HostSettings['name'], { rows }: PlanContext): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const vm of rows.vms.onHost(host)) {
    for (const { vg, volume } of vm.disks) known.set(`${vg}/${volume}`, `that of ${fullName(vm)}`);
    for (const { name, disks } of rows.snapshots.of(vm.id))
      for (const { vg, volume } of disks) known.set(`${vg}/${volume}`, `of snapshot ${name} of ${fullName(vm)}`);
  }
  for (const { vg, volume } of rows.detached.onHost(host))
    known.set(`${vg}/${volume}`, 'a disk in the trash, which was taken out of a VM');
  for (const image of rows.images.list().filter((each) => each.host === host))
    known.set(`${image.vg}/${image.volume}`, `that of image ${image.name}`);
  return known;
}
