#!/bin/bash
# full.sh ROOT KERNEL OUT.qcow2: a guest with a partition table, a FAT boot partition and an ext4 root, for what needs
# a real filesystem: freezing, growing, checking. Made without a mount. The root comes last, so that it can grow.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$1 kernel=$2 out=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/modules.sh"
boot_at=2048 boot_size=65536 root_at=67584 root_size=456704 # in sectors of 512 bytes; 256 MiB in all

"$here/guest-tree.sh" "$root" "$kernel" "$work/tree" full
mkdir -p "$work/tree/boot"
mke2fs -q -t ext4 -L full-root -E root_owner=0:0 -d "$work/tree" "$work/root.ext4" $((root_size / 2))k >/dev/null

mkdir -p "$work/initrd.tree"/{bin,dev,proc,sys,mnt}
cp "$root/bin/busybox" "$work/initrd.tree/bin/"
for applet in sh insmod mount findfs sleep switch_root; do ln -s busybox "$work/initrd.tree/bin/$applet"; done
cp -r "$work/tree/lib" "$work/initrd.tree/" && rm -rf "$work/initrd.tree/lib/x86_64-linux-gnu"
cat >"$work/initrd.tree/init" <<'INIT'
#!/bin/sh
mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys
while read -r module; do insmod "/lib/modules-lab/$module" 2>/dev/null; done </lib/modules-lab/order
tries=0
until root=$(findfs LABEL=full-root) || [ $tries -ge 50 ]; do sleep 0.2; tries=$((tries + 1)); done
mount -t ext4 "$root" /mnt || exec sh
for dir in dev proc sys; do mount --move /$dir /mnt/$dir; done
exec switch_root /mnt /sbin/init
INIT
chmod 755 "$work/initrd.tree/init"
pack_initrd "$work/initrd.tree" "$work/initrd"

cat >"$work/syslinux.cfg" <<'CFG'
DEFAULT lab
PROMPT 0
TIMEOUT 0
LABEL lab
 KERNEL vmlinuz
 INITRD initrd
 APPEND console=tty0 console=ttyS0 quiet nokaslr mitigations=off tsc=reliable
CFG
truncate -s $((boot_size * 512)) "$work/boot.fat"
mkfs.vfat -F 16 -n BOOT -h $boot_at "$work/boot.fat" >/dev/null
mcopy -i "$work/boot.fat" "$root/boot/vmlinuz-$kernel" ::vmlinuz
mcopy -i "$work/boot.fat" "$work/initrd" ::initrd
mcopy -i "$work/boot.fat" "$work/syslinux.cfg" ::syslinux.cfg
syslinux --install "$work/boot.fat"

truncate -s $(((root_at + root_size) * 512)) "$work/disk"
printf 'label: dos\nstart=%s, size=%s, type=e, bootable\nstart=%s, size=%s, type=83\n' \
  $boot_at $boot_size $root_at $root_size | sfdisk -q "$work/disk"
dd if=/usr/lib/syslinux/mbr/mbr.bin of="$work/disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/boot.fat" of="$work/disk" bs=512 seek=$boot_at conv=notrunc,sparse status=none
dd if="$work/root.ext4" of="$work/disk" bs=512 seek=$root_at conv=notrunc,sparse status=none
qemu-img convert -c -O qcow2 "$work/disk" "$out"
