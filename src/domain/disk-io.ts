/** What a disk reads and writes, from two looks at its counters. */
import { growth, rate } from './rates.ts';

/** Counters of one disk since its domain was started; null where the host does not tell. Times are nanoseconds. */
export interface DiskCounters {
  readonly target: string;
  readonly readRequests: number | null;
  readonly readBytes: number | null;
  readonly readNs: number | null;
  readonly writeRequests: number | null;
  readonly writeBytes: number | null;
  readonly writeNs: number | null;
  readonly flushRequests: number | null;
  readonly flushNs: number | null;
}

/** One kind of request between two looks. */
export interface Traffic {
  readonly requestsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  /** Of a request, on average; null where there was none, or the host tells no times. */
  readonly latencyMs: number | null;
}

export interface DiskIo {
  readonly target: string;
  readonly read: Traffic;
  readonly write: Traffic;
  readonly flush: Omit<Traffic, 'bytesPerSecond'>;
}

/** The disks of the second look, in its order. One that was not there before, or was counted anew meanwhile, has no numbers. */
export function diskIo(before: readonly DiskCounters[], after: readonly DiskCounters[], seconds: number): DiskIo[] {
  return after.map((now) => {
    const was = before.find(({ target }) => target === now.target);
    return {
      target: now.target,
      read: {
        requestsPerSecond: rate(was?.readRequests, now.readRequests, seconds),
        bytesPerSecond: rate(was?.readBytes, now.readBytes, seconds),
        latencyMs: latency(growth(was?.readNs, now.readNs), growth(was?.readRequests, now.readRequests)),
      },
      write: {
        requestsPerSecond: rate(was?.writeRequests, now.writeRequests, seconds),
        bytesPerSecond: rate(was?.writeBytes, now.writeBytes, seconds),
        latencyMs: latency(growth(was?.writeNs, now.writeNs), growth(was?.writeRequests, now.writeRequests)),
      },
      flush: {
        requestsPerSecond: rate(was?.flushRequests, now.flushRequests, seconds),
        latencyMs: latency(growth(was?.flushNs, now.flushNs), growth(was?.flushRequests, now.flushRequests)),
      },
    };
  });
}

function latency(ns: number | null, requests: number | null): number | null {
  return ns === null || requests === null || requests === 0 ? null : ns / requests / 1e6;
}
