/** Gives hosts a life: guests work, disks fill, now and then one crashes. The same seed and clock give the same life. */
import { chanceOf } from './chance.ts';
import { type Demand, demandOf } from './demand.ts';
import { end } from './model/domains.ts';
import type { Domain, HostModel } from './model/host-model.ts';
import { findVolume, poolUsed, volumeAt } from './model/lvm.ts';
import { guestMeters, hostMeters, type Stall, turned } from './model/meters.ts';
import { roleOf } from './vm-plan.ts';

export const LIFE_MODES = ['off', 'calm', 'busy'] as const;
export type LifeMode = (typeof LIFE_MODES)[number];

export interface Life {
  readonly mode: () => LifeMode;
  /** How busy guests are; 1 is a usual day. */
  readonly load: () => number;
  readonly set: (change: { readonly mode?: LifeMode; readonly load?: number }) => void;
  /** Lets a host live until `now`. True where something happened that one would write down: a guest crashed. */
  readonly advance: (model: HostModel, now: number) => boolean;
}

/** Life goes on in steps of so long, on a grid of its own: it doesn't matter when it is looked at. */
const STEP = 10_000;
/** A host that nobody has looked at for longer is not followed through all of it. */
const MOST_STEPS = 2160;
const HOUR = 3_600_000;
/** `crash`: mean time of a guest until it does. `leak`: bytes an hour that one host's pool loses besides. */
const MODES: Readonly<Record<Exclude<LifeMode, 'off'>, { crash: number; load: number; leak: number }>> = {
  calm: { crash: 96 * HOUR, load: 1, leak: 8 * 1024 ** 3 },
  busy: { crash: 4 * HOUR, load: 2.2, leak: 80 * 1024 ** 3 },
};
/** Life fills no pool further: what a full one does to its guests is for `trouble` to ask for. */
const POOL_MOST = 0.93;
/** Guests that lie crashed on one host at most, as a share: a fleet left alone for days doesn't die out. */
const CRASHED_MOST = 0.1;
const BOOT_MS = 25_000;
/** Of what a guest writes anew, so much it deletes again, and holds in its pool until it is trimmed. */
const DELETED = 0.25;

export function makeLife(seed: string, first: LifeMode): Life {
  let mode = first;
  let load = 1;

  function advance(model: HostModel, now: number): boolean {
    const until = Math.floor(now / STEP) * STEP;
    if (mode === 'off') {
      model.livedUntil = until;
      return false;
    }
    let happened = false;
    const from = Math.max((model.livedUntil ?? until - STEP) + STEP, until - MOST_STEPS * STEP);
    for (let at = from; at <= until; at += STEP) happened = step(model, at, MODES[mode]) || happened;
    model.livedUntil = Math.max(model.livedUntil ?? until, until);
    return happened;
  }

  function step(model: HostModel, at: number, pace: (typeof MODES)['calm']): boolean {
    const crashed = model.libvirt.running && crash(model, at, pace.crash);
    const wants = model.domains.flatMap((domain) => {
      if (domain.live === null || domain.live.startedAt > at) return [];
      return [{ domain, live: domain.live, demand: wantOf(domain, at, load * pace.load) }];
    });
    const cores = wants.reduce((sum, { live, demand }) => sum + demand.cpu * live.facts.vcpus, model.cpus * 0.02);
    // Where guests want more than there is, each gets its part.
    const part = Math.min(1, model.cpus / cores);
    for (const { domain, live, demand } of wants) {
      const meters = guestMeters(live);
      live.meters = {
        cpuNs: turned(meters.cpuNs, at, demand.cpu * part * live.facts.vcpus * 1e6),
        readBytes: turned(meters.readBytes, at, demand.read / 1000),
        writtenBytes: turned(meters.writtenBytes, at, demand.written / 1000),
        receivedBytes: turned(meters.receivedBytes, at, demand.received / 1000),
        sentBytes: turned(meters.sentBytes, at, demand.sent / 1000),
        memoryShare: demand.memory,
      };
      grow(model, domain, (demand.growth * STEP) / 1000);
    }
    const io = wants.reduce((sum, { demand }) => sum + demand.read + demand.written, 0);
    meterHost(model, at, cores, io);
    if (isLeaky(model)) leak(model, (pace.leak * load * STEP) / HOUR);
    return crashed;
  }

  function wantOf(domain: Domain, at: number, busy: number): Demand {
    const { live } = domain;
    const demand = demandOf(`${seed} ${domain.uuid}`, roleOf(domain.name.replace(/^team-\d+-/, '')), at, busy);
    if (domain.state !== 'running') return { ...demand, cpu: 0, read: 0, written: 0, received: 0, sent: 0, growth: 0 };
    const boots = live !== null && at - live.bootedAt < BOOT_MS;
    return boots ? { ...demand, cpu: Math.max(demand.cpu, 0.85), read: demand.read + 40e6, memory: 0.15 } : demand;
  }

  /** One guest's QEMU goes, as libvirt tells it: shut off, because it crashed. */
  function crash(model: HostModel, at: number, mean: number): boolean {
    const running = model.domains.filter(({ state, persistent }) => state === 'running' && persistent);
    const down = model.domains.filter(({ state, reason }) => state === 'shut off' && reason === 'crashed').length;
    const key = `${seed} crash ${model.name} ${at}`;
    if (running.length === 0 || chanceOf(key) >= (running.length * STEP) / mean) return false;
    if (down + 1 > Math.max(1, model.domains.length * CRASHED_MOST)) return false;
    const victim = running[Math.floor(chanceOf(`${key} who`) * running.length)];
    if (victim === undefined) return false;
    end(model, victim, 'crashed', at);
    return true;
  }

  /** About one host in five has something that eats its pool. */
  const isLeaky = (model: HostModel): boolean => chanceOf(`${seed} leaky ${model.name}`) < 0.2;

  return {
    mode: () => mode,
    load: () => load,
    set: (change) => {
      mode = change.mode ?? mode;
      load = change.load ?? load;
    },
    advance,
  };
}

/** The guest's disk maps more of its pool; a filesystem that is nearly full is kept so by whoever owns it. */
function grow(model: HostModel, domain: Domain, bytes: number): void {
  const volume = volumeAt(model, domain.live?.facts.disks[0]?.source ?? '');
  if (volume?.kind !== 'thin' || volume.mappedBytes > volume.sizeBytes * 0.9) return;
  const pool = findVolume(model, volume.vg, volume.pool ?? '');
  if (pool === undefined || poolUsed(model, pool) > pool.sizeBytes * POOL_MOST) return;
  volume.mappedBytes += Math.round(bytes);
  volume.ownBytes += Math.round(bytes);
  volume.trimmableBytes = (volume.trimmableBytes ?? 0) + Math.round(bytes * DELETED);
}

function leak(model: HostModel, bytes: number): void {
  const pool = model.volumes.find(({ kind }) => kind === 'thin-pool');
  if (pool !== undefined && poolUsed(model, pool) < pool.sizeBytes * POOL_MOST) pool.mappedBytes += Math.round(bytes);
}

function meterHost(model: HostModel, at: number, cores: number, io: number): void {
  const meters = hostMeters(model);
  const busy = Math.min(model.cpus, cores);
  const waiting = Math.min(model.cpus - busy, io / 400e6);
  const loads = [60, 300, 900].map((seconds, index) => faded(meters.loads[index] ?? 0, cores + waiting, seconds));
  // Who waits for a CPU: nobody below seven tenths, everybody where twice as much is wanted as there is.
  const cpu = Math.min(100, Math.max(0, cores / model.cpus - 0.7) * 77);
  model.meters = {
    busyMs: turned(meters.busyMs, at, busy),
    iowaitMs: turned(meters.iowaitMs, at, waiting),
    loads: [loads[0] ?? 0, loads[1] ?? 0, loads[2] ?? 0],
    cpuStall: stalled(meters.cpuStall, at, cpu),
    ioStall: stalled(meters.ioStall, at, Math.min(100, (io / 2e9) * 100)),
  };
  model.load = model.meters.loads[0];
}

function stalled({ averages, totalUs }: Stall, at: number, percent: number): Stall {
  const [ten, sixty, threeHundred] = averages;
  return {
    averages: [faded(ten, percent, 10), faded(sixty, percent, 60), faded(threeHundred, percent, 300)],
    totalUs: turned(totalUs, at, percent * 10),
  };
}

/** One step of an average that forgets over so many seconds, as the kernel's do. */
function faded(before: number, value: number, seconds: number): number {
  return value + (before - value) * Math.exp(-STEP / 1000 / seconds);
}
