import { BotError } from './error.ts';
import type { Observation } from './inventory.ts';
import type { Amounts } from './plan.ts';
import { poolOf, poolShortages } from './pool.ts';
import type { HostSettings } from './settings.ts';
import { formatSize } from './size.ts';

/** A host as placement sees it. */
export interface Candidate {
  readonly settings: HostSettings;
  /** Null when it was never seen. */
  readonly observation: Observation | null;
  /** Why it doesn't answer just now; null while it does. */
  readonly trouble: string | null;
  /** What VMs and plans under way hold there already. */
  readonly promised: Amounts;
  /** Of that, the disk that plans and operations under way are to have. */
  readonly underWayBytes: number;
  /** What else speaks against it: `has no image tiny`. */
  readonly lacks: readonly Objection[];
}

/** Why a host can't take something, and what to do about it. */
export interface Objection {
  /** After the host's name: `has no image tiny`. */
  readonly why: string;
  /** A sentence that says what to type or change. */
  readonly cure: string;
}

export interface Placement {
  readonly host: HostSettings;
  /** For the plan: why this one, and why not the others. */
  readonly why: readonly string[];
}

interface Room {
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** What can still be promised on a host, overcommit counted in. Negative when too much is promised already. */
export function roomOn(candidate: Pick<Candidate, 'settings' | 'promised'>, observation: Observation): Room {
  const { settings, promised } = candidate;
  const pool = poolOf(settings, observation);
  return {
    vcpus: Math.floor(observation.cpus * settings.overcommit.vcpus) - promised.vcpus,
    memoryBytes:
      Math.floor((observation.memoryBytes - settings.reserveMemoryBytes) * settings.overcommit.memory) -
      promised.memoryBytes,
    diskBytes: Math.floor((pool?.sizeBytes ?? 0) * settings.overcommit.disk) - promised.diskBytes,
  };
}

const ROOM = 'Take a smaller flavor, ask an admin for room (`/host list`), or try again when a host is back.';

/** Why a host can't take it; empty when it can. */
function objections(candidate: Candidate, wants: Amounts): Objection[] {
  const { settings, observation } = candidate;
  const faulty = (why: string): Objection => ({ why, cure: `\`/host check ${settings.name}\` says what to do there.` });
  const short = (why: string): Objection => ({ why, cure: ROOM });
  if (settings.state === 'cordoned') return [short('is cordoned')];
  if (candidate.trouble !== null) return [faulty(`does not answer (${candidate.trouble})`)];
  if (observation === null) return [short('was not seen yet')];
  return [
    ...candidate.lacks,
    ...faults(candidate, observation).map(faulty),
    ...shortages(candidate, observation, wants).map(short),
    ...poolShortages(settings, observation, {
      worstBytes: wants.diskBytes,
      underWayBytes: candidate.underWayBytes,
    }),
  ];
}

/** What is broken on it. */
function faults({ settings }: Candidate, observation: Observation): string[] {
  const said = (part: string) => observation.problems.find((problem) => problem.part === part)?.message;
  const reasons: string[] = [];
  if (observation.kvm === null) reasons.push('does not tell whether it has KVM');
  else if (!observation.kvm) reasons.push('has no KVM');
  if (observation.domains === null)
    reasons.push(`does not tell of its VMs (${said('domains') ?? 'libvirt does not answer'})`);
  if (observation.groups === null || observation.volumes === null) {
    const why = said('lvm') ?? 'LVM does not answer';
    return [...reasons, `does not tell of its volumes (${why})`];
  }
  if (!observation.groups.some(({ name }) => name === settings.vg)) reasons.push(`has no volume group ${settings.vg}`);
  else if (poolOf(settings, observation) === undefined)
    reasons.push(`has no thin pool ${settings.vg}/${settings.pool}`);
  return reasons;
}

function shortages(candidate: Candidate, observation: Observation, wants: Amounts): string[] {
  const reasons: string[] = [];
  const room = roomOn(candidate, observation);
  if (wants.vcpus > room.vcpus) reasons.push(`has room for ${Math.max(0, room.vcpus)} vCPUs, ${wants.vcpus} are asked`);
  if (wants.memoryBytes > room.memoryBytes) {
    reasons.push(
      `has ${formatSize(Math.max(0, room.memoryBytes))} of memory left, ${formatSize(wants.memoryBytes)} are asked`,
    );
  }
  if (poolOf(candidate.settings, observation) !== undefined && wants.diskBytes > room.diskBytes) {
    reasons.push(
      `may promise ${formatSize(Math.max(0, room.diskBytes))} more of disk, ${formatSize(wants.diskBytes)} are asked`,
    );
  }
  return reasons;
}

/**
 * What keeps a host from giving a VM of its own so much more; empty when nothing does. Cordoned counts for nothing here, nor does
 * a full pool: only what is asked for.
 */
export function shortForGrowth(
  candidate: Omit<Candidate, 'lacks' | 'underWayBytes'>,
  wants: Pick<Amounts, 'vcpus' | 'memoryBytes'>,
): string[] {
  const { observation, trouble, settings } = candidate;
  if (trouble !== null) return [`does not answer (${trouble})`];
  if (observation === null) return ['was not seen yet'];
  const room = roomOn({ settings, promised: candidate.promised }, observation);
  const reasons: string[] = [];
  if (wants.vcpus > 0 && wants.vcpus > room.vcpus)
    reasons.push(`has room for ${Math.max(0, room.vcpus)} vCPUs more, ${wants.vcpus} are asked`);
  if (wants.memoryBytes > 0 && wants.memoryBytes > room.memoryBytes) {
    reasons.push(
      `has ${formatSize(Math.max(0, room.memoryBytes))} of memory left, ${formatSize(wants.memoryBytes)} are asked`,
    );
  }
  return reasons;
}

/** Share of a host's memory that stays free with this on it: 0 to 1. */
function freeShare(candidate: Candidate, wants: Amounts): number {
  if (candidate.observation === null) return 0;
  const total = candidate.observation.memoryBytes - candidate.settings.reserveMemoryBytes;
  return total <= 0 ? 0 : (roomOn(candidate, candidate.observation).memoryBytes - wants.memoryBytes) / total;
}

/**
 * Filters, then weighs, and says why. Ties go by name, so that the same rows give the same host.
 * @throws BotError `no_capacity` with every host's reason.
 */
export function place(candidates: readonly Candidate[], wants: Amounts, weigh: 'spread' | 'pack'): Placement {
  const fit: Candidate[] = [];
  const not: string[] = [];
  const cures = new Set<string>();
  for (const candidate of candidates) {
    const against = objections(candidate, wants);
    if (against.length === 0) fit.push(candidate);
    else not.push(`${candidate.settings.name} ${against.map(({ why }) => why).join(', ')}`);
    for (const { cure } of against) cures.add(cure);
  }
  const sign = weigh === 'spread' ? -1 : 1;
  const byName = (a: Candidate, b: Candidate) => (a.settings.name < b.settings.name ? -1 : 1);
  fit.sort((a, b) => sign * (freeShare(a, wants) - freeShare(b, wants)) || byName(a, b));
  const best = fit[0];
  if (best === undefined) {
    throw new BotError(
      'no_capacity',
      `No host can take it: ${not.length === 0 ? 'there are no hosts in the configuration' : not.join('; ')}`,
      { hint: cures.size === 0 ? ROOM : [...cures].slice(0, 4).join(' ') },
    );
  }
  const share = Math.round(freeShare(best, wants) * 100);
  const chosen = `${best.settings.name} was chosen: ${fit.length === 1 ? 'the only host that fits' : `${weigh === 'spread' ? 'the emptiest' : 'the fullest'} of ${fit.length} that fit`} (${share} % of its memory stays free)`;
  return { host: best.settings, why: [chosen, ...not.map((reason) => `Left out: ${reason}`)] };
}
