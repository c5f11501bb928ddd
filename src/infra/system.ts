/** The kernel's own files, as one `cat` prints them one after the other; each is known by the shape of its lines. */
import type { Observation } from '../domain/inventory.ts';

export const SYSTEM_FILES = [
  '/proc/sys/kernel/osrelease',
  '/proc/meminfo',
  '/proc/loadavg',
  '/proc/uptime',
  '/sys/devices/system/cpu/online',
  '/proc/misc',
] as const;

const KIB = 1024;

type System = Pick<
  Observation,
  'kernel' | 'cpus' | 'memoryBytes' | 'memoryAvailableBytes' | 'load' | 'uptimeSeconds' | 'kvm'
>;

/** What isn't there is '' or 0. */
export function parseSystem(text: string): System {
  const lines = text.split('\n');
  const number = (shape: RegExp): number => Number(shape.exec(text)?.[1] ?? 0);
  return {
    kernel: lines[0] !== undefined && !/[\s:]/.test(lines[0]) ? lines[0] : '',
    cpus: countRange(lines.find((line) => /^\d+([-,]\d+)*$/.test(line)) ?? ''),
    memoryBytes: number(/^MemTotal:\s+(\d+) kB$/m) * KIB,
    memoryAvailableBytes: number(/^MemAvailable:\s+(\d+) kB$/m) * KIB,
    load: number(/^(\d+\.\d+) \d+\.\d+ \d+\.\d+ \d+\/\d+ \d+$/m),
    uptimeSeconds: number(/^(\d+\.\d+) \d+\.\d+$/m),
    kvm: hasKvm(text),
  };
}

/** Whether kvm is among the kernel's devices, which it is while its module is loaded. Null where their list (/proc/misc) isn't there. */
export function hasKvm(text: string): boolean | null {
  return /^ *\d+ kvm$/m.test(text) || (/^ *\d+ [a-z]\S*$/m.test(text) ? false : null);
}

/** `0-3,6` is five. */
function countRange(ranges: string): number {
  if (ranges === '') return 0;
  return ranges.split(',').reduce((sum, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return sum + last - first + 1;
  }, 0);
}
