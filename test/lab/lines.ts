/** A guest that writes numbered lines, each on its disk before the next, and what has to be found of them afterwards. */
import { expect } from 'vitest';
import { z } from 'zod';
import { type LabBot, PATIENCE } from './bot.ts';

const Shown = z.object({ address: z.string() });
const WRITER = 'n=$(wc -l <lines); while :; do n=$((n+1)); echo $n >>lines; sync; echo $n >/tmp/acknowledged; done';
/** busybox takes an empty word for process 0, which is always there. */
const WRITES = '[ -s /tmp/writer ] && kill -0 "$(cat /tmp/writer)" 2>/dev/null';
const BEGIN = `touch lines; setsid sh -c '${WRITER}' >/dev/null 2>&1 </dev/null & echo $! >/tmp/writer`;

interface Lines {
  /** A command in a guest. Asks again until it answers: a guest that boots has no sshd yet, and its address may be new. */
  readonly guest: (vm: string, command: string) => Promise<string>;
  /** Sees that it writes, after the lines that are there. */
  readonly write: (vm: string) => Promise<string>;
  /** How many lines it knows to be on its disk. */
  readonly acknowledged: (vm: string) => Promise<number>;
  /** As many lines as it had acknowledged by then, and in order. */
  readonly expectLines: (vm: string, atLeast: number) => Promise<void>;
  /** e2fsck or xfs_repair on the host, of a VM that is off: it changes nothing. */
  readonly expectWhole: (vm: string) => Promise<void>;
}

/**
 * Of a copy of the volume: what stands in the log of XFS has to be read first, as the next start would, for the guest's init turns it off
 * while its programs still write. Each check exits with 0 where there was nothing to mend.
 */
const CHECK = `lvcreate -q -y -kn -s -n checked "cloudvg/$V" && L=$(losetup -Pf --show /dev/cloudvg/checked) && P="$L"p2
case $(blkid -p -o value -s TYPE "$P") in
  ext4) e2fsck -fn "$P";;
  xfs) mount -t xfs "$P" /mnt && umount /mnt && xfs_repair -n "$P";;
  *) false;;
esac
echo "exit $?"; losetup -d "$L"; lvremove -q -y cloudvg/checked`;

/** On guests of a full image, as the first developer of team-01. */
export function linesOf(bot: () => LabBot): Lines {
  const guest: Lines['guest'] = async (vm, command) => {
    const deadline = Date.now() + PATIENCE / 2;
    for (;;) {
      try {
        const { address } = Shown.parse(await bot().run('01-dev1', 'vm', 'show', vm));
        return await bot().guest('01-dev1', address, command);
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  };
  return {
    guest,
    write: (vm) => guest(vm, `${WRITES} || { ${BEGIN}; sleep 3; }; cat /tmp/acknowledged`),
    acknowledged: async (vm) => Number(await guest(vm, 'cat /tmp/acknowledged')),
    expectLines: async (vm, atLeast) => {
      const lines = (await guest(vm, 'cat lines')).split('\n').map(Number);
      expect(lines.length).toBeGreaterThanOrEqual(atLeast);
      expect(lines).toEqual(lines.map((_line, index) => index + 1));
    },
    expectWhole: async (vm) => {
      const [row] = bot().rows('select disks_json from vm where name = ?', vm);
      const [disk] = z.array(z.object({ volume: z.string() })).parse(JSON.parse(String(row?.disks_json)));
      const checked = await bot().root(`V=${disk?.volume}; { ${CHECK}; } 2>&1`);
      expect(checked).toContain('exit 0');
    },
  };
}
