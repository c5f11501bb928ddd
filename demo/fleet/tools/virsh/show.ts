/** virsh's views of the host and of one domain. */

import { balloonKiB } from '../../model/domains.ts';
import type { Domain } from '../../model/host-model.ts';
import { cpuTimeNs } from '../../model/meters.ts';
import { fail } from '../tool.ts';
import { error, flag, notRunning, onDomain, say, table, type VirshCall, type VirshCommand } from './command.ts';

const LIST_FLAGS = [
  'all',
  'inactive',
  'name',
  'uuid',
  'id',
  'title',
  'table',
  'persistent',
  'transient',
  'autostart',
  'no-autostart',
  'state-running',
  'state-paused',
  'state-shutoff',
  'state-other',
];

export const showCommands: Readonly<Record<string, VirshCommand>> = {
  version: {
    options: { '--daemon': 'flag' },
    run: () =>
      say(
        'Compiled against library: libvirt 9.0.0\nUsing library: libvirt 9.0.0\nUsing API: QEMU 9.0.0\nRunning hypervisor: QEMU 7.2.22\n',
      ),
  },
  // Nothing ever happens while it waits: it is over at once, as after its timeout (tried on a real host).
  event: {
    options: { '--event': 'value', '--timeout': 'value' },
    run: () => fail(1, '', 'event loop timed out\nevents received: 0\n\n'),
  },
  uri: { options: {}, run: () => say('qemu:///system\n') },
  hostname: { options: {}, run: (call) => say(`${call.model.name}\n`) },
  list: { options: Object.fromEntries(LIST_FLAGS.map((it) => [`--${it}`, 'flag' as const])), run: list },
  dominfo: onDomain({}, (call, domain) => say(dominfo(call, domain))),
  domstate: onDomain({ '--reason': 'flag' }, (call, { state, reason }) =>
    say(flag(call, '--reason') ? `${state} (${reason})\n` : `${state}\n`),
  ),
  domid: onDomain({}, (_call, { live }) => say(`${live?.id ?? '-'}\n`)),
  domuuid: onDomain({}, (_call, { uuid }) => say(`${uuid}\n`)),
  domname: onDomain({}, (_call, { name }) => say(`${name}\n`)),
  vncdisplay: onDomain({}, (_call, { live }) => {
    if (live === null) return error('Domain is not running');
    if (live.vncPort === null) return error('Failed to get VNC port. Is this domain using VNC?');
    return say(`127.0.0.1:${live.vncPort - 5900}\n`);
  }),
  domdisplay: onDomain({}, (_call, { live }) => {
    if (live === null) return error('Domain is not running');
    return live.vncPort === null ? error('No graphical display found') : say(`vnc://127.0.0.1:${live.vncPort - 5900}`);
  }),
  domblklist: onDomain({ '--details': 'flag', '--inactive': 'flag' }, (call, domain) => {
    const { disks } = flag(call, '--inactive') ? domain.facts : (domain.live?.facts ?? domain.facts);
    if (!flag(call, '--details'))
      return say(
        table(
          ['Target', 'Source'],
          disks.map((it) => [it.target, it.source ?? '-']),
        ),
      );
    return say(
      table(
        ['Type', 'Device', 'Target', 'Source'],
        disks.map((it) => [it.type, it.device, it.target, it.source ?? '-']),
      ),
    );
  }),
  domiflist: onDomain({ '--inactive': 'flag' }, (_call, domain) => {
    const { nics } = domain.live?.facts ?? domain.facts;
    const rows = nics.map((it, at) => [domain.live?.taps[at] ?? '-', it.type, it.source, it.model, it.mac]);
    return say(table(['Interface', 'Type', 'Source', 'Model', 'MAC'], rows));
  }),
  domjobinfo: onDomain({}, (_call, domain) =>
    domain.live === null ? notRunning('Failed to get job info') : say(`Job type:         None        \n`),
  ),
};

/** Running ones by id, then the others by name. */
function sorted(domains: readonly Domain[]): Domain[] {
  const rank = (it: Domain) => it.live?.id ?? Number.POSITIVE_INFINITY;
  return [...domains].sort((a, b) => (rank(a) === rank(b) ? (a.name < b.name ? -1 : 1) : rank(a) - rank(b)));
}

function list(call: VirshCall) {
  const has = (name: string) => flag(call, `--${name}`);
  const kept = sorted(call.model.domains).filter((it) => {
    const off = it.live === null;
    if (has('persistent') && !it.persistent) return false;
    if (has('transient') && it.persistent) return false;
    if (has('autostart') && !it.autostart) return false;
    if (has('no-autostart') && it.autostart) return false;
    if (has('state-running') || has('state-paused') || has('state-shutoff')) {
      return (
        (has('state-running') && it.state === 'running') ||
        (has('state-paused') && it.state === 'paused') ||
        (has('state-shutoff') && it.state === 'shut off' && (has('all') || has('inactive')))
      );
    }
    if (has('all')) return true;
    return has('inactive') ? off : !off;
  });
  const columns = [
    ...(has('uuid') ? [(it: Domain) => it.uuid] : []),
    ...(has('name') ? [(it: Domain) => it.name] : []),
    ...(has('id') ? [(it: Domain) => String(it.live?.id ?? '-')] : []),
  ];
  if (columns.length > 0) return say(kept.map((it) => `${columns.map((column) => column(it)).join(' ')}\n`).join(''));
  const head = ['Id', 'Name', 'State', ...(has('title') ? ['Title'] : [])];
  return say(
    table(
      head,
      kept.map((it) => [String(it.live?.id ?? '-'), it.name, it.state, ...(has('title') ? [it.facts.title] : [])]),
    ),
  );
}

function dominfo(call: VirshCall, domain: Domain): string {
  const { live } = domain;
  const facts = live?.facts ?? domain.facts;
  const yes = (value: boolean) => (value ? 'yes' : 'no');
  const rows: [string, string][] = [
    ['Id', String(live?.id ?? '-')],
    ['Name', domain.name],
    ['UUID', domain.uuid],
    ['OS Type', 'hvm'],
    ['State', domain.state],
    ['CPU(s)', String(facts.vcpus)],
    ...(live === null
      ? []
      : [['CPU time', `${(cpuTimeNs(live, call.now) / 1e9).toFixed(1)}s`] satisfies [string, string]]),
    ['Max memory', `${facts.memoryKiB} KiB`],
    ['Used memory', `${balloonKiB(domain, call.now)} KiB`],
    ['Persistent', yes(domain.persistent)],
    ['Autostart', domain.autostart ? 'enable' : 'disable'],
    ['Managed save', yes(domain.managedSave)],
    ['Security model', 'none'],
    ['Security DOI', '0'],
  ];
  return rows.map(([key, value]) => `${`${key}:`.padEnd(16)}${value}\n`).join('');
}
