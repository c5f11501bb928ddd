#!/bin/bash
# tiny.sh ROOT KERNEL OUT.qcow2: the guest that boots in seconds. One FAT volume with syslinux, kernel and an initramfs
# which is the whole system; made without a mount. At run time the volume is /data, where the host key is kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$1 kernel=$2 out=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/modules.sh"
"$here/guest-tree.sh" "$root" "$kernel" "$work/tree" tiny
ln -s /bin/busybox "$work/tree/init"
pack_initrd "$work/tree" "$work/initrd"
cat >"$work/syslinux.cfg" <<'CFG'
DEFAULT lab
PROMPT 0
TIMEOUT 0
LABEL lab
 KERNEL vmlinuz
 INITRD initrd
 APPEND console=tty0 console=ttyS0 quiet nokaslr mitigations=off tsc=reliable
CFG
truncate -s 96M "$work/disk"
mkfs.vfat -F 16 -n TINY "$work/disk" >/dev/null
mcopy -i "$work/disk" "$root/boot/vmlinuz-$kernel" ::vmlinuz
mcopy -i "$work/disk" "$work/initrd" ::initrd
mcopy -i "$work/disk" "$work/syslinux.cfg" ::syslinux.cfg
syslinux --install "$work/disk"
qemu-img convert -c -O qcow2 "$work/disk" "$out"
