/** The driver for hosts with libvirt and LVM: its verbs are built here from their parts. */
import type { Driver } from '../operations/driver.ts';
import { backupVerbs } from './backups/backups.ts';
import { changeVerbs } from './backups/changes.ts';
import { fileVerbs } from './files/files.ts';
import { guestVerbs } from './guests/guests.ts';
import { imageVerbs } from './images/images.ts';
import { seedImage } from './images/seed.ts';
import { diskVerbs } from './libvirt/disks.ts';
import { domainVerbs } from './libvirt/domains.ts';
import { mirrorVerbs } from './libvirt/mirrors.ts';
import { networkVerbs } from './libvirt/networks.ts';
import { SYSTEM_URI, virshFor } from './libvirt/virsh.ts';
import { copyVerbs } from './lvm/copies.ts';
import { poolVerbs } from './lvm/pools.ts';
import { volumeVerbs } from './lvm/volumes.ts';
import { observe } from './observe.ts';
import { probeVerbs } from './probes/probes.ts';
import { snapshotVerbs } from './snapshots/snapshots.ts';
import { sweep } from './watch/sweep.ts';

export interface DriverOptions {
  /** libvirt's connection URI. Default `qemu:///system`. */
  readonly uri?: string;
  /** `virsh undefine` knows `--tpm` (libvirt 8.9 and newer: Debian 12, Enterprise Linux 9.2, Ubuntu 24.04). Default true. */
  readonly tpmFlag?: boolean;
}

export function makeDriver({ uri = SYSTEM_URI, tpmFlag = true }: DriverOptions = {}): Driver {
  const virsh = virshFor(uri);
  return {
    observe: (vg) => observe(virsh, vg),
    sweep: (vg, probe) => sweep(virsh, vg, probe),
    domains: domainVerbs(virsh, uri, { tpmFlag }),
    disks: diskVerbs(virsh),
    mirrors: mirrorVerbs(virsh),
    volumes: volumeVerbs(),
    pools: poolVerbs(),
    snapshots: snapshotVerbs(virsh, uri),
    files: fileVerbs(),
    guests: guestVerbs(virsh, uri),
    images: imageVerbs(),
    backups: backupVerbs(),
    changes: changeVerbs(),
    copies: copyVerbs(),
    networks: networkVerbs(virsh),
    probes: probeVerbs(virsh),
    seed: seedImage,
  };
}
