/**
 * The shell lines that backups run as root, in sudoers word for word (`src/infra/sudoers.ts`): so one sudo reads thousands of ranges, and
 * can do nothing else; and what reads those of incremental ones.
 *
 * They go through systemd, which takes `${` for a variable of its own: there is none in them.
 *
 * The stream of an increment tells of itself: `hostler-increment 1 SIZE` (the disk's bytes), a line `range FROM BYTES` for each that has
 * changed, `data COUNT BYTES`; then the ranges' content, one behind the other; then `end`. On the target it is compressed.
 */

/** Reads the head of a stream up to its data, and says it again. What begins otherwise is not read any further: it may be a whole disk. */
const HEAD =
  'read -r -n 60 kind from bytes && [ "$kind" = hostler-increment ] || exit 1; echo "$kind $from $bytes"; until [ "$kind" = data ]; do read -r -n 60 kind from bytes || exit; echo "$kind $from $bytes"; if [ "$kind" = range ]; then list="$list$from $bytes;"; fi; done';
/** What the device `$1` holds in these ranges. */
const CONTENT =
  'while read -r -d ";" -u 4 from bytes; do dd if="$1" bs=1M iflag=skip_bytes,count_bytes skip="$from" count="$bytes" status=none || exit; done 4<<<"$list"; echo end';

/** A wildcard of sudoers matches slashes as well, and spaces: what is named has to lie in the group's own folder, and no other word counts. */
const IN_FOLDER = 'case $1 in *..*) exit 77;; esac';

/** The volume `$1` onto stdout. */
export const READ_VOLUME = `${IN_FOLDER}; exec cat -- "$1"`;
/** stdin into the volume `$1`; what reads as zeros is left out. */
export const WRITE_VOLUME = `${IN_FOLDER}; exec dd bs=1M iflag=fullblock conv=sparse,notrunc,fsync status=none of="$1"`;

/** A stream's head on stdin, the whole stream onto stdout: its ranges as the device `$1` holds them. */
export const READ_RANGES = `${IN_FOLDER}; ${HEAD}; ${CONTENT}`;

/**
 * A stream on stdin, written into the device `$1`; then read back from it onto stdout, so that the sums of both can be compared. The device is
 * closed in between, which writes it out.
 */
export const WRITE_RANGES = `${IN_FOLDER}; exec 3<>"$1" || exit; ${HEAD}; while read -r -d ";" -u 4 from bytes; do dd of="$1" bs=1M iflag=fullblock,count_bytes oflag=seek_bytes conv=notrunc seek="$from" count="$bytes" status=none || exit; done 4<<<"$list"; read -r last && [ "$last" = end ] || exit 1; exec 3>&-; ${CONTENT}`;

/** The pool bears it while Hostler holds a snapshot of its metadata, which outlives the host’s restart as the snapshot does. */
export const HELD_TAG = 'hostler.metadata-snapshot';

/**
 * What differs between two thin volumes (`$3`, `$4`) of the pool `$1`, whose device is `$2`: the size of the second, then what thin_delta says.
 * A snapshot of the metadata that was left behind is released first; without `$3` that is all. One that somebody else holds is not touched.
 */
export const FIND_CHANGES = [
  'pool="$1" device="$2"',
  `release() { dmsetup message "$device-tpool" 0 release_metadata_snap; lvchange --deltag ${HELD_TAG} -- "$pool"; }`,
  `if lvs --noheadings -o lv_tags -- "$pool" | grep -q ${HELD_TAG}; then release >&2 || exit; fi`,
  '[ "$3" ] || exit 0',
  `lvchange --addtag ${HELD_TAG} -- "$pool" >&2 || exit`,
  `dmsetup message "$device-tpool" 0 reserve_metadata_snap || { lvchange --deltag ${HELD_TAG} -- "$pool" >&2; exit 75; }`,
  // Without the second, bash dies of the signal and runs no trap (seen on a real host).
  'trap "release >&2" EXIT; trap "exit 143" TERM INT HUP',
  'echo size $(lvs --noheadings --nosuffix --units b -o lv_size -- "$4")',
  'thin_delta -m --thin1 $(lvs --noheadings -o thin_id -- "$3") --thin2 $(lvs --noheadings -o thin_id -- "$4") "/dev/mapper/$device""_tmeta"',
].join('; ');

/** No more ranges than these: near ones are read as one, with what lies between them. */
const MOST_RANGES = 4096;
/** So near (in bytes) they are one anyway: to begin another read costs as much. */
const NEAR = 1_048_576;

/** What FIND_CHANGES said, as the head of a stream. What was discarded has changed as well: it reads as zeros now. */
export const TO_RANGES = [
  `BEGIN { FS = "\\""; near = ${NEAR} }`,
  '/^size / { split($0, word, " "); size = word[2] + 0 }',
  '/<superblock / { for (i = 1; i < NF; i++) if ($i ~ / data_block_size=$/) chunk = $(i + 1) * 512 }',
  '/<(different|left_only|right_only) / { from = $2 * chunk; to = from + $4 * chunk; if (to > size) to = size; if (from < to) { n++; first[n] = from; last[n] = to } }',
  '/<\\/superblock>/ { whole = 1 }',
  'END { if (!whole || !size || !chunk) exit 1;',
  'for (;;) { m = 0; for (i = 1; i <= n; i++) if (m && first[i] - last[m] <= near) last[m] = last[i]; else { m++; first[m] = first[i]; last[m] = last[i] }',
  `n = m; if (n <= ${MOST_RANGES}) break; near *= 2 }`,
  'printf "hostler-increment 1 %.0f\\n", size;',
  'for (i = 1; i <= n; i++) { printf "range %.0f %.0f\\n", first[i], last[i] - first[i]; bytes += last[i] - first[i] }',
  'printf "data %d %.0f\\n", n, bytes }',
].join(' ');
