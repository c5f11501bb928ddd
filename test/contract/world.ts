/** What the contract is tried on, and short ways to ask it. */
import type { Driver, Marks } from '../../src/operations/driver.ts';
import type { CallResult, Fleet, HostCall } from '../../src/operations/ports.ts';

/**
 * How a host can be broken: libvirt stopped; the sudoers file gone; a pool `PREFIX-full` with a volume `PREFIX-full-a` in
 * it and no room left; a libvirt network `PREFIX-net` that is defined and not active; a snapshot of the pool's metadata that somebody holds.
 * `disk-written` breaks nothing: it writes a little into the volume `PREFIX-guest`, other bytes each time.
 */
export type HostTrouble =
  | 'libvirt-stopped'
  | 'sudo-refused'
  | 'pool-full'
  | 'network-down'
  | 'metadata-held'
  | 'disk-written';

export interface ContractWorld {
  readonly fleet: Fleet;
  readonly driver: Driver;
  readonly host: string;
  readonly vg: string;
  /** Its thin pool. */
  readonly pool: string;
  /** A small qcow2 image that is on the host. */
  readonly image: string;
  /** A directory of Hostler's own on the host, for files. */
  readonly directory: string;
  /** An OS that virt-install on the host knows. */
  readonly osinfo: string;
  /** A libvirt network that is up. */
  readonly network: string;
  /** Milliseconds between two looks at something that takes its time. */
  readonly pause: number;
  /** Breaks the host with root's own hands; names begin with `prefix`. Answers how to mend it. */
  readonly trouble: (kind: HostTrouble, prefix: string) => Promise<() => Promise<void>>;
  readonly close: () => Promise<void>;
}

export interface Bench {
  readonly world: () => ContractWorld;
  /** Everything the tests make has a name that begins so. */
  readonly prefix: string;
  readonly marks: Marks;
  /** The value of a call that must be done. */
  readonly ask: <T>(call: (driver: Driver) => HostCall<T>) => Promise<T>;
  /** The message and the host's words of a call that must be refused. */
  readonly refusal: (call: (driver: Driver) => HostCall<unknown>) => Promise<string>;
  /** Asks until the answer pleases, for a minute at most; gives the last answer. */
  readonly until: <T>(call: (driver: Driver) => HostCall<T>, pleases: (answer: T) => boolean) => Promise<T>;
}

const PATIENCE = 60_000;

export function at(world: () => ContractWorld, prefix: string): Bench {
  const run = async <T>(call: (driver: Driver) => HostCall<T>): Promise<CallResult<T>> => {
    const { fleet, driver, host } = world();
    return fleet.run(host, call(driver), { lane: 'change' });
  };
  const ask: Bench['ask'] = async (call) => {
    const result = await run(call);
    if (result.outcome === 'done') return result.value;
    throw new Error(`${result.outcome}: ${said(result.error)}`, { cause: result.error });
  };
  return {
    world,
    prefix,
    marks: { op: `op_${prefix}`, vm: `vm_${prefix}` },
    ask,
    refusal: async (call) => {
      const result = await run(call);
      if (result.outcome === 'failed') return said(result.error);
      throw new Error(`expected a refusal, and it was ${result.outcome}`);
    },
    until: async (call, pleases) => {
      const deadline = Date.now() + PATIENCE;
      for (;;) {
        const answer = await ask(call);
        if (pleases(answer) || Date.now() > deadline) return answer;
        await new Promise((resolve) => setTimeout(resolve, world().pause));
      }
    },
  };
}

function said(error: {
  readonly code: string;
  readonly message: string;
  readonly command?: { readonly lastLines: string } | undefined;
}): string {
  return `${error.code}: ${error.message} ${error.command?.lastLines ?? ''}`.replaceAll(/\s+/g, ' ').trim();
}
