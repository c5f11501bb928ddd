#!/bin/bash
# full.sh ROOT KERNEL OUT.qcow2 [TYPE]: a guest with a partition table, a FAT boot partition and a root on ext4 or xfs,
# for what needs a real filesystem: freezing, growing, checking. Made without a mount. The root comes last, so that it
# can grow.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$1 kernel=$2 out=$3 type=${4:-ext4}
work=$(mktemp -d "$root/tmp/full.XXXXXX") # in there, so that the host's own mkfs.xfs reaches it
trap 'rm -rf "$work"' EXIT
. "$here/modules.sh"

# The directory as mkfs.xfs reads it (mkfs.xfs(8), -p): a line for the directory, one for each of its entries, and `$`.
xfs_prototype() {
  local dir=$1 entry name
  printf 'd--%s 0 0\n' "$(stat -c %a "$dir" | tail -c 4)"
  find "$dir" -mindepth 1 -maxdepth 1 | LC_ALL=C sort | while read -r entry; do
    name=${entry##*/}
    if [ -L "$entry" ]; then printf '%s l--777 0 0 %s\n' "$name" "$(readlink "$entry")"
    elif [ -d "$entry" ]; then printf '%s ' "$name" && xfs_prototype "$entry"
    else printf '%s ---%s 0 0 %s\n' "$name" "$(stat -c %a "$entry" | tail -c 4)" "$entry"; fi
  done
  echo '$'
}

boot_at=2048 boot_size=65536 root_at=67584 root_size=456704 # in sectors of 512 bytes; 256 MiB in all
[ "$type" = xfs ] && root_size=718848                        # mkfs.xfs makes none under 300 MiB; 384 MiB in all

"$here/guest-tree.sh" "$root" "$kernel" "$work/tree" full
mkdir -p "$work/tree/boot"
case $type in
  ext4)
    mke2fs -q -t ext4 -L full-root -E root_owner=0:0 -d "$work/tree" "$work/root" $((root_size / 2))k >/dev/null
    ;;
  xfs)
    copy_modules "$root" "$kernel" "$work/tree" xfs
    { printf '/dev/null\n0 0\n'; xfs_prototype "$work/tree"; } | sed "s| $root/| /|" >"$work/prototype"
    truncate -s $((root_size * 512)) "$work/root"
    chroot "$root" mkfs.xfs -q -L full-root -p "${work#"$root"}/prototype" "${work#"$root"}/root"
    ;;
esac

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
mount -t @TYPE@ "$root" /mnt || exec sh
for dir in dev proc sys; do mount --move /$dir /mnt/$dir; done
exec switch_root /mnt /sbin/init
INIT
sed -i "s/@TYPE@/$type/" "$work/initrd.tree/init"
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
dd if="$work/root" of="$work/disk" bs=512 seek=$root_at conv=notrunc,sparse status=none
qemu-img convert -c -O qcow2 "$work/disk" "$out"
