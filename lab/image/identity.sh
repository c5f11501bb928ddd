# Run as root on a host that has just woken from the saved state, over one ssh connection. lab/identity.ts puts the
# assignments before it, NAME NOW UUID ENTROPY ADDRESS MAC POOL HOST_KEY HOST_KEY_PUBLIC BOT_KEY, and grant.sh behind it.
set -euo pipefail
export LC_ALL=C
date -s "@$NOW" >/dev/null
# All hosts wake with the same random state: stir something of its own in, and have the kernel use it now
# (RNDRESEEDCRNG; the cloud kernel has no driver for QEMU's vmgenid).
perl -e 'open(F, ">", "/dev/urandom") or die; syswrite(F, $ARGV[0]); ioctl(F, 0x5207, 0) or die $!' "$ENTROPY"

echo "$NAME" >/etc/hostname
hostname "$NAME"
echo "127.0.0.1 localhost $NAME" >/etc/hosts
echo "$UUID" | tr -d - >/etc/machine-id

install -m 600 /dev/null /etc/ssh/ssh_host_ed25519_key
echo "$HOST_KEY" >/etc/ssh/ssh_host_ed25519_key
echo "$HOST_KEY_PUBLIC" >/etc/ssh/ssh_host_ed25519_key.pub
systemctl restart ssh &

install -d -o hostler -g hostler -m 700 /home/hostler/.ssh
echo "$BOT_KEY" >/home/hostler/.ssh/authorized_keys
chown hostler:hostler /home/hostler/.ssh/authorized_keys
chmod 600 /home/hostler/.ssh/authorized_keys
mkdir -p /etc/systemd/network/22-br0.network.d
printf '[Network]\nAddress=%s\n' "$ADDRESS" >/etc/systemd/network/22-br0.network.d/address.conf
ip link set eth1 address "$MAC"
ip link set br0 address "$MAC"
ip addr flush dev br0
ip addr add "$ADDRESS" dev br0

# libvirtd woke up with the same random state as on the other hosts, and would give out the same UUIDs and MACs.
systemctl restart libvirtd &

vgcreate -q cloudvg /dev/vdb
lvcreate -q -y --type thin-pool -L "$POOL" -n thinpool cloudvg
wait
virsh -c qemu:///system version >/dev/null
sync
