/**
 * `virsh domstats` of all domains of a host, read in one pass: only what a look and a sweep need. On KVM it tells forty lines of each
 * vCPU, and is asked each minute, so no line is cut out that nobody reads.
 */
import type { DomainSeen } from '../../domain/inventory.ts';
import { percent } from '../../domain/rates.ts';
import type { GuestCounters, GuestGauges } from '../../domain/sweep.ts';
import { stateOf } from './states.ts';

const KIB = 1024;

/** What libvirt told of a domain, by the key that it has there; what it did not tell is null. Balloons in KiB, times in nanoseconds. */
export interface DomainStats {
  readonly name: string;
  'state.state': number | null;
  'state.reason': number | null;
  'cpu.time': number | null;
  'balloon.current': number | null;
  'balloon.maximum': number | null;
  'balloon.available': number | null;
  'balloon.usable': number | null;
  'balloon.last-update': number | null;
  'vcpu.current': number | null;
  'vcpu.maximum': number | null;
  /** Sums over all of its vCPUs, disks and interfaces. */
  delay: number | null;
  'rd.bytes': number | null;
  'wr.bytes': number | null;
  'rx.bytes': number | null;
  'tx.bytes': number | null;
}
type Key = Exclude<keyof DomainStats, 'name'>;

/** A domain of which libvirt told nothing. */
export function noStats(name: string): DomainStats {
  return {
    name,
    'state.state': null,
    'state.reason': null,
    'cpu.time': null,
    'balloon.current': null,
    'balloon.maximum': null,
    'balloon.available': null,
    'balloon.usable': null,
    'balloon.last-update': null,
    'vcpu.current': null,
    'vcpu.maximum': null,
    delay: null,
    'rd.bytes': null,
    'wr.bytes': null,
    'rx.bytes': null,
    'tx.bytes': null,
  };
}

const DOMAIN = "Domain: '";
const code = (letter: string): number => letter.charCodeAt(0);
/** By the first letter of a line. */
const KEYS: ReadonlyMap<number, readonly Key[]> = new Map([
  [code('s'), ['state.state', 'state.reason']],
  [code('c'), ['cpu.time']],
  [code('b'), ['balloon.current', 'balloon.maximum', 'balloon.available', 'balloon.usable', 'balloon.last-update']],
  [code('v'), ['vcpu.current', 'vcpu.maximum']],
]);
/** Those with a number between, as `block.0.rd.bytes`: they are summed. */
const NUMBERED: ReadonlyMap<number, { readonly before: string; readonly keys: readonly Key[] }> = new Map([
  [code('v'), { before: 'vcpu.', keys: ['delay'] }],
  [code('b'), { before: 'block.', keys: ['rd.bytes', 'wr.bytes'] }],
  [code('n'), { before: 'net.', keys: ['rx.bytes', 'tx.bytes'] }],
]);

/** Blocks of `Domain: 'name'` and indented `key=value` lines. A name may hold spaces and quotes. */
export function readDomstats(text: string): ReadonlyMap<string, DomainStats> {
  const found = new Map<string, DomainStats>();
  let domain: DomainStats | undefined;
  let next = 0;
  for (let from = 0; from < text.length; from = next) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    next = end + 1;
    if (text.charCodeAt(from) !== SPACE) {
      if (!text.startsWith(DOMAIN, from) || text.charCodeAt(end - 1) !== QUOTE) continue;
      domain = noStats(text.slice(from + DOMAIN.length, end - 1));
      found.set(domain.name, domain);
    } else if (domain !== undefined) readLine(text, from + 2, end, domain);
  }
  return found;
}

const [SPACE, QUOTE, EQUALS, DOT] = [0x20, 0x27, 0x3d, 0x2e];

function readLine(text: string, from: number, end: number, into: DomainStats): void {
  const letter = text.charCodeAt(from);
  const numbered = NUMBERED.get(letter);
  if (numbered !== undefined && text.startsWith(numbered.before, from)) {
    const first = from + numbered.before.length;
    let at = first;
    while (isDigit(text.charCodeAt(at))) at += 1;
    if (at > first && text.charCodeAt(at) === DOT) {
      for (const key of numbered.keys) {
        if (!stands(key, text, at + 1)) continue;
        const value = digits(text, at + 1 + key.length + 1, end);
        if (value !== null) into[key] = (into[key] ?? 0) + value;
      }
      return;
    }
  }
  for (const key of KEYS.get(letter) ?? NO_KEYS) {
    if (stands(key, text, from)) into[key] = digits(text, from + key.length + 1, end);
  }
}
const NO_KEYS: readonly Key[] = [];

function stands(key: string, text: string, at: number): boolean {
  return text.startsWith(key, at) && text.charCodeAt(at + key.length) === EQUALS;
}

function digits(text: string, from: number, end: number): number | null {
  let value = 0;
  for (let at = from; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return null;
    value = value * 10 + (code - 0x30);
  }
  return from < end ? value : null;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** A domain from its statistics. CPU time is of the present run: libvirt still tells the last one's for a domain that is off. */
export function domainSeen(uuid: string, stats: DomainStats): DomainSeen {
  const { state, reason } = stateOf(stats['state.state'] ?? 0, stats['state.reason'] ?? 0);
  const off = state === 'shut off' || state === 'crashed';
  const balloon = stats['balloon.current'];
  return {
    uuid,
    name: stats.name,
    state,
    reason,
    vcpus: stats['vcpu.current'] ?? stats['vcpu.maximum'] ?? 0,
    memoryBytes: (stats['balloon.maximum'] ?? 0) * KIB,
    ...(balloon === null ? {} : { balloonBytes: balloon * KIB }),
    cpuTimeNs: off ? null : stats['cpu.time'],
  };
}

export function guestCounters(stats: DomainStats): GuestCounters {
  return {
    cpuNs: stats['cpu.time'],
    delayNs: stats.delay,
    readBytes: stats['rd.bytes'],
    writeBytes: stats['wr.bytes'],
    rxBytes: stats['rx.bytes'],
    txBytes: stats['tx.bytes'],
  };
}

/**
 * Memory as the guest itself sees it: QEMU's own size says nothing, for what a guest has touched once it keeps.
 * Without a balloon driver that reports (`last-update` is 0) it isn't known.
 */
export function guestGauges(stats: DomainStats): GuestGauges {
  const [available, usable] = [stats['balloon.available'], stats['balloon.usable']];
  const told = (stats['balloon.last-update'] ?? 0) > 0 && available !== null && usable !== null;
  return {
    vcpus: stats['vcpu.current'] ?? 0,
    memoryPercent: told ? percent(available - usable, available) : null,
  };
}
