#!/bin/bash
# build.sh OUT: makes the lab's images in the empty directory OUT: base.raw (the host's root), vmlinux, initrd, guests/
# and keys/. Needs root (chroot), no mount and no loop device. Run by lab/build.ts, which has installed the tools.
set -euo pipefail
umask 022
here=$(cd "$(dirname "$0")" && pwd)
export LAB_BUILD=$1
suite=bookworm
cd "$LAB_BUILD"
root=$LAB_BUILD/root
mkdir -p keys guests
for key in root image_host; do ssh-keygen -q -t ed25519 -N '' -C "hostler-lab $key" -f "keys/$key"; done

# A Debian of the same release lends its sources (and so its mirror); otherwise Debian's own.
. /etc/os-release
sources=()
if [ "${ID:-}" = debian ] && [ "${VERSION_CODENAME:-}" = $suite ]; then
  for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do [ -s $file ] && sources+=("$file"); done
fi
if [ ${#sources[@]} = 0 ]; then
  sources=("deb http://deb.debian.org/debian $suite main" "deb http://deb.debian.org/debian-security $suite-security main")
fi

packages=$(grep -v '^ *\(#\|$\)' "$here/host-packages" | paste -sd, -)
echo "installing Debian $suite into the host's root"
# The kernel's own initramfs is slow to make and never used: host-initrd.sh makes ours.
mmdebstrap --variant=apt --mode=root --aptopt='Acquire::Languages "none"' --dpkgopt=force-confold \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --include="$packages" \
  --essential-hook='mkdir -p "$1"/etc/initramfs-tools; echo update_initramfs=no >"$1"/etc/initramfs-tools/update-initramfs.conf' \
  --customize-hook="\"$here/customize.sh\" \"\$1\"" \
  $suite "$root" "${sources[@]}" >mmdebstrap.log 2>&1 || {
  tail -n 30 mmdebstrap.log >&2
  exit 1
}

kernel=$(ls "$root/lib/modules")
echo "unpacking kernel $kernel"
"$here/vmlinux.sh" "$root/boot/vmlinuz-$kernel" >vmlinux
"$here/host-initrd.sh" "$root" "$kernel" initrd

for image in tiny full full-xfs; do
  echo "making guest image $image"
  case $image in *-xfs) kind=${image%-xfs} type=xfs ;; *) kind=$image type= ;; esac
  "$here/$kind.sh" "$root" "$kernel" "guests/$image.qcow2" $type
  (cd guests && sha256sum $image.qcow2 >$image.qcow2.sha256)
done
chroot "$root" install -d -o hostler -g hostler -m 755 /var/lib/hostler/images
install -m 644 guests/* "$root/var/lib/hostler/images/"
chroot "$root" chown -R hostler:hostler /var/lib/hostler/images

echo "writing the host's root filesystem"
truncate -s 8G base.raw
mke2fs -q -t ext4 -L root -O ^metadata_csum_seed -E lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0 -m 1 -d "$root" base.raw
rm -rf "$root"
