import { formatSize, MiB } from '../../domain/size.ts';
import type { Sizing } from '../../domain/sizing.ts';
import type { HostCall } from '../ports.ts';
import type { SizeSeen } from '../size-verbs.ts';
import type { Seen, Step, Wait } from '../step.ts';
import { reading } from './call.ts';
import type { At } from './domains.ts';

/** How long a guest may take to give memory back, or to take it. */
const BALLOON_MS = 120_000;
const EVERY_MS = 1_000;
/** How far the balloon may stay from what it was told: the guest deals in pages, and counts some otherwise. */
const NEAR = MiB;

/** Another size for a domain that is off, maxima and all; undo gives it the old one back. */
export function setSize(at: At, from: Sizing, to: Sizing): Step {
  const has = (size: Sizing, so: Seen['state'] & ('done' | 'absent'), not: 'done' | 'absent') =>
    lookFor(at, ({ kept }) => ({ state: same(kept, size) ? so : not }));
  return {
    name: 'set-size',
    title: `Give ${at.vm} ${sizeText(to)}`,
    host: at.host,
    act: at.driver.domains.resize(at.uuid, to),
    look: has(to, 'done', 'absent'),
    // virsh's word isn't enough: what the definition says counts.
    wait: soon(`The definition of ${at.vm} did not take the size`),
    undo: { act: at.driver.domains.resize(at.uuid, from), look: has(from, 'absent', 'done') },
  };
}

/** The balloon of a running VM. virsh's exit 0 says only that the guest was asked: it is waited for. */
export function setBalloon(at: At, from: number, to: number): Step {
  return {
    name: 'set-memory',
    title: `Give ${at.vm} ${formatSize(to)} of memory while it runs, and wait until its guest follows`,
    host: at.host,
    act: at.driver.domains.balloon(at.uuid, to),
    look: balloonAt(at, to, 'done', 'absent'),
    wait: {
      forMs: BALLOON_MS,
      everyMs: EVERY_MS,
      late: {
        message: `The guest of ${at.vm} did not follow to ${formatSize(to)} of memory`,
        hint: 'It may need what it has, still be booting, or have no balloon driver: try again later, or resize it while it is off.',
      },
    },
    undo: {
      act: at.driver.domains.balloon(at.uuid, from),
      look: balloonAt(at, from, 'absent', 'done'),
      // The definition is back at once; a guest that didn't follow forwards need not follow backwards either.
      wait: { forMs: BALLOON_MS, everyMs: EVERY_MS, late: 'go-on' },
    },
  };
}

/** More vCPUs for a running VM. */
export function plugVcpus(at: At, from: number, to: number): Step {
  const has = (count: number, so: 'done' | 'absent', not: 'done' | 'absent') =>
    lookFor(at, ({ kept, live }) => ({ state: kept.vcpus === count && live?.vcpus === count ? so : not }));
  return {
    name: 'plug-vcpus',
    title: `Give ${at.vm} ${to} vCPUs while it runs`,
    host: at.host,
    act: at.driver.domains.plugVcpus(at.uuid, to),
    look: has(to, 'done', 'absent'),
    wait: soon(`${at.vm} did not get its ${to} vCPUs`),
    undo: { act: at.driver.domains.plugVcpus(at.uuid, from), look: has(from, 'absent', 'done') },
  };
}

/** After a restart: what the guest has now. A guest that hasn't taken its balloon yet is no failure: the card says so. */
export function confirmSize(at: At, to: Sizing): Step {
  return {
    name: 'confirm-size',
    title: `See that ${at.vm} runs with ${sizeText(to)}`,
    host: at.host,
    act: null,
    look: lookFor(at, ({ live }) =>
      live !== null && live.vcpus === to.vcpus && near(live.memoryBytes, to.memoryBytes)
        ? { state: 'done', output: { memoryBytes: live.memoryBytes } }
        : { state: 'absent' },
    ),
    wait: { forMs: BALLOON_MS, everyMs: 2_000, late: 'go-on' },
    undo: 'nothing-to-undo',
  };
}

/** `2 vCPU and 4 GiB`. */
export function sizeText({ vcpus, memoryBytes }: Pick<Sizing, 'vcpus' | 'memoryBytes'>): string {
  return `${vcpus} vCPU and ${formatSize(memoryBytes)}`;
}

function lookFor({ driver, uuid, vm }: At, judge: (seen: SizeSeen) => Seen): HostCall<Seen> {
  return reading(driver.domains.sizeOf(uuid), (seen) =>
    seen === null ? { state: 'foreign', what: `No domain for ${vm}, which should be there: its absence` } : judge(seen),
  );
}

/** The definition tells whether it was told so, the running domain whether the guest has followed. */
function balloonAt(at: At, bytes: number, so: 'done' | 'absent', not: 'done' | 'absent'): HostCall<Seen> {
  return lookFor(at, ({ kept, live }) => {
    if (kept.memoryBytes !== bytes) return { state: not };
    if (live === null || near(live.memoryBytes, bytes)) return { state: so };
    return { state: 'under-way' };
  });
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= NEAR;
}

function same(a: Sizing, b: Sizing): boolean {
  return (
    a.vcpus === b.vcpus &&
    a.maxVcpus === b.maxVcpus &&
    a.memoryBytes === b.memoryBytes &&
    a.maxMemoryBytes === b.maxMemoryBytes
  );
}

function soon(message: string): Wait {
  return {
    forMs: 10_000,
    everyMs: EVERY_MS,
    late: { message, hint: 'Have an admin look: `virsh dominfo`, and the host’s journal.' },
  };
}
