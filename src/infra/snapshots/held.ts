/**
 * Snapshots of a guest's volumes while it is held, as one shell line that root runs, in sudoers word for word (`src/infra/sudoers.ts`).
 *
 * Between hold and release there is nothing but lvcreate: sudo and the time limit stand around all of it, and the virsh that lets the
 * guest go has connected by then and waits for its command. On a host of the lab, five times each, `sudo -n true` took 390 ms,
 * `virsh -c qemu:///system echo a` 180 and `timeout -k 5 30 true` 55, which the guest would have had to wait for.
 */
import type { Hold } from '../../domain/snapshot.ts';

/** All but nothing. */
export type Held = Exclude<Hold, 'none'>;

/** virsh's commands to hold a guest and to let it go. It carries out each, whatever became of the one before; a guest must run to thaw. */
export const WAYS: Readonly<Record<Held, { readonly hold: readonly string[]; readonly release: readonly string[] }>> = {
  freeze: { hold: ['domfsfreeze'], release: ['domfsthaw'] },
  suspend: { hold: ['suspend'], release: ['resume'] },
  both: { hold: ['domfsfreeze', 'suspend'], release: ['resume', 'domfsthaw'] },
};

/** The commands as the one argument of a virsh. */
export function inOne(commands: readonly string[], domain: string): string {
  return commands.map((command) => `${command} ${domain}`).join('; ');
}

/**
 * Arguments: how to hold (`freeze`, `suspend`, `both`), the domain's UUID, the tags with commas between, then for each disk its volume and
 * the new one's name. Says what virsh and lvcreate say; fails where a snapshot failed, or the guest could not be suspended.
 */
export function takeHeld(uri: string, vg: string): string {
  const virsh = `virsh -c ${uri}`;
  const ways = Object.entries(WAYS).map(
    ([how, { hold, release }]) => `${how}) hold="${inOne(hold, '$on')}" release="${inOne(release, '$on')}";;`,
  );
  return [
    // sudo may have given root the host's own language; and a virsh that reads its commands would write them into root's history.
    'export LC_ALL=C XDG_CACHE_HOME=/dev/null',
    'failed=0 how="$1" on="--domain $2"; IFS=, read -r -a tags <<<"$3"',
    'case $2 in *[!0-9a-f-]*) exit 64;; esac',
    'shift 3',
    `case $how in ${ways.join(' ')} *) exit 64;; esac`,
    `for tag in "\${tags[@]}"; do add+=(--addtag "$tag"); done`,
    // It may have died by then: the guest is let go all the same by what follows this line.
    'trap "" PIPE',
    // That it can write no history is all that it would have to say: of what it did wrong, the command behind this one tells.
    `exec 3> >(exec ${virsh} 2>/dev/null)`,
    `${virsh} "$hold" 3>&- || [ "$how" != suspend ] || exit`,
    // LVM complains of files that are open in it.
    `while [ "$2" ]; do lvcreate -y -kn -s -n "$2" "\${add[@]}" -- "${vg}/$1" 3>&- || { failed=$?; break; }; shift 2; done`,
    'echo "$release" >&3; exec 3>&-; wait $!',
    'exit $failed',
  ].join('; ');
}

interface HeldArguments {
  readonly hold: Held;
  readonly uuid: string;
  readonly tags: readonly string[];
  readonly disks: readonly { readonly of: string; readonly volume: string }[];
}

/** The arguments of `takeHeld`. */
export function heldArguments({ hold, uuid, tags, disks }: HeldArguments): readonly string[] {
  return [hold, uuid, tags.join(','), ...disks.flatMap(({ of, volume }) => [of, volume])];
}
