#!/bin/bash
# mmdebstrap's customize hook: turns a Debian root into a lab host. $1: the root. Key files come from $LAB_BUILD/keys.
set -euo pipefail
root=$1
here=$(cd "$(dirname "$0")" && pwd)

(cd "$here/host" && find . -type f) | while read -r file; do
  rm -f "$root/$file" # resolv.conf may be a link
  install -D -m 644 "$here/host/$file" "$root/$file"
done
echo seed >"$root/etc/hostname"
echo '127.0.0.1 localhost seed' >"$root/etc/hosts"

# The lab's own way in, as root: for identity.sh and for tests that look at what really is.
install -d -m 700 "$root/root/.ssh"
install -m 600 "$LAB_BUILD/keys/root.pub" "$root/root/.ssh/authorized_keys"
# A host key for the first connection only; identity.sh brings each host its own.
rm -f "$root"/etc/ssh/ssh_host_*
install -m 600 "$LAB_BUILD/keys/image_host" "$root/etc/ssh/ssh_host_ed25519_key"
install -m 644 "$LAB_BUILD/keys/image_host.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"

# The bot's user: libvirt by group, LVM by sudoers (written by identity.sh), its own processes by linger.
chroot "$root" useradd --create-home --shell /bin/bash --groups libvirt hostler
mkdir -p "$root/var/lib/systemd/linger" && : >"$root/var/lib/systemd/linger/hostler"
chroot "$root" install -d -o hostler -g hostler -m 711 /var/lib/hostler /var/lib/hostler/seed
chroot "$root" install -d -o hostler -g hostler -m 755 /var/lib/hostler/images
# Where backups go: each host's own directory, as if it were a share.
chroot "$root" install -d -m 755 /srv/backup
chroot "$root" install -d -o hostler -g hostler -m 750 /srv/backup/hostler

mkdir -p "$root/srv/nfs/share" "$root/etc/libvirt/qemu/networks/autostart"
ln -sf ../default.xml "$root/etc/libvirt/qemu/networks/autostart/default.xml"
# AppArmor is off on the kernel's command line: compiling a profile takes seconds a VM under emulation.
echo 'security_driver = "none"' >>"$root/etc/libvirt/qemu.conf"
# All hosts wake from one memory image with one SMBIOS UUID: libvirt shall tell them apart by machine id.
echo 'host_uuid_source = "machine-id"' >>"$root/etc/libvirt/libvirtd.conf"

chroot "$root" systemctl -q enable systemd-networkd.service lab-keep-kvm.service
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service man-db.timer \
  dpkg-db-backup.timer fstrim.timer logrotate.timer systemd-timesyncd.service getty@tty1.service apparmor.service \
  systemd-random-seed.service libvirt-guests.service nfs-blkmap.service dnsmasq.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# virtlockd stays: libvirtd can't be socket-activated without it.
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
