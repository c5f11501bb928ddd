/**
 * Checks the filesystems of one disk of a guest, which is a copy and not in use, with the guest's own tools: no tool of the host's reads what
 * a guest wrote. Each is mounted and unmounted first, as a start would do it: what a journal holds is no damage. Nothing is mended.
 *
 * A line for each: `good PART TYPE`, `bad PART TYPE: WHY`, or `none PART TYPE: WHY NOT`.
 */
export const CHECK = [
  'PATH=$PATH:/usr/sbin:/sbin',
  'disk= at=/run/hostler-check',
  'for each in /sys/block/*; do [ "$(cat "$each/serial" 2>/dev/null)" = "$1" ] && disk=$(basename "$each"); done',
  '[ -n "$disk" ] || { echo "no disk $1" >&2; exit 3; }',
  'parts=$(for each in /sys/block/"$disk"/"$disk"*; do [ -e "$each/partition" ] && basename "$each"; done)',
  '[ -n "$parts" ] || parts=$disk',
  'check() {',
  '  part=$1 type=$2 options=$3; shift 3',
  '  command -v "$1" >/dev/null || { echo "none $part $type: the guest has no $1"; return; }',
  '  mkdir -p "$at" && mount -t "$type" -o "$options" "/dev/$part" "$at" >/dev/null 2>&1 && umount "$at"',
  '  if said=$("$@" "/dev/$part" 2>&1); then echo "good $part $type"',
  '  else echo "bad $part $type: exit code $?: $(printf "%s" "$said" | tail -n 3 | tr "\\n" " ")"; fi',
  '}',
  'for part in $parts; do',
  '  type=$(blkid -p -o value -s TYPE "/dev/$part" 2>/dev/null)',
  '  case $type in',
  '  ext2 | ext3 | ext4) check "$part" "$type" rw e2fsck -fn ;;',
  '  xfs) check "$part" xfs nouuid xfs_repair -n ;;',
  '  "") echo "none $part unknown: nothing is known on it" ;;',
  '  *) echo "none $part $type: that kind is not checked" ;;',
  '  esac',
  'done',
  'exit 0',
].join('\n');
