/**
 * What one machine alone should have: taken out of a guest, and looked for. POSIX shell that BusyBox and a Linux of ten years ago can read.
 * The kinds are those of `virt-sysprep`, which would want an appliance on each host.
 */

const HISTORIES =
  '.bash_history .zsh_history .ash_history .sh_history .history .python_history .lesshst .viminfo .mysql_history .psql_history .sqlite_history .node_repl_history .rediscli_history';

/** Where it all is, below a root: that of the guest is the empty one. */
function placesIn(root: string) {
  const all = (...paths: readonly string[]) => paths.map((path) => `${root}${path}`).join(' ');
  return {
    hostKeys: all('/etc/ssh/ssh_host_*_key', '/etc/ssh/ssh_host_*_key.pub', '/etc/dropbear/*_host_key'),
    leases: all(
      ...['dhcp', 'dhclient', 'dhcpcd'].map((client) => `/var/lib/${client}/*lease*`),
      ...['*lease', 'secret_key', 'timestamps'].map((file) => `/var/lib/NetworkManager/${file}`),
      '/etc/udev/rules.d/70-persistent-net.rules',
    ),
    randomSeeds: all(
      ...['systemd/random-seed', 'random-seed', 'urandom/random-seed'].map((file) => `/var/lib/${file}`),
      ...['/boot/loader/random-seed', '/boot/efi/loader/random-seed'],
    ),
    cloud: all(...['instance', 'instances', 'data', 'sem'].map((folder) => `/var/lib/cloud/${folder}`)),
    /** cloud-init writes them anew for each instance. */
    cloudNetwork: all(
      '/etc/netplan/50-cloud-init.yaml',
      '/etc/network/interfaces.d/50-cloud-init*',
      '/etc/NetworkManager/system-connections/cloud-init-*',
    ),
    mailAndCrashes: all('/var/mail/*', '/var/spool/mail/*', '/var/crash/*', '/var/lib/systemd/coredump/*'),
    temporary: all('/tmp', '/var/tmp'),
    /** How both scripts begin. `homes`: directories of people, of root, and of services. */
    prologue: [
      `PATH=$PATH:${root}/usr/local/sbin:${root}/usr/sbin:${root}/sbin`,
      `STAMP=${root}/run/hostler-clean`,
      `homes() { { echo ${root}/root; cut -d: -f6 ${root}/etc/passwd; } | sort -u | while IFS= read -r home; do [ -d "$home" ] && printf "%s\\n" "$home"; done; }`,
    ],
  };
}

/**
 * Waits for the end of the boot, which may make keys; ends those who write logs. All is written over before it goes, since who has the
 * disk could read what was only deleted; and the pool is told what is free (`fstrim`).
 */
export function cleanScript(root: string): string {
  const places = placesIn(root);
  return [
    ...places.prologue,
    'if command -v systemctl; then',
    '  timeout 300 systemctl is-system-running --wait',
    '  for each in rsyslog syslog-ng crond cron atd; do systemctl stop "$each"; done',
    'fi >/dev/null 2>&1',
    'blank() {',
    '  [ -f "$1" ] && [ ! -L "$1" ] && dd if=/dev/zero of="$1" bs=65536 count=$((($(wc -c <"$1") + 65535) / 65536)) conv=notrunc,fsync 2>/dev/null',
    '}',
    'wipe() { for file; do blank "$file"; rm -f "$file"; done; }',
    'scrub() {',
    '  find "$@" -xdev -type f 2>/dev/null | while IFS= read -r file; do wipe "$file"; done',
    '  rm -rf "$@"',
    '}',
    `wipe ${places.hostKeys} ${places.randomSeeds} ${places.leases}`,
    'homes | while IFS= read -r home; do',
    '  scrub "$home/.ssh"',
    `  for name in ${HISTORIES}; do wipe "$home/$name"; done`,
    'done',
    'if command -v cloud-init >/dev/null; then',
    '  cloud-init clean --logs >/dev/null 2>&1',
    `  rm -rf ${places.cloudNetwork}`,
    'fi',
    `scrub ${places.cloud} ${places.mailAndCrashes}`,
    `[ -e ${root}/etc/machine-id ] && : >${root}/etc/machine-id`,
    `[ -f ${root}/var/lib/dbus/machine-id ] && [ ! -L ${root}/var/lib/dbus/machine-id ] && rm -f ${root}/var/lib/dbus/machine-id`,
    ': >"$STAMP"',
    `find ${places.temporary} -xdev -mindepth 1 -maxdepth 1 | while IFS= read -r each; do scrub "$each"; done`,
    // A log that programs write to stays, empty, with its owner and mode.
    `find ${root}/var/log -xdev -type f | while IFS= read -r file; do`,
    '  case $file in',
    '  */journal/* | *.gz | *.xz | *.bz2 | *.zst | *.old | *.[0-9] | *.[0-9].log | *-20[0-9][0-9][0-9][0-9]*) wipe "$file" ;;',
    '  *) blank "$file" && : >"$file" ;;',
    '  esac',
    'done',
    'sync',
    'fstrim -a >/dev/null 2>&1',
    'exit 0',
  ].join('\n');
}

/** A line for each kind: `clean KIND`, or `left KIND: PLACE`. What was written since the cleaning is of the guest that cleaned itself. */
export function tracesScript(root: string): string {
  const places = placesIn(root);
  return [
    ...places.prologue,
    'tell() { kind=$1 && shift; if [ $# -gt 0 ] && [ -n "$1" ]; then echo "left $kind: $1"; else echo "clean $kind"; fi; }',
    'there() { for file; do [ -e "$file" ] && echo "$file"; done; }',
    'older() { if [ -e "$STAMP" ]; then find "$@" ! -newer "$STAMP"; else find "$@"; fi 2>/dev/null; }',
    `ids() { for file in ${root}/etc/machine-id ${root}/var/lib/dbus/machine-id; do [ -s "$file" ] && echo "$file"; done; }`,
    'tell machine-id $(ids)',
    `tell "ssh host keys" $(there ${places.hostKeys})`,
    'tell "people’s ssh keys" "$(homes | while IFS= read -r home; do find "$home/.ssh" -type f 2>/dev/null; done | head -n 1)"',
    `tell "shell histories" "$(homes | while IFS= read -r home; do for name in ${HISTORIES}; do there "$home/$name"; done; done | head -n 1)"`,
    `tell logs "$(older ${root}/var/log -xdev -type f -size +0c | head -n 1)"`,
    `tell "cloud-init’s data" $(there ${places.cloud})`,
    `tell "DHCP leases and names of network cards" $(there ${places.leases})`,
    `tell "random seeds" $(there ${places.randomSeeds})`,
    `tell "mail and crash dumps" $(there ${places.mailAndCrashes})`,
    `tell "temporary files" "$(older ${places.temporary} -xdev -mindepth 1 -maxdepth 1 | head -n 1)"`,
    'command -v cloud-init >/dev/null && echo cloud-init',
    'sync',
    'exit 0',
  ].join('\n');
}

export const CLEAN = cleanScript('');
export const TRACES = tracesScript('');
