/** Domains started, stopped and changed in their running. */

import { agentAnswers, end, start, startProblem } from '../../model/domains.ts';
import type { Domain } from '../../model/host-model.ts';
import { mintUuid } from '../../model/mint.ts';
import { parseXml, printXml } from '../../model/xml.ts';
import {
  error,
  failedTo,
  flag,
  notRunning,
  onDomain,
  option,
  say,
  type VirshCall,
  type VirshCommand,
} from './command.ts';

export const lifecycleCommands: Readonly<Record<string, VirshCommand>> = {
  start: onDomain({ '--paused': 'flag', '--force-boot': 'flag', '--autodestroy': 'flag' }, (call, domain) => {
    if (domain.live !== null) return error('Domain is already active');
    const problem = startProblem(call.model, domain);
    if (problem !== undefined) return error(failedTo('start', domain), problem);
    start(call.model, domain, call.now, flag(call, '--paused'));
    return say(`Domain '${domain.name}' started\n`);
  }),
  shutdown: onDomain(
    { '--mode': 'value' },
    (call, domain) => {
      const { live } = domain;
      // A guest that is suspended can't shut itself down either.
      if (live === null || domain.state !== 'running') return notRunning(failedTo('shutdown', domain));
      if (option(call, '--mode') === 'agent' && !agentAnswers(domain, call.now))
        return noAgent(failedTo('shutdown', domain));
      if (!domain.guest.ignoresShutdown) live.offAt ??= call.now + domain.guest.shutdownMs;
      return say(`Domain '${domain.name}' is being shutdown\n`);
    },
    ['--mode'],
  ),
  reboot: onDomain(
    { '--mode': 'value' },
    (call, domain) => {
      const { live } = domain;
      if (live === null) return notRunning(failedTo('reboot', domain));
      if (!domain.guest.ignoresShutdown) {
        live.bootId = mintUuid(call.model);
        live.bootedAt = call.now;
      }
      return say(`Domain '${domain.name}' is being rebooted\n`);
    },
    ['--mode'],
  ),
  reset: onDomain({}, (call, domain) => {
    const { live } = domain;
    if (live === null) return notRunning(failedTo('reset', domain));
    live.bootId = mintUuid(call.model);
    live.bootedAt = call.now;
    return say(`Domain '${domain.name}' was reset\n`);
  }),
  destroy: onDomain({ '--graceful': 'flag', '--remove-logs': 'flag' }, (call, domain) => {
    if (domain.live === null) return notRunning(failedTo('destroy', domain));
    end(call.model, domain, 'destroyed', call.now);
    return say(`Domain '${domain.name}' destroyed\n`);
  }),
  suspend: onDomain({}, (_call, domain) => {
    if (domain.live === null) return notRunning(failedTo('suspend', domain));
    domain.state = 'paused';
    domain.reason = 'user';
    return say(`Domain '${domain.name}' suspended\n`);
  }),
  resume: onDomain({}, (_call, domain) => {
    if (domain.live === null) return notRunning(failedTo('resume', domain));
    if (domain.state === 'running')
      return error(failedTo('resume', domain), 'Requested operation is not valid: domain is already running');
    domain.state = 'running';
    domain.reason = 'unpaused';
    return say(`Domain '${domain.name}' resumed\n`);
  }),
  autostart: onDomain({ '--disable': 'flag' }, (call, domain) => {
    const on = !flag(call, '--disable');
    if (!domain.persistent) {
      return error(
        `${on ? 'Failed to mark' : 'Failed to unmark'} domain '${domain.name}' as autostarted`,
        'Requested operation is not valid: cannot set autostart for transient domain',
      );
    }
    domain.autostart = on;
    return say(`Domain '${domain.name}' ${on ? 'marked' : 'unmarked'} as autostarted\n`);
  }),
  domrename: onDomain({ '--new-name': 'value' }, rename, ['--new-name!']),
};

function noAgent(act: string): ReturnType<typeof error> {
  return error(act, 'Guest agent is not responding: QEMU guest agent is not connected');
}

function rename(call: VirshCall, domain: Domain) {
  const name = option(call, '--new-name') ?? '';
  if (domain.live !== null) return error('Requested operation is not valid: cannot rename active domain');
  if (name === domain.name) return error("Requested operation is not valid: Can't rename domain to itself");
  if (name.includes('/')) return error(`XML error: name ${name} cannot contain '/'`);
  const other = call.model.domains.find((it) => it.name === name);
  if (other !== undefined) return error(`operation failed: domain '${name}' already exists with uuid ${other.uuid}`);
  if (domain.managedSave)
    return error('Requested operation is not valid: cannot rename domain with managed save image');
  if (domain.snapshots.length > 0)
    return error('Requested operation is not valid: cannot rename domain with snapshots');
  const xml = parseXml(domain.xml);
  domain.name = name;
  domain.xml = printXml({
    ...xml,
    children: xml.children.map((it) => (it.name === 'name' ? { ...it, text: name } : it)),
  });
  return say('Domain successfully renamed\n');
}
