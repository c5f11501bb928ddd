#!/bin/bash
# Run as root on the seed host, before its memory is saved: what is slow the first time is done here once.
# The volume group is not made here: each host makes its own (identity.sh), with its own UUID.
set -euo pipefail
export LC_ALL=C
[ "$(systemctl is-system-running --wait || true)" = running ] || systemctl --failed --no-legend >&2
virsh -c qemu:///system version >/dev/null # fills libvirt's cache of QEMU's abilities: 15 s
[ -n "$(virsh -c qemu:///system net-list --name)" ] || virsh -c qemu:///system net-start default
virsh -c qemu:///system domcapabilities --virttype kvm >/dev/null
virt-install --connect qemu:///system --print-xml 1 --name warm --memory 128 --virt-type kvm --osinfo linux2022 \
  --import --disk path=/var/lib/hostler/images/tiny.qcow2,format=qcow2 --network network=default --graphics vnc >/dev/null
as_hostler() { runuser -u hostler -- env -i HOME=/home/hostler PATH=/usr/bin:/bin XDG_RUNTIME_DIR=/run/user/"$(id -u hostler)" "$@"; }
as_hostler systemd-run --user --quiet --wait true
as_hostler virsh -c qemu:///system list --all --name >/dev/null
sudo -n true
{
  pvs
  vgs
  lvs
  lvcreate --help
  vgcreate --help
  qemu-img --help
  iptables-save
  ip -j addr
  bridge -j vlan
} >/dev/null
sync
