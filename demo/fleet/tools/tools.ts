/** The programs that a simulated host has. */
import { age } from './age.ts';
import { blkdiscard } from './blkdiscard.ts';
import { awk, dmsetup } from './changes.ts';
import { curl } from './curl.ts';
import { cat, dd, df, mkdir, mv, rm, stat, test } from './files.ts';
import { find } from './find.ts';
import { lvchange, lvextend, lvremove, lvrename } from './lvm/change.ts';
import { lvmconfig } from './lvm/config.ts';
import { lvcreate } from './lvm/lvcreate.ts';
import { lvs, pvs, vgs } from './lvm/report.ts';
import { osinfoQuery } from './osinfo-query.ts';
import { python3 } from './pipe.ts';
import { bash, ping } from './probe.ts';
import { qemuImg } from './qemu-img.ts';
import { ssh } from './ssh.ts';
import { sha256sum, sha512sum } from './sums.ts';
import { id, sudo, timeout, uname } from './system.ts';
import { systemctl, systemdRun } from './systemd.ts';
import type { Tool } from './tool.ts';
import { virsh } from './virsh/virsh.ts';
import { virtInstall } from './virt-install.ts';
import { date, head } from './watch.ts';
import { zstd } from './zstd.ts';

export const TOOLS: Readonly<Record<string, Tool>> = {
  virsh,
  'virt-install': virtInstall,
  lvs,
  vgs,
  pvs,
  lvcreate,
  lvextend,
  lvrename,
  lvremove,
  lvchange,
  blkdiscard,
  lvmconfig,
  'qemu-img': qemuImg,
  dd,
  cat,
  head,
  date,
  mv,
  rm,
  mkdir,
  test,
  stat,
  sha256sum,
  sha512sum,
  curl,
  find,
  'osinfo-query': osinfoQuery,
  zstd,
  ssh,
  age,
  ping,
  python3,
  bash,
  awk,
  dmsetup,
  df,
  sudo,
  timeout,
  'systemd-run': systemdRun,
  systemctl,
  uname,
  id,
};
