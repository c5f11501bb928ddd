/** What goes through the guest's agent. */
import { agentAnswers } from '../../model/domains.ts';
import type { Domain, Volume } from '../../model/host-model.ts';
import { volumeAt } from '../../model/lvm.ts';
import type { ToolResult } from '../tool.ts';
import { error, onDomain, option, say, type VirshCall, type VirshCommand } from './command.ts';
import { executed, guestinfo } from './guest.ts';

export const agentCommands: Readonly<Record<string, VirshCommand>> = {
  'qemu-agent-command': onDomain(
    { '--cmd': 'value', '--timeout': 'value' },
    (call, domain) => {
      const silent = silence(call, domain);
      if (silent !== undefined) return error(silent);
      const frozen = domain.live?.frozen === true;
      switch (option(call, '--cmd')?.replaceAll(' ', '')) {
        case '{"execute":"guest-ping"}':
          return say('{"return":{}}\n');
        case '{"execute":"guest-fsfreeze-status"}':
          return say(`{"return":"${frozen ? 'frozen' : 'thawed'}"}\n`);
        default:
          return (
            executed(call, domain) ?? {
              ...error('internal error: unable to execute QEMU agent command'),
              unknown: `agent command ${option(call, '--cmd')}`,
            }
          );
      }
    },
    ['--cmd!'],
  ),
  guestinfo: onDomain({ '--filesystem': 'flag' }, (call, domain) => {
    const silent = silence(call, domain);
    if (silent === undefined) return guestinfo(call, domain);
    // One that is connected and says nothing is no error here.
    return silent === HANGS ? say('\n') : error(silent);
  }),
  'guest-agent-timeout': onDomain({ '--timeout': 'value' }, () => say('\n'), ['--timeout']),
  domfsfreeze: onDomain({}, (call, domain) => {
    const act = 'Unable to freeze filesystems';
    const silent = silence(call, domain);
    if (silent !== undefined || domain.live === null) return error(act, silent ?? NOT_RUNNING);
    if (domain.live.frozen) {
      return error(
        act,
        "internal error: unable to execute QEMU agent command 'guest-fsfreeze-freeze': Command guest-fsfreeze-freeze has been disabled: the agent is in frozen state",
      );
    }
    domain.live.frozen = true;
    return say('Froze 1 filesystem(s)\n');
  }),
  domfstrim: onDomain({}, (call, domain) => {
    const act = 'Unable to invoke fstrim';
    const silent = silence(call, domain);
    if (silent !== undefined || domain.live === null) return error(act, silent ?? NOT_RUNNING);
    if (domain.live.frozen) {
      return error(
        act,
        "internal error: unable to execute QEMU agent command 'guest-fstrim': Command guest-fstrim has been disabled: the agent is in frozen state",
      );
    }
    for (const { source } of domain.live.facts.disks) trim(volumeAt(call.model, source ?? ''));
    return say('');
  }),
  domfsthaw: onDomain({}, (call, domain) => {
    const silent = silence(call, domain);
    if (silent !== undefined || domain.live === null) return error('Unable to thaw filesystems', silent ?? NOT_RUNNING);
    const count = domain.live.frozen ? 1 : 0;
    domain.live.frozen = false;
    return say(`Thawed ${count} filesystem(s)\n`);
  }),
};

/** What the guest has deleted goes back to the pool; what a snapshot shares it keeps. */
function trim(volume: Volume | undefined): void {
  if (volume?.trimmableBytes === undefined) return;
  volume.mappedBytes = Math.max(0, volume.mappedBytes - volume.trimmableBytes);
  volume.ownBytes = Math.max(0, volume.ownBytes - volume.trimmableBytes);
  delete volume.trimmableBytes;
}

const NOT_RUNNING = 'Requested operation is not valid: domain is not running';
const HANGS = 'Guest agent is not responding: Guest agent not available for now';

/** Why the agent says nothing; undefined when it answers. */
function silence(call: VirshCall, domain: Domain): ToolResult['stderr'] | undefined {
  if (domain.live === null || domain.state !== 'running') return NOT_RUNNING;
  if (!domain.live.facts.agentChannel) return 'argument unsupported: QEMU guest agent is not configured';
  if (!agentAnswers(domain, call.now)) return 'Guest agent is not responding: QEMU guest agent is not connected';
  return domain.guest.agentHangs === true ? HANGS : undefined;
}
