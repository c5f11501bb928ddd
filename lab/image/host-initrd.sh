#!/bin/bash
# host-initrd.sh ROOT KERNEL OUT: the lab host's 2 MB initrd. It loads virtio_blk, mounts /dev/vda and leaves.
set -euo pipefail
. "$(dirname "$0")/modules.sh"
root=$1 kernel=$2 out=$3
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{bin,dev,proc,sys,mnt}
cp "$root/bin/busybox" "$tree/bin/"
ln -s busybox "$tree/bin/sh"
copy_modules "$root" "$kernel" "$tree" virtio_pci virtio_blk
cat >"$tree/init" <<'INIT'
#!/bin/sh
busybox() { /bin/busybox "$@"; }
busybox mount -t devtmpfs dev /dev; busybox mount -t proc proc /proc; busybox mount -t sysfs sys /sys
while read -r module; do busybox insmod "/lib/modules-lab/$module"; done </lib/modules-lab/order
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 200 ]; do busybox usleep 50000; tries=$((tries + 1)); done
busybox mount -t ext4 -o noatime /dev/vda /mnt || exec /bin/sh
for dir in dev proc sys; do busybox mount --move /$dir /mnt/$dir; done
exec /bin/busybox switch_root /mnt /sbin/init
INIT
chmod 755 "$tree/init"
pack_initrd "$tree" "$out"
