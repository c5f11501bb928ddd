/** What one can do to a running fleet, in this process: look at it, and make trouble for its hosts and VMs. */
import { BotError } from '../../src/domain/error.ts';
import { nearest } from '../../src/domain/names.ts';
import type { SimHost } from './host.ts';
import type { Life, LifeMode } from './life.ts';
import { end, start, startProblem } from './model/domains.ts';
import type { Domain } from './model/host-model.ts';
import { findVolume, isPoolFull, poolUsed } from './model/lvm.ts';
import type { HostServer } from './server.ts';

export const TROUBLES = [
  'down',
  'slow',
  'key-changed',
  'sudo-refused',
  'libvirtd-stopped',
  'pool-full',
  'hang',
  'cut-output',
] as const;
export type TroubleKind = (typeof TROUBLES)[number];

/** `crash`: QEMU goes. `panic`: the guest's kernel does, and is kept so. `io-error`: paused, its disk can't be written. */
export const VM_ACTS = [
  'crash',
  'panic',
  'io-error',
  'start',
  'shutdown',
  'power-off',
  'ignore-shutdown',
  'obey-shutdown',
] as const;
export type VmAct = (typeof VM_ACTS)[number];

export interface TroubleOptions {
  /** `slow`: milliseconds that each command takes longer. 2000 where left out. */
  readonly ms?: number;
  /** `hang` and `cut-output`: how many commands it befalls. One where left out. */
  readonly times?: number;
}

export interface HostView {
  readonly name: string;
  readonly port: number;
  readonly troubles: readonly TroubleKind[];
  readonly load: number;
  /** Per cent of the thin pool in use. */
  readonly poolPercent: number;
  readonly links: number;
  readonly vms: readonly {
    readonly name: string;
    readonly uuid: string;
    readonly state: string;
    readonly reason: string;
  }[];
  readonly unknown: readonly string[];
}

export interface FleetView {
  readonly life: { readonly mode: LifeMode; readonly load: number };
  readonly hosts: readonly HostView[];
}

export interface FleetControl {
  readonly view: () => FleetView;
  /** Throws `not_found` for a host that the fleet hasn't. A trouble that is there already is made anew. */
  readonly trouble: (host: string, kind: TroubleKind, options?: TroubleOptions) => HostView;
  /** Ends all that was made by `trouble`. */
  readonly clear: (host: string) => HostView;
  /** By domain name or UUID. Throws `not_found`, and `wrong_state` for what can't be done to it as it is. */
  readonly vm: (host: string, name: string, act: VmAct) => HostView;
  readonly life: Life;
}

export function makeControl(hosts: readonly SimHost[], doors: readonly HostServer[], life: Life): FleetControl {
  const entries = new Map(hosts.map((host, at) => [host.name, makeEntry(host, doors[at])]));
  const find = (name: string): Entry => {
    const found = entries.get(name);
    if (found !== undefined) return found;
    const near = nearest(name, [...entries.keys()]);
    throw new BotError('not_found', `The fleet has no host ${name}`, {
      hint:
        near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It has ${hosts.length}, from ${hosts[0]?.name} on.`,
    });
  };
  return {
    life,
    view: () => ({
      life: { mode: life.mode(), load: life.load() },
      hosts: [...entries.values()].map(({ view }) => view()),
    }),
    trouble: (name, kind, options = {}) => {
      const entry = find(name);
      entry.begin(kind, options);
      return entry.view();
    },
    clear: (name) => {
      const entry = find(name);
      entry.clear();
      return entry.view();
    },
    vm: (name, domain, act) => {
      const entry = find(name);
      entry.act(domain, act);
      return entry.view();
    },
  };
}

interface Entry {
  readonly view: () => HostView;
  readonly begin: (kind: TroubleKind, options: TroubleOptions) => void;
  readonly clear: () => void;
  readonly act: (domain: string, act: VmAct) => void;
}

function makeEntry(host: SimHost, door: HostServer | undefined): Entry {
  /** What ends each trouble that there is. */
  const active = new Map<TroubleKind, () => void>();
  const { model, trouble } = host;
  // A state that was kept may have been saved in the midst of them.
  if (model.sudo === 'refused') active.set('sudo-refused', heal);
  if (!model.libvirt.running) active.set('libvirtd-stopped', heal);

  function heal(): void {
    model.sudo = 'rules';
    model.libvirt.running = true;
    const pool = findVolume(model, 'cloudvg', 'thinpool');
    if (pool !== undefined && isPoolFull(model, pool)) host.fillPool(0);
  }

  function begin(kind: TroubleKind, { ms = 2000, times = 1 }: TroubleOptions): void {
    active.get(kind)?.();
    active.set(kind, made(kind, ms, times));
    host.changed();
  }

  function made(kind: TroubleKind, ms: number, times: number): () => void {
    switch (kind) {
      case 'down':
        trouble.down = true;
        return () => {
          trouble.down = false;
        };
      case 'slow':
        trouble.slowMs = ms;
        return () => {
          trouble.slowMs = 0;
        };
      case 'key-changed':
        return door?.changeKey() ?? (() => undefined);
      case 'sudo-refused':
        model.sudo = 'refused';
        return () => {
          model.sudo = 'rules';
        };
      case 'libvirtd-stopped':
        model.libvirt.running = false;
        return () => {
          model.libvirt.running = true;
        };
      case 'pool-full': {
        const before = findVolume(model, 'cloudvg', 'thinpool')?.mappedBytes ?? 0;
        host.fillPool();
        return () => {
          const pool = findVolume(model, 'cloudvg', 'thinpool');
          if (pool !== undefined) pool.mappedBytes = before;
        };
      }
      case 'hang':
        return trouble.add({ when: 'before', kind: 'hang', times }).remove;
      case 'cut-output':
        return trouble.add({ when: 'after', kind: 'cut-output', times }).remove;
    }
  }

  function act(key: string, what: VmAct): void {
    const { domains } = model;
    host.settle();
    const domain = domains.find(({ name, uuid }) => name === key || uuid === key);
    if (domain === undefined) {
      const near = nearest(
        key,
        domains.map(({ name }) => name),
      );
      throw new BotError('not_found', `Host ${host.name} has no domain ${key}`, {
        hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'See GET /fleet.',
      });
    }
    change(domain, what);
    host.changed();
  }

  function change(domain: Domain, what: VmAct): void {
    const now = host.clock.now();
    const wrong = (why: string): BotError => new BotError('wrong_state', `Domain ${domain.name} ${why}`);
    if (what === 'ignore-shutdown' || what === 'obey-shutdown') {
      domain.guest.ignoresShutdown = what === 'ignore-shutdown';
      return;
    }
    if (what === 'start') {
      if (domain.live !== null) throw wrong('runs already');
      const problem = startProblem(model, domain);
      if (problem !== undefined) throw wrong(`can't start: ${problem}`);
      start(model, domain, now, false);
      return;
    }
    if (domain.live === null) throw wrong('does not run');
    switch (what) {
      case 'crash':
        end(model, domain, 'crashed', now);
        return;
      case 'power-off':
        end(model, domain, 'destroyed', now);
        return;
      case 'panic':
        domain.state = 'crashed';
        domain.reason = 'panicked';
        return;
      case 'io-error':
        domain.state = 'paused';
        domain.reason = 'I/O error';
        return;
      case 'shutdown':
        domain.live.offAt ??= now + domain.guest.shutdownMs;
    }
  }

  return {
    view: () => {
      const pool = findVolume(model, 'cloudvg', 'thinpool');
      return {
        name: host.name,
        port: door?.port ?? 0,
        troubles: [...active.keys()],
        load: Math.round(model.load * 100) / 100,
        poolPercent: pool === undefined ? 0 : Math.round((poolUsed(model, pool) / pool.sizeBytes) * 1000) / 10,
        links: door?.links() ?? 0,
        vms: model.domains.map(({ name, uuid, state, reason }) => ({ name, uuid, state, reason })),
        unknown: host.unknown(),
      };
    },
    begin,
    clear: () => {
      for (const undo of active.values()) undo();
      active.clear();
      heal();
      host.changed();
    },
    act,
  };
}
