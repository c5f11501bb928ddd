/** `virsh domstats`: the keys in libvirt 9's order, values that move with time. */
import { DOMAIN_STATES } from '../../../../src/domain/inventory.ts';
import { stateOf } from '../../../../src/infra/libvirt/states.ts';
import { agentAnswers, balloonKiB, findDomain } from '../../model/domains.ts';
import type { Domain, LiveDomain } from '../../model/host-model.ts';
import { volumeAt } from '../../model/lvm.ts';
import { counterAt, cpuTimeNs, guestMeters, residentKiB } from '../../model/meters.ts';
import { error, flag, say, type VirshCall, type VirshCommand } from './command.ts';

const GROUPS = [
  'state',
  'cpu-total',
  'balloon',
  'vcpu',
  'interface',
  'block',
  'perf',
  'iothread',
  'memory',
  'dirtyrate',
  'vm',
];
const FILTERS = [
  'list-active',
  'list-inactive',
  'list-running',
  'list-paused',
  'list-shutoff',
  'list-persistent',
  'list-transient',
  'list-other',
];
const OTHERS = ['raw', 'nowait', 'enforce', 'backing'];

export const statsCommands: Readonly<Record<string, VirshCommand>> = {
  domstats: {
    options: {
      ...Object.fromEntries([...GROUPS, ...FILTERS, ...OTHERS].map((it) => [`--${it}`, 'flag' as const])),
      '--domain': 'value',
    },
    words: ['--domain*'],
    run: (call) => {
      const keys = call.parsed.options.get('--domain') ?? [];
      const missing = keys.find((it) => findDomain(call.model, it) === undefined);
      if (missing !== undefined) return error(`failed to get domain '${missing}'`);
      const chosen = keys.length === 0 ? call.model.domains : keys.flatMap((it) => findDomain(call.model, it) ?? []);
      const blocks = chosen
        .filter((it) => listed(call, it))
        .map(
          (it) =>
            `Domain: '${it.name}'\n${lines(call, it)
              .map((line) => `  ${line}\n`)
              .join('')}`,
        );
      return say(blocks.join('\n'));
    },
  },
};

function listed(call: VirshCall, domain: Domain): boolean {
  const asked = FILTERS.filter((it) => flag(call, `--${it}`));
  const is: Readonly<Record<string, boolean>> = {
    'list-active': domain.live !== null,
    'list-inactive': domain.live === null,
    'list-running': domain.state === 'running',
    'list-paused': domain.state === 'paused',
    'list-shutoff': domain.state === 'shut off',
    'list-persistent': domain.persistent,
    'list-transient': !domain.persistent,
  };
  return asked.length === 0 || asked.some((it) => is[it] === true);
}

function lines(call: VirshCall, domain: Domain): string[] {
  const asked = GROUPS.filter((it) => flag(call, `--${it}`));
  const wants = (group: string) => asked.length === 0 || asked.includes(group);
  return [
    ...(wants('state') ? state(domain) : []),
    ...(wants('cpu-total') ? cpu(call, domain) : []),
    ...(wants('balloon') ? balloon(call, domain) : []),
    ...(wants('vcpu') ? vcpus(call, domain) : []),
    ...(wants('interface') ? interfaces(call, domain) : []),
    ...(wants('block') ? blocks(call, domain) : []),
    ...(wants('dirtyrate') && domain.live !== null ? DIRTY : []),
  ];
}

function state({ state: word, reason }: Domain): string[] {
  const number = DOMAIN_STATES.indexOf(word);
  let why = 0;
  for (let at = 1; at < 16; at += 1) if (stateOf(number, at).reason === reason) why = at;
  return [`state.state=${number}`, `state.reason=${why}`];
}

/** A domain that is off still has the times of its last run, as recorded. */
function cpu(call: VirshCall, { live }: Domain): string[] {
  const time = live === null ? 20_160_000_000 : cpuTimeNs(live, call.now);
  const user = Math.round(time * 0.64);
  const times = [`cpu.time=${time}`, `cpu.user=${user}`, `cpu.system=${time - user}`];
  return live === null
    ? times
    : [...times, 'cpu.cache.monitor.count=0', 'cpu.haltpoll.success.time=0', 'cpu.haltpoll.fail.time=310151'];
}

function balloon(call: VirshCall, domain: Domain): string[] {
  const { memoryKiB } = domain.live?.facts ?? domain.facts;
  const currentKiB = balloonKiB(domain, call.now);
  const sizes = [`balloon.current=${currentKiB}`, `balloon.maximum=${memoryKiB}`];
  if (domain.live === null) return sizes;
  const rss = `balloon.rss=${residentKiB(domain)}`;
  if (!agentAnswers(domain, call.now)) return [...sizes, 'balloon.last-update=0', rss];
  // The guest's kernel keeps some 50 MiB and a sixtieth of it all for itself.
  const available = Math.round(Math.max(currentKiB * 0.715, currentKiB * 0.984 - 51_200));
  const usable = Math.round(available * (1 - guestMeters(domain.live).memoryShare));
  return [
    ...sizes,
    'balloon.swap_in=0',
    'balloon.swap_out=0',
    'balloon.major_fault=0',
    'balloon.minor_fault=710',
    `balloon.unused=${Math.round(usable * 0.9)}`,
    `balloon.available=${available}`,
    `balloon.usable=${usable}`,
    `balloon.last-update=${Math.floor(call.now / 1000)}`,
    'balloon.disk_caches=10868',
    'balloon.hugetlb_pgalloc=0',
    'balloon.hugetlb_pgfail=0',
    rss,
  ];
}

function vcpus(call: VirshCall, domain: Domain): string[] {
  const { vcpus: current, maxVcpus } = domain.live?.facts ?? domain.facts;
  const counts = [`vcpu.current=${current}`, `vcpu.maximum=${maxVcpus}`];
  const { live } = domain;
  if (live === null) return counts;
  const each = Math.round(cpuTimeNs(live, call.now) / current);
  const one = (at: number) =>
    [`state=1`, `time=${each}`, 'wait=0', `delay=${Math.round(each * 0.15)}`].map((it) => `vcpu.${at}.${it}`);
  return [...counts, ...Array.from({ length: current }, (_, at) => one(at)).flat()];
}

function interfaces(call: VirshCall, { live }: Domain): string[] {
  if (live === null || live.taps.length === 0) return [];
  const meters = guestMeters(live);
  const received = Math.round(counterAt(meters.receivedBytes, call.now));
  const sent = Math.round(counterAt(meters.sentBytes, call.now));
  const one = (tap: string, at: number) =>
    [
      `name=${tap}`,
      `rx.bytes=${at === 0 ? received : 0}`,
      `rx.pkts=${at === 0 ? 200 + Math.floor(received / 600) : 0}`,
      'rx.errs=0',
      'rx.drop=0',
      `tx.bytes=${at === 0 ? sent : 0}`,
      `tx.pkts=${at === 0 ? 14 + Math.floor(sent / 600) : 0}`,
      'tx.errs=0',
      'tx.drop=0',
    ].map((it) => `net.${at}.${it}`);
  return [`net.count=${live.taps.length}`, ...live.taps.flatMap(one)];
}

function blocks(call: VirshCall, domain: Domain): string[] {
  const { disks } = domain.live?.facts ?? domain.facts;
  const found = disks.flatMap((disk, at) => {
    const volume = volumeAt(call.model, disk.source ?? '');
    const file = call.model.files[disk.source ?? ''];
    const capacity = volume?.sizeBytes ?? file?.image?.virtualBytes ?? file?.sizeBytes;
    const physical = volume?.sizeBytes ?? file?.sizeBytes;
    const source = disk.source === null ? [] : [`path=${disk.source}`];
    const live = domain.live === null ? [] : [`backingIndex=${at + 1}`, ...traffic(domain.live, at, call.now)];
    const sizes =
      capacity === undefined
        ? []
        : [`allocation=${domain.live === null ? physical : 0}`, `capacity=${capacity}`, `physical=${physical}`];
    return [`name=${disk.target}`, ...source, ...live, ...sizes].map((it) => `block.${at}.${it}`);
  });
  return [`block.count=${disks.length}`, ...found];
}

/** All that a guest reads and writes is on its first disk. */
function traffic(live: LiveDomain, disk: number, now: number): string[] {
  const meters = guestMeters(live);
  const read = disk === 0 ? Math.round(counterAt(meters.readBytes, now)) : 0;
  const written = disk === 0 ? Math.round(counterAt(meters.writtenBytes, now)) : 0;
  const reads = Math.floor(read / 30_000);
  const writes = Math.floor(written / 16_384);
  return [
    `rd.reqs=${reads}`,
    `rd.bytes=${read}`,
    `rd.times=${reads * 210_000}`,
    `wr.reqs=${writes}`,
    `wr.bytes=${written}`,
    `wr.times=${writes * 340_000}`,
    `fl.reqs=${Math.floor(writes / 20)}`,
    `fl.times=${Math.floor(writes / 20) * 900_000}`,
  ];
}

const DIRTY = [
  'dirtyrate.calc_status=0',
  'dirtyrate.calc_start_time=0',
  'dirtyrate.calc_period=0',
  'dirtyrate.calc_mode=page-sampling',
];
