#!/bin/bash
# guest-tree.sh ROOT KERNEL TREE IMAGE: what both guest images are made of: busybox, dropbear, the guest agent, the
# files in guest/ and the kernel modules, cut out of the lab host's root.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/modules.sh"
root=$1 kernel=$2 tree=$3 image=$4
mkdir -p "$tree"/{bin,sbin,usr/bin,usr/sbin,dev,proc,sys,run,tmp,mnt,root,home/ops,etc/dropbear,var/log}
ln -s ../run "$tree/var/run"
chmod 1777 "$tree/tmp"

copy_program() { # a program and the libraries that it names
  local program=$1 library
  install -D -m 755 "$root$program" "$tree$program"
  chroot "$root" ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    [ -e "$tree$library" ] || install -D -m 755 "$(readlink -f "$root$library")" "$tree$library"
  done
}
programs='/usr/sbin/dropbear /usr/bin/dropbearkey /usr/sbin/qemu-ga'
[ "$image" = full ] && programs="$programs /sbin/e2fsck /sbin/resize2fs /sbin/tune2fs /sbin/mke2fs /sbin/dumpe2fs /sbin/sfdisk /usr/bin/partx /bin/lsblk /sbin/blkid /sbin/fstrim /usr/sbin/xfs_growfs /usr/sbin/xfs_repair"
for program in $programs; do copy_program "$program"; done
# dropbear looks people up through NSS, which is loaded by name.
install -D -m 755 "$root"/lib/x86_64-linux-gnu/libnss_files.so.2 "$tree/lib/x86_64-linux-gnu/libnss_files.so.2" 2>/dev/null || true
echo 'passwd: files
group: files
shadow: files
hosts: files dns' >"$tree/etc/nsswitch.conf"

install -m 755 "$root/bin/busybox" "$tree/bin/busybox"
chroot "$root" /bin/busybox --list-full | while read -r applet; do
  # As on Debian: the small tools in /bin or /sbin, never over a real program.
  case $applet in usr/*) applet=${applet#usr/} ;; esac
  case $applet in bin/* | sbin/*) ;; *) continue ;; esac
  [ -e "$tree/$applet" ] || [ -e "$tree/usr/$applet" ] || ln -s /bin/busybox "$tree/$applet"
done

(cd "$here/guest" && find . -type f) | while read -r file; do
  rm -f "$tree/$file"
  case $file in ./sbin/* | *.script | ./etc/acpi/*) mode=755 ;; ./etc/shadow) mode=600 ;; *) mode=644 ;; esac
  install -D -m $mode "$here/guest/$file" "$tree/$file"
done
mkdir -p "$tree/etc/udhcpc"
ln -sf /usr/share/udhcpc/default.script "$tree/etc/udhcpc/default.script" # where Debian's busybox looks
echo "IMAGE=$image" >"$tree/etc/lab-image"
printf 'NAME="Hostler lab guest"\nID=hostler-lab\nVERSION_ID="1"\nPRETTY_NAME="Hostler lab guest (%s)"\n' "$image" >"$tree/etc/os-release"

copy_modules "$root" "$kernel" "$tree" virtio_pci virtio_blk virtio_net virtio_console virtio_balloon virtio_rng \
  button evdev vfat nls_cp437 nls_ascii nls_iso8859-1 nls_utf8 isofs
