/** What `domstats` tells of a guest that runs, beyond its state. */
import { percent } from '../../domain/rates.ts';
import type { GuestCounters, GuestGauges } from '../../domain/sweep.ts';
import type { DomainStats } from './parse.ts';

type Fields = DomainStats['fields'];

export function guestCounters({ fields }: DomainStats): GuestCounters {
  return {
    cpuNs: number(fields['cpu.time']),
    delayNs: sum(fields, 'vcpu.', '.delay', Number(fields['vcpu.maximum'] ?? 0)),
    readBytes: sum(fields, 'block.', '.rd.bytes', Number(fields['block.count'] ?? 0)),
    writeBytes: sum(fields, 'block.', '.wr.bytes', Number(fields['block.count'] ?? 0)),
    rxBytes: sum(fields, 'net.', '.rx.bytes', Number(fields['net.count'] ?? 0)),
    txBytes: sum(fields, 'net.', '.tx.bytes', Number(fields['net.count'] ?? 0)),
  };
}

/**
 * Memory as the guest itself sees it: QEMU's own size says nothing, for what a guest has touched once it keeps.
 * Without a balloon driver that reports (`last-update` is 0) it isn't known.
 */
export function guestGauges({ fields }: DomainStats): GuestGauges {
  const [available, usable] = [number(fields['balloon.available']), number(fields['balloon.usable'])];
  const told = (number(fields['balloon.last-update']) ?? 0) > 0 && available !== null && usable !== null;
  return {
    vcpus: number(fields['vcpu.current']) ?? 0,
    memoryPercent: told ? percent(available - usable, available) : null,
  };
}

function number(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

/** Sum over `block.0.rd.bytes`, `block.1.rd.bytes` …; null when none is told. */
function sum(fields: Fields, before: string, after: string, count: number): number | null {
  let found: number | null = null;
  for (let at = 0; at < count; at += 1) {
    const value = number(fields[`${before}${at}${after}`]);
    if (value !== null) found = (found ?? 0) + value;
  }
  return found;
}
